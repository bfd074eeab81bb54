// manifest_rules.hpp: what a manifest must satisfy before anybody runs it, whoever compiled it.
// Spec: docs/spec/deployment-files.md (manifest rules).
#pragma once

#include <string>
#include <vector>

#include "sdl/manifest.hpp"

namespace sublet::sdl {

struct ManifestProblem {
    std::string service;
    std::string message;
    std::string fix;
};

// All problems; none means that names, images, ports, environment, mounts and counts are safe to hand to a runtime.
std::vector<ManifestProblem> manifest_problems(const Manifest& manifest);

// ^[a-z]([-a-z0-9]*[a-z0-9])?$, at most 63: what DNS and container engines take.
bool is_service_name(const std::string& name);
// Absolute, below /, without "..", ":" or control characters.
bool is_mount_path(const std::string& path);

}  // namespace sublet::sdl
