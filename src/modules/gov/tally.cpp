// tally.cpp: the end of a vote.
// Deterministic. Spec: docs/spec/governance.md (counting).
#include <algorithm>

#include "base/must.hpp"
#include "modules/bank/bank.hpp"
#include "modules/gov/keys.hpp"
#include "modules/gov/process.hpp"

namespace sublet::gov {
namespace {

constexpr u128 kThousand = 1'000;

// With the power that the validators have now.
void count(const View& view, Proposal& proposal) {
    for (const stake::Member& each : stake::engine_set(view).members) {
        proposal.total += each.power;
        const auto ballot = std::ranges::find(proposal.ballots, each.operator_address, &Ballot::validator);
        if (ballot != proposal.ballots.end()) {
            std::uint64_t& into = ballot->choice == Choice::kYes  ? proposal.yes
                                  : ballot->choice == Choice::kNo ? proposal.no
                                                                  : proposal.abstain;
            into += each.power;
        }
    }
}

bool was_heard(const Proposal& proposal, const Params& rules) {
    const u128 there = u128{proposal.yes} + proposal.no + proposal.abstain;
    return there * kThousand >= u128{proposal.total} * rules.quorum_permille;
}

bool has_passed(const Proposal& proposal, const Params& rules) {
    const bool most = u128{proposal.yes} * kThousand > (u128{proposal.yes} + proposal.no) * rules.threshold_permille;
    const bool enough = u128{proposal.yes} * kThousand >= u128{proposal.total} * rules.upgrade_yes_permille;
    return proposal.upgrade.empty() ? most : most && enough;
}

// True: it was possible.
bool plan_upgrade(Ledger& ledger, const Proposal& proposal, const Params& rules, const Block& block) {
    const std::optional<Upgrade> planned = plan(ledger);
    if (proposal.upgrade_height.is_zero()) {
        if (!planned || planned->name != proposal.upgrade) {
            return false;
        }
        ledger.erase(plan_key());
        return true;
    }
    const std::vector<Upgrade> done = upgrades_done(ledger);
    if (proposal.upgrade_height < saturating_add(block.height, Height{rules.upgrade_notice_blocks}) ||
        std::ranges::find(done, proposal.upgrade, &Upgrade::name) != done.end()) {
        return false;
    }
    ledger::save(ledger, plan_key(), Upgrade{.name = proposal.upgrade, .height = proposal.upgrade_height});
    return true;
}

bool change_parameters(Ledger& ledger, const Proposal& proposal) {
    const Result<AllParams> after = changed(ledger, proposal.changes);
    if (!after) {
        return false;
    }
    ledger::save(ledger, ledger::params_key(), after->ledger);
    ledger::save(ledger, stake::params_key(), after->stake);
    ledger::save(ledger, params_key(), after->gov);
    return true;
}

ledger::Event decided(const Proposal& proposal) {
    return {"sublet.gov.proposal_decided",
            {{"proposal", std::to_string(proposal.id.value())},
             {"state", std::string{to_name(proposal.state)}},
             {"yes", std::to_string(proposal.yes)},
             {"no", std::to_string(proposal.no)},
             {"abstain", std::to_string(proposal.abstain)},
             {"total", std::to_string(proposal.total)}}};
}

// True: parameters have changed.
bool decide(Ledger& ledger, Proposal proposal, const Params& rules, const Block& block) {
    count(ledger, proposal);
    bool new_parameters = false;
    if (!was_heard(proposal, rules)) {
        proposal.state = ProposalState::kUnheard;
        bank::burn_held(ledger, proposal.deposit, bank::kLet);
    } else {
        bank::release(ledger, proposal.proposer, proposal.deposit, bank::kLet);
        proposal.state = ProposalState::kRejected;
        if (has_passed(proposal, rules)) {
            const bool about_parameters = proposal.upgrade.empty();
            const bool done =
                about_parameters ? change_parameters(ledger, proposal) : plan_upgrade(ledger, proposal, rules, block);
            proposal.state = done ? ProposalState::kPassed : ProposalState::kImpossible;
            new_parameters = done && about_parameters;
        }
    }
    proposal.deposit = Amount{};
    proposal.ballots.clear();
    proposal.decided_at = block.height;
    proposal.leaves_at = after(block.now, Millis{block.params.archive_after_ms});
    ledger.emit(decided(proposal));
    save(ledger, proposal);
    Proposals all = proposals(ledger);
    --all.open;
    save(ledger, all);
    return new_parameters;
}

}  // namespace

bool end_block(Ledger& ledger, const Block& block) {
    constexpr std::size_t kMostAtOnce = 2 * kMaxOpen;
    const Params rules = params(ledger);  // of this block: what one proposal changes holds for no other of it
    bool new_parameters = false;
    for (std::size_t i = 0; i < kMostAtOnce; ++i) {
        Bytes key;
        ledger.visit_index(timers(), timers(), [&](BytesView first, BytesView) {
            key = first;
            return false;
        });
        if (key.empty() || read_be64(BytesView{key}.substr(2)) > block.now.value()) {
            break;
        }
        Proposal proposal = must(find_proposal(ledger, ProposalId{read_be64(BytesView{key}.substr(2 + 8))}));
        if (proposal.state == ProposalState::kVoting) {
            new_parameters = decide(ledger, std::move(proposal), rules, block) || new_parameters;
        } else {
            ledger::replace_index(ledger, index_entries(proposal), {});
            ledger.archive(proposal_key(proposal.id));
        }
    }
    return new_parameters;
}

u128 deposits(const View& view) {
    u128 sum = 0;
    for (const Proposal& each : proposals_after(view, {}, ~std::size_t{0})) {
        sum += each.deposit.value();
    }
    return sum;
}

std::string broken_proposals(const View& view) {
    const std::vector<Proposal> all = proposals_after(view, {}, ~std::size_t{0});
    const auto open = std::ranges::count(all, ProposalState::kVoting, &Proposal::state);
    const bool holds = std::ranges::all_of(all, [](const Proposal& each) {
        return each.state == ProposalState::kVoting || (each.deposit.is_zero() && each.ballots.empty());
    });
    return holds && static_cast<std::uint64_t>(open) == proposals(view).open
               ? ""
               : "proposals that are decided hold deposits, or those that are not are miscounted";
}

}  // namespace sublet::gov
