// msg_close_deployment.cpp: ends everything of a deployment.
// Deterministic. Spec: docs/spec/market.md (deployments and orders).
#include "base/must.hpp"
#include "modules/market/lifecycle.hpp"
#include "modules/market/messages.hpp"
#include "modules/market/parties.hpp"

namespace sublet::market {

Result<> check_static(const MsgCloseDeployment& message) {
    TRY(owner, account::parse(message.owner, "owner"));
    (void)owner;
    return {};
}

Result<> check_state(const MsgCloseDeployment& message, const View& view, const Block& /*block*/) {
    TRY(deployment, require_deployment(view, message.owner, message.deployment));
    (void)deployment;
    return {};
}

void apply(const MsgCloseDeployment& message, Ledger& ledger, const Block& block) {
    close_deployment(ledger, must(find_deployment(ledger, message.deployment)), block);
}

}  // namespace sublet::market
