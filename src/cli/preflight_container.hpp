// preflight_container.hpp: one Blender over one scene in a container of the creator's own engine: no network, the
// scene's folder read-only, memory, time and output bounded. For preflight, and for what is made of results. Spec:
// docs/spec/rendering.md (preflight).
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "cli/context.hpp"
#include "jobs/preflight.hpp"

namespace sublet::cli {

struct PreflightRun {
    std::string image;
    std::string what = "Blender looks at the scene";  // for the person who waits
    std::string script = "preflight.py";              // in `in`
    std::string scene;                                // in the container, opened first; empty: the script does
    std::vector<std::string> env;                     // "NAME=value"
    std::vector<std::filesystem::path> folders;       // absolute; seen read-only under the same paths
    std::filesystem::path todo;                       // absolute: at /task/todo; empty: none
    std::filesystem::path in;                         // absolute: program and plan, at /task/in
    std::filesystem::path out;                        // absolute: at /task/out
    std::uint64_t memory_bytes = 0;
    std::uint64_t seconds = 0;
    std::uint64_t out_bytes_max = 0;
};

// How the container ended.
struct PreflightEnd {
    int exit_code = 0;
    bool no_memory = false, no_time = false, too_much = false;
    std::string log;  // the end of what Blender printed
    [[nodiscard]] bool good() const { return exit_code == 0 && !no_time && !too_much; }
};
// Runs the script. Errors: kNotFound (no engine, no image), the engine's.
Result<PreflightEnd> run_blender(Context& context, const PreflightRun& run);
// Why it did not end well, as what a person can do about it.
jobs::PreflightFinding why_ended(const PreflightRun& run, const PreflightEnd& end);

// Blender that crashes, or has no memory, time or room left, is a finding of its own. Errors, which mean that nothing
// was looked at: kNotFound (no engine, no image), kParse (what it left is no list of findings), the engine's.
Result<jobs::Preflight> run_preflight(Context& context, const PreflightRun& run);
// Errors: kUnsupported, naming a folder that would hide the container's own files.
Result<> check_seen(const std::filesystem::path& folder);

}  // namespace sublet::cli
