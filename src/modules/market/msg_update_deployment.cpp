// msg_update_deployment.cpp: commits to another manifest for the same resources.
// Deterministic. Spec: docs/spec/market.md (deployments and orders).
#include "base/must.hpp"
#include "modules/market/lifecycle.hpp"
#include "modules/market/messages.hpp"
#include "modules/market/parties.hpp"

namespace sublet::market {

Result<> check_static(const MsgUpdateDeployment& message) {
    TRY(owner, account::parse(message.owner, "owner"));
    (void)owner;
    return check_commitment(message.commitment);
}

Result<> check_state(const MsgUpdateDeployment& message, const View& view, const Block& /*block*/) {
    TRY(deployment, require_deployment(view, message.owner, message.deployment));
    if (view_of(deployment.commitment) == message.commitment) {
        return fail(Code::kManifestUnchanged,
                    "deployment " + std::to_string(message.deployment.value()) + " has that manifest already");
    }
    return {};
}

void apply(const MsgUpdateDeployment& message, Ledger& ledger, const Block& /*block*/) {
    Deployment deployment = must(find_deployment(ledger, message.deployment));
    deployment.commitment = *fixed_from<32>(message.commitment);
    save(ledger, deployment);
    ledger.emit(deployment_event("deployment_updated", deployment));
}

}  // namespace sublet::market
