// render.cpp: `sublet render`: frames of a Blender scene, rendered on machines of the market.
#include "cli/finish_job.hpp"
#include "cli/new_job.hpp"
#include "cli/preflight.hpp"
#include "cli/task_array.hpp"
#include "cli/verbs.hpp"
#include "jobs/benchmark.hpp"
#include "jobs/blender.hpp"
#include "jobs/exr.hpp"
#include "jobs/profile.hpp"
#include "modules/audit/audit.hpp"

namespace sublet::cli {
namespace {

namespace fs = std::filesystem;

struct RenderOptions {
    std::string scene;
    std::string frames = "1";
    std::string image = "docker.io/sublet/blender:3.4";
    std::string format;
    std::uint32_t samples = 0;
    std::uint32_t scale = 0;
    std::string split;        // samples or tiles; empty: a task is a frame
    std::string parts = "8";  // of the split image
    PreflightTerms look;
    FinishTerms finish;
    JobTerms terms{.memory = "2Gi", .output_max = "512Mi"};
};

// A worker's Blender must be able to read it: said before anything is paid.
Result<> check_scene(const RenderOptions& options) {
    const Result<unsigned> version = jobs::blend_version(options.scene);
    if (!version) {
        return fail(Code::kUsage, version.error().message);
    }
    if (*version > jobs::kBlenderOfImages) {
        return fail(Code::kUsage,
                    fmt::format("{} was written by Blender {}; workers have {}, which reads its own and older scenes: "
                                "save it with {}, or name an image with a newer one (--image)",
                                options.scene, jobs::version_text(*version), jobs::version_text(jobs::kBlenderOfImages),
                                jobs::version_text(jobs::kBlenderOfImages)));
    }
    return {};
}

jobs::RenderPlan plan_of(const RenderOptions& options) {
    return {.format = options.format,
            .samples = options.samples,
            .scale = options.scale,
            .still = options.terms.still,
            .audit = options.terms.audit.how != "none"};
}

// The folder that every worker reads: the scene, the program, the plan.
Result<> fill(Context& context, const fs::path& folder, const RenderOptions& options, const SceneCheck& seen) {
    TRY_OK(place_scene(seen, options.scene, folder / "scene"));
    TRY_OK(context.files->write(folder / "plan.json", jobs::plan_json(plan_of(options)), 0644));
    return context.files->write(folder / "render.py", Bytes{jobs::render_script()}, 0644);
}

// One image in parts: how, before anything is packed or paid. Its parts never meet what an earlier one left.
Result<> split_image(RenderOptions& options) {
    if (options.split.empty()) {
        return {};
    }
    TRY(frames, parse_array("--frame", options.frames));
    if (frames.tasks != 1) {
        return fail(Code::kUsage, "--split takes one image: name it with --frame N");
    }
    if (options.format == "PNG" || options.format == "JPEG") {  // of the image, once its parts are one
        options.terms.finish.picture = options.format;
        options.format = "OPEN_EXR";
    }
    const Result<jobs::Still> still = jobs::parse_still(options.split, options.parts, frames.first, options.samples);
    if (!still) {
        return fail(Code::kUsage, still.error().message);
    }
    const fs::path image = fs::path{options.terms.out} / jobs::image_file(*still);
    const std::string ending{jobs::frame_ending(options.terms.finish.picture)};
    for (const fs::path& each : {image, fs::path{image}.replace_extension(ending.empty() ? ".exr" : ending),
                                 (fs::path{options.terms.out} / jobs::part_folder(*still, 0)).parent_path()}) {
        std::error_code ignored;
        if (fs::exists(each, ignored)) {
            return fail(Code::kUsage, each.string() + " is there already: move it away, or choose another --out");
        }
    }
    options.terms.still = *still;
    return {};
}

// What auditors need to know before they have seen a picture; nothing where crops cannot be compared.
std::optional<jobs::AuditTerms> audit_of(const RenderOptions& options, const SceneCheck& seen) {
    if (options.terms.audit.how == "none" || !seen.auditable) {
        return std::nullopt;
    }
    const jobs::SceneFacts& facts = seen.found->facts;
    if (facts.width == 0 || facts.height == 0 || facts.width > jobs::kMaxImageSide ||
        facts.height > jobs::kMaxImageSide) {
        return std::nullopt;
    }
    return jobs::AuditTerms{.size = {static_cast<std::uint32_t>(facts.width), static_cast<std::uint32_t>(facts.height)},
                            .crops = {},
                            .map = seen.noise};
}

// Where nobody can be drawn, the picture stays as the scene's own settings have it.
void settle_audit(Context& context, RenderOptions& options) {
    if (options.terms.audit.how != "auto" || options.look.check) {
        return;
    }
    const Result<client::Chain*> chain = context.chain();
    const Result<std::size_t> auditors =
        chain ? auditors_of(context, **chain, std::string{jobs::kBlenderEngine}) : std::unexpected{chain.error()};
    options.terms.audit.how = auditors && *auditors >= audit::kMinAuditors ? "auto" : "none";
}

// Who only checks is told of audits where he asks for it; a scene that cannot be audited is rendered all the same where
// nobody insisted.
void look_for_audits(RenderOptions& options) {
    if (options.look.check && options.terms.audit.how == "auto") {
        options.terms.audit.how = "none";
    }
    options.look.audit = options.look.audit || options.terms.audit.how != "none";
    options.look.audit_optional = options.terms.audit.how != "crops" && !options.look.check;
}

Result<int> render(Context& context, const RenderOptions& asked) {
    RenderOptions options = asked;
    TRY_OK(split_image(options));
    TRY_OK(check_scene(options));
    settle_audit(context, options);
    look_for_audits(options);
    jobs::Package package;
    package.kind = "blender";
    package.image = options.image;
    package.session = true;
    TRY_OK(fill_package(package, options.terms, "--frames", options.frames));
    TRY(seen, preflight(context, options.look, options.scene, package, plan_of(options)));
    if (options.look.check) {
        return print_check(context, seen, options.scene);
    }
    if (!seen.auditable && options.terms.audit.how == "auto") {
        options.terms.audit.how = "none";
    }
    TRY_OK(plan_finish(options.terms, options.finish, options.scene, options.format, seen.found));
    if (options.terms.still) {  // a task is a part from here on
        package.first = 0;
        package.tasks = options.terms.still->parts();
    }
    package.command = jobs::render_command(fs::path{options.scene}.filename().string(),
                                           std::max(1U, static_cast<unsigned>(options.terms.cores)));
    package.audit = audit_of(options, seen);
    if (package.audit && seen.unstable) {  // then by all with the kernel that every processor has (T24)
        package.env = jobs::class_env(jobs::kPinnedClass);
    }
    const fs::path scratch = context.home() / "jobs" / ("scene-" + to_hex(context.random->bytes(8)));
    const Result<> filled = fill(context, scratch, options, seen);
    const Result<fs::path> input =
        filled ? pack_input(context, package, scratch) : Result<fs::path>{std::unexpected{filled.error()}};
    std::error_code ignored;
    fs::remove_all(scratch, ignored);
    if (!input) {
        return std::unexpected{input.error()};
    }
    options.terms.engine = jobs::kBlenderEngine;
    return run_new_job(context, std::move(package), *input, options.terms);
}

}  // namespace

void add_render(Session& session) {
    CLI::App* command =
        session.root->add_subcommand("render", "Render frames of a Blender scene on machines of the market");
    auto options = std::make_shared<RenderOptions>();
    command->add_option("scene", options->scene, "A .blend file")->required();
    command->add_option("--frames,--frame", options->frames, "FIRST-LAST, FIRST-LAST:STEP or one")
        ->capture_default_str();
    command->add_option("--format", options->format, "PNG, JPEG, OPEN_EXR, OPEN_EXR_MULTILAYER; else the scene's own")
        ->check(CLI::IsMember({"PNG", "JPEG", "OPEN_EXR", "OPEN_EXR_MULTILAYER"}));
    command->add_option("--samples", options->samples, "Samples a pixel (Cycles); else the scene's own");
    command->add_option("--scale", options->scale, "Percent of the scene's resolution; else its own");
    command->add_option("--image", options->image, "Container image with Blender")->capture_default_str();
    command->add_option("--split", options->split, "Spread one image (--frame) over machines: samples or tiles")
        ->check(CLI::IsMember({"samples", "tiles"}));
    command->add_option("--parts", options->parts, "Of a split image: how many; of tiles also COLUMNSxROWS")
        ->capture_default_str();
    add_finish(command, options->finish);
    add_preflight(command, options->look);
    add_terms(command, options->terms);
    add_work_terms(command, options->terms);
    add_audit_terms(command, options->terms.audit, true);
    command->footer(
        "Examples: sublet render scene.blend --frames 1-240 --out frames --video --report\n"
        "          sublet render scene.blend --frame 1 --samples 1024 --split samples --parts 16");
    on_chosen(command, session, options, render);
}

}  // namespace sublet::cli
