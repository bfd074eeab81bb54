// compile_parts.hpp: one section of a checked tree as plain values.
// Spec: docs/spec/deployment-files.md (what it compiles to).
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "sdl/manifest.hpp"
#include "sdl/node.hpp"

namespace sublet::sdl {

using EndpointNumbers = std::map<std::string, std::uint32_t>;  // endpoint name → sequence number

Group read_requirements(const std::string& name, const Node& placement);
Resources read_resources(const Node& resources);  // without id and endpoints
Service read_service(const std::string& name, const Node& service,
                     const EndpointNumbers& numbers);  // without count and resources
std::vector<Endpoint> endpoints_of(const Node& service, const EndpointNumbers& numbers);

}  // namespace sublet::sdl
