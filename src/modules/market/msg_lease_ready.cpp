// msg_lease_ready.cpp: the workload runs; billing starts, or starts again.
// Deterministic. Spec: docs/spec/market.md (leases).
#include "base/must.hpp"
#include "modules/market/lifecycle.hpp"
#include "modules/market/messages.hpp"
#include "modules/market/parties.hpp"

namespace sublet::market {

Result<> check_static(const MsgLeaseReady& message) {
    TRY(operator_address, account::parse(message.operator_address, "operator_address"));
    (void)operator_address;
    return {};
}

Result<> check_state(const MsgLeaseReady& message, const View& view, const Block& /*block*/) {
    TRY(lease, require_own_lease(view, message.operator_address, message.lease));
    if (lease.state == LeaseState::kRunning) {
        return fail(Code::kLeaseNotAssigned, "lease " + std::to_string(lease.id.value()) + " is running already");
    }
    if (lease.state == LeaseState::kPaused && lease.start_by == LedgerTime{}) {
        return fail(Code::kLeaseNotFunded, "lease " + std::to_string(lease.id.value()) + " waits for a top-up");
    }
    return {};
}

void apply(const MsgLeaseReady& message, Ledger& ledger, const Block& block) {
    Lease lease = must(find_lease(ledger, message.lease));
    const provider::Provider provider = must(provider::find(ledger, lease.provider));
    escrow::start(lease.account, provider::machine_clock(provider, lease.machine));
    if (lease.ready_at == LedgerTime{}) {
        lease.ready_at = block.now;
    }
    lease.state = LeaseState::kRunning;
    lease.start_by = LedgerTime{};
    save(ledger, lease);
    ledger.emit(lease_event("lease_running", lease));
}

}  // namespace sublet::market
