// audit_look.cpp: lays out what a worker's container would see, runs it twice, looks at what came out.
#include "cli/audit_look.hpp"

#include <algorithm>

#include "cli/preflight_container.hpp"
#include "jobs/audit_look.hpp"
#include "jobs/profile.hpp"

namespace sublet::cli {
namespace {

namespace fs = std::filesystem;

constexpr std::uint64_t kMaxLookedBytes = 1ULL << 30U;  // of crops

Result<> write_files(Context& context, const fs::path& folder, const std::vector<jobs::LookFile>& files) {
    TRY_OK(ensure_folder(*context.files, folder));
    for (const jobs::LookFile& each : files) {
        TRY_OK(context.files->write(folder / each.name, each.content, 0644));
    }
    return {};
}

// Scene, program and plan, as a worker has them, and the turns.
Result<> lay_out(Context& context, const std::string& scene, const SceneCheck& check, jobs::RenderPlan plan,
                 const jobs::AuditLookPlan& look, const fs::path& folder) {
    plan.audit = true;
    for (const fs::path& each : {folder, folder / "in", folder / "native", folder / "pinned"}) {
        TRY_OK(ensure_folder(*context.files, each));
    }
    TRY_OK(place_scene(check, scene, folder / "in" / "scene"));
    TRY_OK(context.files->write(folder / "in" / "plan.json", jobs::plan_json(plan), 0644));
    TRY_OK(context.files->write(folder / "in" / "render.py", Bytes{jobs::render_script()}, 0644));
    TRY_OK(write_files(context, folder / "in", jobs::look_inputs(look)));
    return write_files(context, folder / "todo", jobs::look_turns(look));
}

PreflightRun run_of(const std::string& scene, const jobs::Package& package, const fs::path& folder, bool pinned) {
    return {.image = package.image,
            .what = pinned ? "Blender renders the crops as every processor can"
                           : "Blender renders crops as this processor does",
            .script = pinned ? "render.py" : "noise.py",
            .scene = "/task/in/scene/" + fs::path{scene}.filename().string(),
            .env = pinned ? jobs::class_env(jobs::kPinnedClass) : std::vector<std::string>{},
            .folders = {},
            .todo = folder / "todo",
            .in = folder / "in",
            .out = folder / (pinned ? "pinned" : "native"),
            .memory_bytes = package.memory_bytes,
            .seconds = kPreflightSeconds,
            .out_bytes_max = kMaxLookedBytes};
}

}  // namespace

Result<> look_for_audit(Context& context, const std::string& scene, const jobs::Package& package,
                        const jobs::RenderPlan& plan, SceneCheck& check) {
    const jobs::SceneFacts& facts = check.found->facts;
    const jobs::PictureSize size{static_cast<std::uint32_t>(facts.width), static_cast<std::uint32_t>(facts.height)};
    const jobs::AuditLookPlan look =
        jobs::audit_look_plan(size, plan.still, package.first, package.step, package.tasks);
    const fs::path folder = check.scratch() / "audit";
    TRY_OK(lay_out(context, scene, check, plan, look, folder));
    std::vector<jobs::PreflightFinding>& findings = check.found->findings;
    for (const bool pinned : {false, true}) {
        const PreflightRun run = run_of(scene, package, folder, pinned);
        TRY(end, run_blender(context, run));
        if (!end.good()) {
            findings.push_back(why_ended(run, end));
            return {};
        }
    }
    jobs::AuditLook found = jobs::look_at_crops(look, folder / "native", folder / "pinned");
    check.noise = std::move(found.map);
    check.unstable = found.unstable;
    std::ranges::move(found.findings, std::back_inserter(findings));
    std::ranges::stable_sort(findings, std::ranges::greater{}, &jobs::PreflightFinding::severity);
    return {};
}

}  // namespace sublet::cli
