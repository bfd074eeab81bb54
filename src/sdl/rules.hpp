// rules.hpp: the rules that tie the sections of a deployment file together.
// Spec: docs/spec/deployment-files.md (cross-references).
#pragma once

#include "sdl/grammar.hpp"

namespace sublet::sdl {

// Works on files of any structure, so that broken structure and broken references are reported together.
void check_references(Checker& checker, const Node& root);

}  // namespace sublet::sdl
