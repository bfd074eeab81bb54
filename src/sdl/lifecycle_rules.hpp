// lifecycle_rules.hpp: what the lifecycle of a group's services must satisfy, and the order in which they start.
// Spec: docs/spec/compose.md (lifecycle).
#pragma once

#include <string>
#include <vector>

#include "sdl/manifest_rules.hpp"

namespace sublet::sdl {

// All problems of dependencies, health checks, aliases and shared volumes; part of manifest_problems.
std::vector<ManifestProblem> lifecycle_problems(const ManifestGroup& group);

// Services by when they may start: those of the first list at once, each other list after the ones before. Services
// that wait for each other in a circle are in none.
std::vector<std::vector<std::string>> start_order(const ManifestGroup& group);

// "[A-Za-z0-9]" first, then also _ . -, at most 63: what engines take as a further name on a network.
bool is_alias(const std::string& name);

}  // namespace sublet::sdl
