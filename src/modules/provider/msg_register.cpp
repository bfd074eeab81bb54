// msg_register.cpp: a new provider with its machines.
// Deterministic. Spec: docs/spec/market.md (providers).
#include <algorithm>

#include "modules/provider/fields.hpp"

namespace sublet::provider {

Result<> check_static(const MsgRegister& message) {
    TRY(owner, account::parse(message.owner, "owner"));
    TRY(operator_address, account::parse(message.operator_address, "operator_address"));
    (void)owner;
    (void)operator_address;
    TRY_OK(check_gateway_uri(message.gateway_uri));
    TRY_OK(check_pin(message.tls_pin, "tls_pin"));
    TRY_OK(check_attributes(message.attributes));
    if (message.machines.empty() || message.machines.size() > kMaxMachines) {
        return fail(Code::kBadField, "machines: 1 to 16 names are expected");
    }
    for (const std::string& name : message.machines) {
        if (name.empty() || name.size() > 64 || std::ranges::count(message.machines, name) != 1) {
            return fail(Code::kBadField, "machines: names have 1 to 64 bytes and differ");
        }
    }
    return {};
}

Result<> check_state(const MsgRegister& message, const View& view, const Block& /*block*/) {
    const Address owner = account::parsed(message.owner);
    if (find(view, owner)) {
        return fail(Code::kProviderExists, message.owner + " is a provider already; update it instead");
    }
    return check_operator_free(view, account::parsed(message.operator_address), owner);
}

void apply(const MsgRegister& message, Ledger& ledger, const Block& block) {
    Provider provider;
    provider.owner = account::parsed(message.owner);
    provider.operator_address = account::parsed(message.operator_address);
    provider.gateway_uri = message.gateway_uri;
    provider.tls_pin = *fixed_from<32>(message.tls_pin);
    provider.attributes = message.attributes;
    for (const std::string& name : message.machines) {
        Machine machine;
        machine.name = name;
        provider.machines.push_back(std::move(machine));
    }
    provider.registered_at = block.now;
    // The operator signs from now on and must be able to: it needs an account even before it is paid anything.
    account::touch(ledger, provider.operator_address);
    save(ledger, provider);
    ledger.emit(provider_event("provider_registered", provider));
}

}  // namespace sublet::provider
