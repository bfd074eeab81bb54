// msg_vote.cpp: a validator votes.
// Deterministic. Spec: docs/spec/governance.md (votes).
#include <algorithm>

#include "base/must.hpp"
#include "modules/gov/messages.hpp"
#include "modules/gov/process.hpp"

namespace sublet::gov {
namespace {

bool is_in(const stake::EngineSet& set, const Address& operator_address) {
    return std::ranges::find(set.members, operator_address, &stake::Member::operator_address) != set.members.end();
}

}  // namespace

Result<> check_static(const MsgVote& message) {
    TRY(voter, account::parse(message.voter, "voter"));
    (void)voter;
    return {};
}

Result<> check_state(const MsgVote& message, const View& view, const Block& /*block*/) {
    const std::optional<Proposal> proposal = find_proposal(view, message.proposal);
    if (!proposal) {
        return fail(Code::kProposalUnknown, "there is no proposal " + std::to_string(message.proposal.value()));
    }
    if (proposal->state != ProposalState::kVoting) {
        return fail(Code::kVotingOver, "proposal " + std::to_string(message.proposal.value()) + " is " +
                                           std::string{to_name(proposal->state)});
    }
    return is_in(stake::engine_set(view), account::parsed(message.voter))
               ? Result<>{}
               : fail(Code::kNoVote, message.voter + " operates no validator of the engine's set: validators vote");
}

void apply(const MsgVote& message, Ledger& ledger, const Block& /*block*/) {
    Proposal proposal = must(find_proposal(ledger, message.proposal));
    const Address voter = account::parsed(message.voter);
    // So there are never more ballots than the set has members.
    const stake::EngineSet set = stake::engine_set(ledger);
    std::erase_if(proposal.ballots,
                  [&](const Ballot& each) { return each.validator == voter || !is_in(set, each.validator); });
    proposal.ballots.push_back({voter, message.choice});
    save(ledger, proposal);
    ledger.emit({"sublet.gov.voted",
                 {{"proposal", std::to_string(message.proposal.value())},
                  {"voter", message.voter},
                  {"choice", std::string{to_name(message.choice)}}}});
}

}  // namespace sublet::gov
