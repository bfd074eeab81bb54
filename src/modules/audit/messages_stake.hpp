// messages_stake.hpp: the messages of work stakes.
// Deterministic. Spec: docs/spec/audits.md (standing).
#pragma once

#include "ledger/message.hpp"
#include "modules/audit/standing.hpp"

namespace sublet::audit {

using ledger::Block;
using ledger::FeeClass;
using ledger::Ledger;
using ledger::View;

// Locks credits for work: what makes auditors drawn, and results of this owner less often audited. Errors: kBadField,
// kOutOfRange, kProviderUnknown (an owner of no provider), kStakeTooSmall, kInsufficientFunds.
struct MsgStakeWork {
    static constexpr std::string_view kTypeUrl = "/sublet.audit.v1.MsgStakeWork";
    static constexpr std::uint64_t kGas = 60'000;
    static constexpr FeeClass kFeeClass = FeeClass::kPaid;
    std::string owner;
    Amount amount;                     // on top of what is there; zero: the engines change alone
    std::vector<std::string> engines;  // that it audits: at most kMaxEngines, sorted, each once; takes the place of all
    static constexpr auto fields() {
        using codec::field;
        return codec::list(field(1, "owner", &MsgStakeWork::owner), field(2, "amount", &MsgStakeWork::amount),
                           field(3, "engines", &MsgStakeWork::engines));
    }
    [[nodiscard]] const std::string& signer() const { return owner; }
};
Result<> check_static(const MsgStakeWork& message);
Result<> check_state(const MsgStakeWork& message, const View& view, const Block& block);
void apply(const MsgStakeWork& message, Ledger& ledger, const Block& block);

// Takes stake out: it comes back after work_unlock_ms, and can be lost until then. All that leaves, leaves together:
// the time begins anew. Errors: kOutOfRange (more than there is), kStakeTooSmall (what would stay).
struct MsgUnstakeWork {
    static constexpr std::string_view kTypeUrl = "/sublet.audit.v1.MsgUnstakeWork";
    static constexpr std::uint64_t kGas = 60'000;
    static constexpr FeeClass kFeeClass = FeeClass::kPaid;
    std::string owner;
    Amount amount;  // at least 1
    static constexpr auto fields() {
        using codec::field;
        return codec::list(field(1, "owner", &MsgUnstakeWork::owner), field(2, "amount", &MsgUnstakeWork::amount));
    }
    [[nodiscard]] const std::string& signer() const { return owner; }
};
Result<> check_static(const MsgUnstakeWork& message);
Result<> check_state(const MsgUnstakeWork& message, const View& view, const Block& block);
void apply(const MsgUnstakeWork& message, Ledger& ledger, const Block& block);

}  // namespace sublet::audit
