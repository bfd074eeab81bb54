// fields.cpp: checks that registering and updating share.
// Deterministic. Spec: docs/spec/market.md (providers).
#include "modules/provider/fields.hpp"

#include <algorithm>

namespace sublet::provider {

Result<> check_gateway_uri(std::string_view uri) {
    const bool printable = std::ranges::all_of(uri, [](char c) { return c > ' ' && c < '\x7f'; });
    if (!uri.starts_with("https://") || uri.size() <= 8 || uri.size() > kMaxUriBytes || !printable) {
        return fail(Code::kBadField, "gateway_uri must read https://host:port, at most 256 printable characters");
    }
    return {};
}

Result<> check_pin(BytesView pin, std::string_view name) {
    if (pin.size() != 32) {
        return fail(Code::kBadField, std::string{name} + " must be the 32 bytes of a SHA-256 digest");
    }
    return {};
}

Result<> check_operator_free(const View& view, const Address& operator_address, const Address& owner) {
    const std::optional<Provider> other = find_by_operator(view, operator_address);
    if (other && other->owner != owner) {
        return fail(Code::kProviderExists,
                    "the operator key serves another provider, " + crypto::to_bech32(other->owner));
    }
    return {};
}

ledger::Event provider_event(std::string_view fact, const Provider& provider) {
    return {"sublet.provider." + std::string{fact},
            {{"owner", crypto::to_bech32(provider.owner)},
             {"operator", crypto::to_bech32(provider.operator_address)},
             {"gateway_uri", provider.gateway_uri}}};
}

}  // namespace sublet::provider
