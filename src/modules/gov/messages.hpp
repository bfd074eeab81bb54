// messages.hpp: the messages of governance.
// Deterministic. Spec: docs/spec/governance.md.
#pragma once

#include "ledger/message.hpp"
#include "modules/gov/proposal.hpp"

namespace sublet::gov {

using ledger::Block;
using ledger::FeeClass;
using ledger::Ledger;
using ledger::View;

// Puts changes of parameters, or an upgrade, to the vote of validators, with a deposit that anybody may give. Errors:
// kBadField, kNoValidators, kTooManyProposals, kUnknownParameter, kOutOfRange (an upgrade too soon),
// kInsufficientFunds.
struct MsgPropose {
    static constexpr std::string_view kTypeUrl = "/sublet.gov.v1.MsgPropose";
    static constexpr std::uint64_t kGas = 200'000;
    static constexpr FeeClass kFeeClass = FeeClass::kPaid;
    std::string proposer;
    std::string title;            // for people: 1 to 140 bytes
    std::vector<Change> changes;  // 1 to 16, each name once; none: an upgrade
    std::string upgrade;          // 1 to 32 of a–z, 0–9, - and .; empty: parameters
    Height upgrade_height;        // the first block of the new rules; zero: the planned upgrade of that name is off
    static constexpr auto fields() {
        using codec::field;
        return codec::list(field(1, "proposer", &MsgPropose::proposer), field(2, "title", &MsgPropose::title),
                           field(3, "changes", &MsgPropose::changes), field(4, "upgrade", &MsgPropose::upgrade),
                           field(5, "upgrade_height", &MsgPropose::upgrade_height));
    }
    [[nodiscard]] const std::string& signer() const { return proposer; }
};

// A validator's vote, by its operator; the last one counts, with the power that it has when the vote ends. Errors:
// kOutOfRange, kProposalUnknown, kVotingOver, kNoVote.
struct MsgVote {
    static constexpr std::string_view kTypeUrl = "/sublet.gov.v1.MsgVote";
    static constexpr std::uint64_t kGas = 80'000;
    static constexpr FeeClass kFeeClass = FeeClass::kPaid;
    std::string voter;
    ProposalId proposal;
    Choice choice = Choice::kYes;
    static constexpr auto fields() {
        using codec::field;
        return codec::list(field(1, "voter", &MsgVote::voter), field(2, "proposal", &MsgVote::proposal),
                           field(3, "choice", &MsgVote::choice));
    }
    [[nodiscard]] const std::string& signer() const { return voter; }
};

Result<> check_static(const MsgPropose& message);
Result<> check_state(const MsgPropose& message, const View& view, const Block& block);
void apply(const MsgPropose& message, Ledger& ledger, const Block& block);
Result<> check_static(const MsgVote& message);
Result<> check_state(const MsgVote& message, const View& view, const Block& block);
void apply(const MsgVote& message, Ledger& ledger, const Block& block);

}  // namespace sublet::gov
