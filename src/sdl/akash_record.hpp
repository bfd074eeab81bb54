// akash_record.hpp: a verdict in the shape in which Akash's own compiler's answers are recorded, for `sdl check
// --akash-json`. Spec: docs/spec/deployment-files.md (agreement with the official compiler).
#pragma once

#include <expected>
#include <string>
#include <vector>

#include "sdl/manifest.hpp"

namespace sublet::sdl {

// The groups as Akash's group specs: sorted keys, empty lists null.
Bytes groups_json(const std::vector<Group>& groups);

// One JSON object: {file, status: ok | invalid | yaml-error, and groupSpecs + manifest + version | errors | error}.
Bytes akash_record(const std::string& file, const std::expected<Deployment, std::vector<Finding>>& verdict);

}  // namespace sublet::sdl
