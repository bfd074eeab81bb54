// fields.hpp: checks that registering and updating share.
// Deterministic. Spec: docs/spec/market.md (providers).
#pragma once

#include "modules/provider/messages.hpp"

namespace sublet::provider {

// https://host:port, printable, bounded. Errors: kBadField.
Result<> check_gateway_uri(std::string_view uri);
Result<> check_pin(BytesView pin, std::string_view name);
// Nobody else's operator. Errors: kProviderExists.
Result<> check_operator_free(const View& view, const Address& operator_address, const Address& owner);
ledger::Event provider_event(std::string_view fact, const Provider& provider);

}  // namespace sublet::provider
