// parties.cpp: who may act on an offer, a deployment or a lease.
// Deterministic. Spec: docs/spec/market.md.
#include "modules/market/parties.hpp"

#include <algorithm>
#include <array>

namespace sublet::market {

Result<provider::Provider> require_operator(const ledger::View& view, std::string_view operator_address) {
    std::optional<provider::Provider> found = provider::find_by_operator(view, account::parsed(operator_address));
    if (!found) {
        return fail(Code::kNotOperator, std::string{operator_address} + " is no provider's operator key");
    }
    return std::move(*found);
}

Result<Offer> require_offer(const ledger::View& view, std::string_view operator_address, OfferId id) {
    TRY(provider, require_operator(view, operator_address));
    std::optional<Offer> offer = find_offer(view, id);
    if (!offer) {
        return fail(Code::kOfferUnknown, "there is no offer " + std::to_string(id.value()));
    }
    if (offer->provider != provider.owner) {
        return fail(Code::kNotOfferOwner,
                    "offer " + std::to_string(id.value()) + " belongs to " + crypto::to_bech32(offer->provider));
    }
    return std::move(*offer);
}

Result<Deployment> require_deployment(const ledger::View& view, std::string_view owner, DeploymentId id) {
    std::optional<Deployment> deployment = find_deployment(view, id);
    if (!deployment) {
        return fail(Code::kDeploymentUnknown, "there is no deployment " + std::to_string(id.value()));
    }
    if (deployment->owner != account::parsed(owner)) {
        return fail(Code::kNotDeploymentOwner,
                    "deployment " + std::to_string(id.value()) + " belongs to " + crypto::to_bech32(deployment->owner));
    }
    if (deployment->state == DeploymentState::kClosed) {
        return fail(Code::kDeploymentClosed, "deployment " + std::to_string(id.value()) + " is closed");
    }
    return std::move(*deployment);
}

Result<> require_open(const Lease& lease) {
    if (lease.state == LeaseState::kClosing || lease.state == LeaseState::kClosed) {
        return fail(Code::kLeaseClosed, "lease " + std::to_string(lease.id.value()) + " is over (" +
                                            std::string{to_name(lease.reason)} + ")");
    }
    return {};
}

Result<Lease> require_own_lease(const ledger::View& view, std::string_view operator_address, LeaseId id) {
    TRY(provider, require_operator(view, operator_address));
    std::optional<Lease> lease = find_lease(view, id);
    if (!lease) {
        return fail(Code::kLeaseUnknown, "there is no lease " + std::to_string(id.value()));
    }
    if (lease->provider != provider.owner) {
        return fail(Code::kNotOperator, "lease " + std::to_string(id.value()) + " is with another provider");
    }
    TRY_OK(require_open(*lease));
    return std::move(*lease);
}

Result<> check_terms(const Terms& terms) {
    constexpr std::array<std::uint64_t, 4> kNotices = {0, 30'000, 120'000, 600'000};
    TRY_OK(check_capacity(terms.capacity));
    TRY_OK(check_price(terms.price));
    if (std::ranges::find(kNotices, terms.notice.value()) == kNotices.end()) {
        return fail(Code::kOutOfRange, "notice: 0 s, 30 s, 2 min or 10 min");
    }
    return provider::check_attributes(terms.attributes);
}

Result<> check_commitment(BytesView commitment) {
    if (commitment.size() != 32) {
        return fail(Code::kBadField, "commitment must be the 32 bytes of SHA-256(nonce, manifest hash)");
    }
    return {};
}

}  // namespace sublet::market
