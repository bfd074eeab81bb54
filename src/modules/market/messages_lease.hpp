// messages_lease.hpp: the messages of leases: ready, close, end, withdraw.
// Deterministic. Spec: docs/spec/market.md.
#pragma once

#include "ledger/message.hpp"
#include "modules/market/lease.hpp"

namespace sublet::market {

using ledger::Block;
using ledger::FeeClass;
using ledger::Ledger;
using ledger::View;

// The workload runs: billing starts, or starts again after a paid pause. Errors: kLeaseUnknown, kNotOperator,
// kLeaseNotAssigned, kLeaseNotFunded.
struct MsgLeaseReady {
    static constexpr std::string_view kTypeUrl = "/sublet.market.v1.MsgLeaseReady";
    static constexpr std::uint64_t kGas = 40'000;
    static constexpr FeeClass kFeeClass = FeeClass::kFreeForOperator;
    std::string operator_address;
    LeaseId lease;
    static constexpr auto fields() {
        using codec::field;
        return codec::list(field(1, "operator_address", &MsgLeaseReady::operator_address),
                           field(2, "lease", &MsgLeaseReady::lease));
    }
    [[nodiscard]] const std::string& signer() const { return operator_address; }
};
Result<> check_static(const MsgLeaseReady& message);
Result<> check_state(const MsgLeaseReady& message, const View& view, const Block& block);
void apply(const MsgLeaseReady& message, Ledger& ledger, const Block& block);

// The tenant ends a lease. Errors: kLeaseUnknown, kNotLeaseParty, kLeaseClosed.
struct MsgCloseLease {
    static constexpr std::string_view kTypeUrl = "/sublet.market.v1.MsgCloseLease";
    static constexpr std::uint64_t kGas = 50'000;
    static constexpr FeeClass kFeeClass = FeeClass::kPaid;
    std::string tenant;
    LeaseId lease;
    static constexpr auto fields() {
        using codec::field;
        return codec::list(field(1, "tenant", &MsgCloseLease::tenant), field(2, "lease", &MsgCloseLease::lease));
    }
    [[nodiscard]] const std::string& signer() const { return tenant; }
};
Result<> check_static(const MsgCloseLease& message);
Result<> check_state(const MsgCloseLease& message, const View& view, const Block& block);
void apply(const MsgCloseLease& message, Ledger& ledger, const Block& block);

// The provider ends a lease and says why. Errors: kLeaseUnknown, kNotOperator, kLeaseClosed, kReasonNotAllowed (the
// reason does not fit the state), kTooEarly (no_manifest before params.no_manifest_after_ms).
struct MsgEndLease {
    static constexpr std::string_view kTypeUrl = "/sublet.market.v1.MsgEndLease";
    static constexpr std::uint64_t kGas = 50'000;
    static constexpr FeeClass kFeeClass = FeeClass::kFreeForOperator;
    std::string operator_address;
    LeaseId lease;
    CloseReason reason = CloseReason::kNone;  // no_manifest, image_failed, unstable, decommission or provider_fault
    static constexpr auto fields() {
        using codec::field;
        return codec::list(field(1, "operator_address", &MsgEndLease::operator_address),
                           field(2, "lease", &MsgEndLease::lease), field(3, "reason", &MsgEndLease::reason));
    }
    [[nodiscard]] const std::string& signer() const { return operator_address; }
};
Result<> check_static(const MsgEndLease& message);
Result<> check_state(const MsgEndLease& message, const View& view, const Block& block);
void apply(const MsgEndLease& message, Ledger& ledger, const Block& block);

// Pays the provider's owner what is older than params.hold_window_ms (T9). Errors: kLeaseUnknown, kNotOperator,
// kNothingToWithdraw.
struct MsgWithdraw {
    static constexpr std::string_view kTypeUrl = "/sublet.market.v1.MsgWithdraw";
    static constexpr std::uint64_t kGas = 40'000;
    static constexpr FeeClass kFeeClass = FeeClass::kFreeForOperator;
    std::string operator_address;
    std::vector<LeaseId> leases;  // 1..64, ascending
    static constexpr auto fields() {
        using codec::field;
        return codec::list(field(1, "operator_address", &MsgWithdraw::operator_address),
                           field(2, "leases", &MsgWithdraw::leases));
    }
    [[nodiscard]] const std::string& signer() const { return operator_address; }
};
Result<> check_static(const MsgWithdraw& message);
Result<> check_state(const MsgWithdraw& message, const View& view, const Block& block);
void apply(const MsgWithdraw& message, Ledger& ledger, const Block& block);

}  // namespace sublet::market
