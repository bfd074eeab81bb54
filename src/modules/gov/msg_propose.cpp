// msg_propose.cpp: something is put to the vote.
// Deterministic. Spec: docs/spec/governance.md (proposals).
#include <algorithm>
#include <set>

#include "modules/bank/bank.hpp"
#include "modules/gov/messages.hpp"
#include "modules/gov/process.hpp"

namespace sublet::gov {
namespace {

bool is_upgrade_name(std::string_view name) {
    return !name.empty() && name.size() <= kMaxUpgradeBytes && std::ranges::all_of(name, [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '.';
    });
}

bool decides(const View& view, const Address& operator_address) {
    const stake::EngineSet set = stake::engine_set(view);
    return std::ranges::find(set.members, operator_address, &stake::Member::operator_address) != set.members.end();
}

Result<> check_upgrade(const MsgPropose& message, const View& view, const Block& block) {
    for (const Upgrade& each : upgrades_done(view)) {
        if (each.name == message.upgrade) {
            return fail(Code::kOutOfRange,
                        "upgrade: '" + each.name + "' was done at block " + std::to_string(each.height.value()));
        }
    }
    const bool too_soon = message.upgrade_height <= block.height;
    return too_soon && !message.upgrade_height.is_zero()
               ? fail(Code::kOutOfRange, "upgrade_height: block " + std::to_string(block.height.value()) + " is there")
               : Result<>{};
}

}  // namespace

Result<> check_static(const MsgPropose& message) {
    TRY(proposer, account::parse(message.proposer, "proposer"));
    (void)proposer;
    const bool plain =
        std::ranges::none_of(message.title, [](char c) { return static_cast<unsigned char>(c) < ' ' || c == 127; });
    if (message.title.empty() || message.title.size() > kMaxTitleBytes || !plain) {
        return fail(Code::kBadField, "title: 1 to 140 bytes of text without control characters");
    }
    if (message.changes.empty() == message.upgrade.empty() || message.changes.size() > kMaxChanges) {
        return fail(Code::kBadField, "a proposal has 1 to 16 changes of parameters, or an upgrade");
    }
    std::set<std::string> names;
    for (const Change& each : message.changes) {
        if (!names.insert(each.name).second) {
            return fail(Code::kBadField, "changes: " + each.name + " is there twice");
        }
    }
    if (message.upgrade.empty() ? !message.upgrade_height.is_zero() : !is_upgrade_name(message.upgrade)) {
        return fail(Code::kBadField, "upgrade: 1 to 32 of a to z, 0 to 9, - and .; a height belongs to one");
    }
    return {};
}

Result<> check_state(const MsgPropose& message, const View& view, const Block& block) {
    if (!stake::has_validators(view)) {
        return fail(Code::kNoValidators, "this network has no validators who could vote");
    }
    const std::size_t open = proposals(view).open;
    if (open >= kMaxOpen) {
        return fail(Code::kTooManyProposals, "16 proposals are being voted on: wait for one to end");
    }
    if (open >= kMaxOpen - kKeptForValidators && !decides(view, account::parsed(message.proposer))) {
        return fail(Code::kTooManyProposals,
                    "12 proposals are being voted on: the last four places are for operators of validators in the set");
    }
    if (message.upgrade.empty()) {
        TRY(after, changed(view, message.changes));
        (void)after;
    } else {
        TRY_OK(check_upgrade(message, view, block));
    }
    return bank::require(view, account::parsed(message.proposer), params(view).proposal_deposit, bank::kLet);
}

void apply(const MsgPropose& message, Ledger& ledger, const Block& block) {
    const Params rules = params(ledger);
    Proposals all = proposals(ledger);
    all.last = ProposalId{all.last.value() + 1};
    ++all.open;
    save(ledger, all);
    Proposal proposal;
    proposal.id = all.last;
    proposal.proposer = account::parsed(message.proposer);
    proposal.title = message.title;
    proposal.changes = message.changes;
    proposal.upgrade = message.upgrade;
    proposal.upgrade_height = message.upgrade_height;
    proposal.deposit = rules.proposal_deposit;
    proposal.voting_ends = after(block.now, Millis{rules.voting_ms});
    bank::hold(ledger, proposal.proposer, proposal.deposit, bank::kLet);
    save(ledger, proposal);
    ledger.emit({"sublet.gov.proposed",
                 {{"proposal", std::to_string(proposal.id.value())},
                  {"proposer", message.proposer},
                  {"title", message.title},
                  {"voting_ends", std::to_string(proposal.voting_ends.value())}}});
}

}  // namespace sublet::gov
