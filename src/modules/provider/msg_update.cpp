// msg_update.cpp: a provider's new address, keys or attributes.
// Deterministic. Spec: docs/spec/market.md (providers).
#include "base/must.hpp"
#include "modules/provider/fields.hpp"

namespace sublet::provider {

Result<> check_static(const MsgUpdate& message) {
    TRY(owner, account::parse(message.owner, "owner"));
    TRY(operator_address, account::parse(message.operator_address, "operator_address"));
    (void)owner;
    (void)operator_address;
    TRY_OK(check_gateway_uri(message.gateway_uri));
    TRY_OK(check_pin(message.tls_pin, "tls_pin"));
    if (!message.next_tls_pin.empty()) {
        TRY_OK(check_pin(message.next_tls_pin, "next_tls_pin"));
    }
    return check_attributes(message.attributes);
}

Result<> check_state(const MsgUpdate& message, const View& view, const Block& /*block*/) {
    const Address owner = account::parsed(message.owner);
    if (!find(view, owner)) {
        return fail(Code::kProviderUnknown, message.owner + " is not registered as a provider");
    }
    return check_operator_free(view, account::parsed(message.operator_address), owner);
}

void apply(const MsgUpdate& message, Ledger& ledger, const Block& /*block*/) {
    Provider provider = must(find(ledger, account::parsed(message.owner)));
    provider.operator_address = account::parsed(message.operator_address);
    provider.gateway_uri = message.gateway_uri;
    provider.tls_pin = *fixed_from<32>(message.tls_pin);
    provider.next_tls_pin = message.next_tls_pin.empty() ? Hash{} : *fixed_from<32>(message.next_tls_pin);
    provider.attributes = message.attributes;
    account::touch(ledger, provider.operator_address);
    save(ledger, provider);
    ledger.emit(provider_event("provider_updated", provider));
}

}  // namespace sublet::provider
