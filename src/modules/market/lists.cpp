// lists.cpp: lists of objects by owner, from the index.
// Deterministic. Spec: docs/spec/transactions.md (queries).
#include "modules/ids_under.hpp"
#include "modules/market/market.hpp"

namespace sublet::market {
std::vector<DeploymentId> deployments_of(const ledger::View& view, const Address& owner, DeploymentId after,
                                         std::size_t limit) {
    return keys::ids_under<DeploymentId>(view, keys::with(keys::table(5, 2), owner), after.value(), limit);
}

std::vector<LeaseId> leases_of_tenant(const ledger::View& view, const Address& tenant, LeaseId after,
                                      std::size_t limit) {
    return keys::ids_under<LeaseId>(view, keys::with(keys::table(5, 3), tenant), after.value(), limit);
}

std::vector<LeaseId> leases_of_provider(const ledger::View& view, const Address& owner, LeaseId after,
                                        std::size_t limit) {
    return keys::ids_under<LeaseId>(view, keys::with(keys::table(5, 4), owner), after.value(), limit);
}

std::vector<OfferId> offers_of_provider(const ledger::View& view, const Address& owner) {
    return keys::ids_under<OfferId>(view, keys::with(keys::table(5, 1), owner), 0, kMaxOffersPerProvider);
}

std::vector<OfferId> all_offers(const ledger::View& view, OfferId after, std::size_t limit) {
    std::vector<OfferId> ids;
    if (after.value() == ~std::uint64_t{0} || limit == 0) {
        return ids;
    }
    view.visit(offer_prefix(), offer_key(OfferId{after.value() + 1}), [&](BytesView key, BytesView) {
        ids.push_back(OfferId{read_be64(key.substr(2))});
        return ids.size() < limit;
    });
    return ids;
}

std::vector<provider::Provider> all_providers(const ledger::View& view, std::size_t limit) {
    std::vector<provider::Provider> providers;
    view.visit(provider::provider_prefix(), provider::provider_prefix(), [&](BytesView, BytesView value) {
        Result<provider::Provider> provider = codec::decode<provider::Provider>(value);
        SUBLET_ASSERT(provider.has_value());
        providers.push_back(std::move(*provider));
        return providers.size() < limit;
    });
    return providers;
}

}  // namespace sublet::market
