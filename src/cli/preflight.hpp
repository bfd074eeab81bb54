// preflight.hpp: before a render is paid for: what Blender finds in the scene on the creator's own machine, in a
// container without network, and the copy with everything in it that then travels. Spec: docs/spec/rendering.md.
#pragma once

#include <CLI/CLI.hpp>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "cli/context.hpp"
#include "jobs/crops.hpp"
#include "jobs/package.hpp"
#include "jobs/preflight.hpp"

namespace sublet::cli {

inline constexpr std::uint64_t kPreflightSeconds = 300;  // Blender may look so long

// What people say about it on the command line.
struct PreflightTerms {
    bool skip = false;                // --no-preflight: read the header alone
    bool check = false;               // --check: look and do nothing else
    bool audit = false;               // whether its crops can be compared, too
    bool audit_optional = false;      // what is in the way of that does not stop the job
    std::vector<std::string> assets;  // further folders that Blender may see
};
void add_preflight(CLI::App* command, PreflightTerms& terms);

// What Blender found. The scratch folder below the home folder, where the copy is, goes with it.
class SceneCheck {
public:
    explicit SceneCheck(std::filesystem::path scratch) : scratch_(std::move(scratch)) {}
    SceneCheck(SceneCheck&& other) noexcept;
    SceneCheck& operator=(SceneCheck&&) = delete;
    ~SceneCheck();

    std::optional<jobs::Preflight> found;  // absent: only the header was looked at
    std::string not_looked;                // why, for people
    std::optional<jobs::NoiseMap> noise;   // where it is noisy: with audit, and where it is
    bool auditable = false;                // with audit: nothing is in the way of comparing crops
    bool unstable = false;                 // with audit: kernels of Cycles disagree about it (T24)

    [[nodiscard]] bool good() const;  // nothing stops the job
    [[nodiscard]] const std::filesystem::path& scratch() const { return scratch_; }
    // The folder that holds the scene as it travels, with what lies beside it; empty: the scene itself, as it is.
    [[nodiscard]] std::filesystem::path copy() const;

private:
    std::filesystem::path scratch_;
};

// Runs Blender over the scene and says on standard error what it found; `package` has the image, the frames and the
// memory. Without an engine or the image it goes on, and says so. Errors: kUsage (something stops the job; not with
// --check; or a folder of --assets is not there).
Result<SceneCheck> preflight(Context& context, const PreflightTerms& terms, const std::string& scene,
                             const jobs::Package& package, const jobs::RenderPlan& plan);
// Puts into `folder` what travels: the copy, or the scene. Errors: kIo, kUnsupported (Blender left something else).
Result<> place_scene(const SceneCheck& check, const std::string& scene, const std::filesystem::path& folder);
// What --check answers, for people or as JSON; gives the exit code: kExitFailed where something stops the job.
int print_check(Context& context, const SceneCheck& check, const std::string& scene);

}  // namespace sublet::cli
