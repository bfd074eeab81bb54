// preflight_container.hpp: one Blender over one scene in a container of the creator's own engine: no network, the
// scene's folder read-only, memory, time and output bounded. Spec: docs/spec/rendering.md (preflight).
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "cli/context.hpp"
#include "jobs/preflight.hpp"

namespace sublet::cli {

struct PreflightRun {
    std::string image;
    std::vector<std::filesystem::path> folders;  // absolute; seen read-only under the same paths
    std::filesystem::path in;                    // absolute: program and plan, at /task/in
    std::filesystem::path out;                   // absolute: at /task/out
    std::uint64_t memory_bytes = 0;
    std::uint64_t seconds = 0;
    std::uint64_t out_bytes_max = 0;
};

// Blender that crashes, or has no memory, time or room left, is a finding of its own. Errors, which mean that nothing
// was looked at: kNotFound (no engine, no image), kParse (what it left is no list of findings), the engine's.
Result<jobs::Preflight> run_preflight(Context& context, const PreflightRun& run);
// Errors: kUnsupported, naming a folder that would hide the container's own files.
Result<> check_seen(const std::filesystem::path& folder);

}  // namespace sublet::cli
