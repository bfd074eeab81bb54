// compile.hpp: from a checked tree to groups and manifest.
// Spec: docs/spec/deployment-files.md (what it compiles to).
#pragma once

#include "sdl/grammar.hpp"

namespace sublet::sdl {

// The tree must have passed check_structure and check_references without a finding. Notes go to the report.
// The tree has passed every check. With the official rules numbers may be foreign (resources.hpp).
Deployment compile(Report& report, const Node& root, Rules rules);

}  // namespace sublet::sdl
