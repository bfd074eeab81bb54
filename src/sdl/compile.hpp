// compile.hpp: from a checked tree to groups and manifest.
// Spec: docs/spec/deployment-files.md (what it compiles to).
#pragma once

#include "sdl/grammar.hpp"

namespace sublet::sdl {

// The tree must have passed check_structure and check_references without a finding. Notes go to the report.
Deployment compile(Report& report, const Node& root);

}  // namespace sublet::sdl
