// lease_view.hpp: what tenants and the owner are told, as JSON. Spec: docs/spec/gateway.md.
#pragma once

#include <string>

#include "agent/core.hpp"
#include "net/http.hpp"

namespace sublet::agent {

// {lease, state, services: [{name, replicas_ready, replicas, image, state, uris, ports, last_error}], message}
std::string lease_json(Core& core, const market::Lease& lease);
// {provider, machine, up, offer, capacity, free, gateway}: open to everybody.
std::string machine_json(const Core& core);
// The same with leases, heartbeats and the engine: for the owner.
std::string owner_json(Core& core);
// {earned, paid, leases: [{lease, state, rate, earned, paid}]}; amounts are decimal strings of ucredit.
std::string earnings_json(const Core& core);
std::string event_json(const StoredEvent& event);
// {"error","hint"}
std::string error_json(const std::string& error, const std::string& hint);
// The answer that carries one of these.
net::Response json_response(unsigned status, Bytes body);

}  // namespace sublet::agent
