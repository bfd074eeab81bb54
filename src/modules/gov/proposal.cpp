// proposal.cpp: proposals in state and index, the parameters of votes.
// Deterministic. Spec: docs/spec/governance.md.
#include "modules/gov/proposal.hpp"

#include "modules/gov/keys.hpp"

namespace sublet::gov {
namespace {

Bytes counters_key() { return keys::table(kModule, 2); }

}  // namespace

Bytes params_key() { return keys::table(kModule, 1); }
Params params(const ledger::View& view) { return ledger::load<Params>(view, params_key()).value_or(Params{}); }

Result<> check(const Params& params) {
    constexpr std::uint64_t kThousand = 1'000;
    if (params.version != 1 || params.voting_ms == 0 || params.quorum_permille == 0) {
        return fail(Code::kBadField, "version is 1; voting_ms and quorum_permille are not zero");
    }
    if (params.quorum_permille > kThousand || params.threshold_permille < kThousand / 2 ||
        params.threshold_permille >= kThousand || params.upgrade_yes_permille <= kThousand / 2 ||
        params.upgrade_yes_permille > kThousand) {
        return fail(
            Code::kBadField,
            "quorum_permille is at most 1,000, threshold_permille 500 to 999, upgrade_yes_permille 501 to 1,000");
    }
    return {};
}

bool valid(Choice choice) { return choice >= Choice::kYes && choice <= Choice::kAbstain; }
std::string_view to_name(Choice choice) {
    switch (choice) {
        case Choice::kYes:
            return "yes";
        case Choice::kNo:
            return "no";
        case Choice::kAbstain:
            return "abstain";
    }
    return "unknown";
}

bool valid(ProposalState state) { return state >= ProposalState::kVoting && state <= ProposalState::kImpossible; }
std::string_view to_name(ProposalState state) {
    switch (state) {
        case ProposalState::kVoting:
            return "voting";
        case ProposalState::kPassed:
            return "passed";
        case ProposalState::kRejected:
            return "rejected";
        case ProposalState::kUnheard:
            return "unheard";
        case ProposalState::kImpossible:
            return "impossible";
    }
    return "unknown";
}

Bytes proposal_prefix() { return keys::table(kModule, 3); }
Bytes proposal_key(ProposalId id) { return keys::with(proposal_prefix(), id.value()); }

std::optional<Proposal> find_proposal(const ledger::View& view, ProposalId id) {
    return ledger::load<Proposal>(view, proposal_key(id));
}

ledger::IndexEntries index_entries(const Proposal& proposal) {
    ledger::IndexEntries entries;
    const bool open = proposal.state == ProposalState::kVoting;
    entries.emplace(timer(open ? proposal.voting_ends : proposal.leaves_at, proposal.id), "1");
    return entries;
}

void save(ledger::Ledger& ledger, const Proposal& proposal) {
    const std::optional<Proposal> before = find_proposal(ledger, proposal.id);
    ledger::save(ledger, proposal_key(proposal.id), proposal);
    ledger::replace_index(ledger, before ? index_entries(*before) : ledger::IndexEntries{}, index_entries(proposal));
}

Proposals proposals(const ledger::View& view) {
    return ledger::load<Proposals>(view, counters_key()).value_or(Proposals{});
}
void save(ledger::Ledger& ledger, const Proposals& proposals) { ledger::save(ledger, counters_key(), proposals); }

std::vector<Proposal> proposals_after(const ledger::View& view, ProposalId after, std::size_t most) {
    std::vector<Proposal> out;
    if (after.value() == ~std::uint64_t{0}) {
        return out;
    }
    view.visit(proposal_prefix(), proposal_key(ProposalId{after.value() + 1}), [&](BytesView, BytesView value) {
        out.push_back(*codec::decode<Proposal>(value));
        return out.size() < most;
    });
    return out;
}

}  // namespace sublet::gov
