// compile_parts.hpp: one section of a checked tree as plain values.
// Spec: docs/spec/deployment-files.md (what it compiles to).
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "sdl/grammar.hpp"
#include "sdl/manifest.hpp"
#include "sdl/node.hpp"

namespace sublet::sdl {

using EndpointNumbers = std::map<std::string, std::uint32_t>;  // endpoint name → sequence number

// Nothing above the largest: officially such numbers are foreign.
std::uint32_t u32_of(double value);

// What the official compiler prints instead of our number, if that differs: in texts, and as a number of JSON.
ForeignNumber foreign(double official, std::uint64_t ours);
ForeignNumber foreign_json(double official, std::uint64_t ours);

Group read_requirements(const std::string& name, const Node& placement);
Resources read_resources(const Node& resources, Rules rules);  // without id and endpoints
Service read_service(const std::string& name, const Node& service,
                     const EndpointNumbers& numbers);  // without count and resources
std::vector<Endpoint> endpoints_of(const Node& service, const EndpointNumbers& numbers);

}  // namespace sublet::sdl
