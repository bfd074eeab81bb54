// msg_close_lease.cpp: the tenant ends one lease.
// Deterministic. Spec: docs/spec/market.md (leases).
#include "base/must.hpp"
#include "modules/market/lifecycle.hpp"
#include "modules/market/messages.hpp"
#include "modules/market/parties.hpp"

namespace sublet::market {

Result<> check_static(const MsgCloseLease& message) {
    TRY(tenant, account::parse(message.tenant, "tenant"));
    (void)tenant;
    return {};
}

Result<> check_state(const MsgCloseLease& message, const View& view, const Block& /*block*/) {
    const std::optional<Lease> lease = find_lease(view, message.lease);
    if (!lease) {
        return fail(Code::kLeaseUnknown, "there is no lease " + std::to_string(message.lease.value()));
    }
    if (lease->tenant != account::parsed(message.tenant)) {
        return fail(Code::kNotLeaseParty, "lease " + std::to_string(message.lease.value()) + " is another tenant's");
    }
    return require_open(*lease);
}

void apply(const MsgCloseLease& message, Ledger& ledger, const Block& block) {
    begin_close(ledger, must(find_lease(ledger, message.lease)), {CloseReason::kTenant, Party::kTenant}, block);
}

}  // namespace sublet::market
