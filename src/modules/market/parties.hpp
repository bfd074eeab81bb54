// parties.hpp: who may act on an offer, a deployment or a lease; checks that several messages share.
// Deterministic. Spec: docs/spec/market.md.
#pragma once

#include "ledger/message.hpp"
#include "modules/market/lease.hpp"

namespace sublet::market {

// Each answers the record or the code that its message documents.
Result<provider::Provider> require_operator(const ledger::View& view, std::string_view operator_address);
Result<Offer> require_offer(const ledger::View& view, std::string_view operator_address, OfferId id);
Result<Deployment> require_deployment(const ledger::View& view, std::string_view owner, DeploymentId id);
// A lease of the operator's provider that is not over.
Result<Lease> require_own_lease(const ledger::View& view, std::string_view operator_address, LeaseId id);
Result<> require_open(const Lease& lease);
// Terms that posting and updating share.
struct Terms {
    const Capacity& capacity;
    const PriceVector& price;
    Millis notice;
    const std::vector<provider::Attribute>& attributes;
};
Result<> check_terms(const Terms& terms);
Result<> check_commitment(BytesView commitment);

}  // namespace sublet::market
