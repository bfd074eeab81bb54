// msg_end_lease.cpp: the provider ends a lease and says why (T8).
// Deterministic. Spec: docs/spec/market.md (leases).
#include "base/must.hpp"
#include "modules/market/lifecycle.hpp"
#include "modules/market/messages.hpp"
#include "modules/market/parties.hpp"

namespace sublet::market {
namespace {

bool before_start_only(CloseReason reason) {
    return reason == CloseReason::kNoManifest || reason == CloseReason::kImageFailed;
}

Party caused_by(CloseReason reason) {
    return before_start_only(reason) || reason == CloseReason::kUnstable ? Party::kTenant : Party::kProvider;
}

}  // namespace

Result<> check_static(const MsgEndLease& message) {
    TRY(operator_address, account::parse(message.operator_address, "operator_address"));
    (void)operator_address;
    const bool known = before_start_only(message.reason) || message.reason == CloseReason::kUnstable ||
                       message.reason == CloseReason::kDecommission || message.reason == CloseReason::kProviderFault;
    if (!known) {
        return fail(Code::kReasonNotAllowed,
                    "a provider ends a lease with no_manifest, image_failed, unstable, "
                    "decommission or provider_fault");
    }
    return {};
}

Result<> check_state(const MsgEndLease& message, const View& view, const Block& block) {
    TRY(lease, require_own_lease(view, message.operator_address, message.lease));
    if (before_start_only(message.reason) && lease.state != LeaseState::kAssigned) {
        return fail(Code::kReasonNotAllowed, "lease " + std::to_string(lease.id.value()) + " has started: " +
                                                 std::string{to_name(message.reason)} + " is no reason any more");
    }
    if (message.reason == CloseReason::kUnstable && lease.state == LeaseState::kAssigned) {
        return fail(Code::kReasonNotAllowed, "lease " + std::to_string(lease.id.value()) + " has not started yet");
    }
    if (message.reason == CloseReason::kNoManifest &&
        since(lease.created_at, block.now).value() < block.params.no_manifest_after_ms) {
        return fail(Code::kTooEarly, "a tenant has " + std::to_string(block.params.no_manifest_after_ms / 1000) +
                                         " s to send its manifest");
    }
    return {};
}

void apply(const MsgEndLease& message, Ledger& ledger, const Block& block) {
    begin_close(ledger, must(find_lease(ledger, message.lease)), {message.reason, caused_by(message.reason)}, block);
}

}  // namespace sublet::market
