// render.cpp: `sublet render`: frames of a Blender scene, rendered on machines of the market.
#include "cli/new_job.hpp"
#include "cli/task_array.hpp"
#include "cli/verbs.hpp"
#include "jobs/archive.hpp"
#include "jobs/blender.hpp"

namespace sublet::cli {
namespace {

namespace fs = std::filesystem;

constexpr std::uint64_t kMaxScene = 16ULL << 30U;

struct RenderOptions {
    std::string scene;
    std::string frames = "1";
    std::string image = "docker.io/sublet/blender:3.4";
    std::string format;
    std::string memory = "2Gi";
    std::string output_max = "512Mi";
    double cores = 1;
    std::uint32_t samples = 0;
    std::uint32_t scale = 0;
    bool check = false;
    JobTerms terms;
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

// The folder that every worker reads: the scene, the program, the plan.
Result<> fill(Context& context, const fs::path& folder, const RenderOptions& options) {
    std::error_code error;
    fs::create_directories(folder / "scene", error);
    const std::string name = fs::path{options.scene}.filename().string();
    fs::copy_file(options.scene, folder / "scene" / name, fs::copy_options::overwrite_existing, error);
    if (error) {
        return fail(Code::kIo, "cannot copy " + options.scene + " to " + folder.string() + ": " + error.message());
    }
    fs::permissions(folder / "scene" / name, fs::perms::owner_read | fs::perms::owner_write, error);
    const jobs::RenderPlan plan{name, "", options.format, options.samples, options.scale};
    TRY_OK(context.files->write(folder / "plan.json", jobs::plan_json(plan), 0644));
    return context.files->write(folder / "render.py", Bytes{jobs::render_script()}, 0644);
}

Result<int> render(Context& context, const RenderOptions& options) {
    TRY_OK(check_scene(options));
    if (options.check) {
        fmt::print("{}: a worker's Blender can read it\n", options.scene);
        return kExitOk;
    }
    TRY(frames, parse_array("--frames", options.frames));
    jobs::Package package;
    package.kind = "blender";
    package.image = options.image;
    const std::string scene = "/task/in/scene/" + fs::path{options.scene}.filename().string();
    const auto threads = std::max(1U, static_cast<unsigned>(options.cores));
    package.command = {"blender",
                       "-b",
                       "--factory-startup",
                       "--disable-autoexec",
                       "-noaudio",
                       "-t",
                       std::to_string(threads),
                       scene,
                       "--python-exit-code",
                       "1",
                       "--python",
                       "/task/in/render.py"};
    package.first = frames.first;
    package.step = frames.step;
    package.tasks = frames.tasks;
    package.session = true;
    package.cpu_milli = static_cast<std::uint32_t>(options.cores * 1'000);
    TRY(memory, parse_size("--memory", options.memory));
    package.memory_bytes = memory;
    TRY(output, parse_size("--output-max", options.output_max));
    package.output_max_bytes = output;
    package.salt = Bytes(32, '\0');

    TRY_OK(ensure_folder(*context.files, context.home() / "jobs"));
    const fs::path scratch = context.home() / "jobs" / ("scene-" + to_hex(context.random->bytes(8)));
    const fs::path input = scratch.string() + ".tar";
    Result<> filled = fill(context, scratch, options);
    Result<jobs::Packed> packed = filled ? jobs::pack(scratch, input, {.max_bytes = kMaxScene})
                                         : Result<jobs::Packed>{std::unexpected{filled.error()}};
    std::error_code ignored;
    fs::remove_all(scratch, ignored);
    if (!packed) {
        return std::unexpected{packed.error()};
    }
    package.input = jobs::Input{packed->bytes, packed->sha256};
    return run_new_job(context, std::move(package), input, options.terms);
}

}  // namespace

void add_render(Session& session) {
    CLI::App* command =
        session.root->add_subcommand("render", "Render frames of a Blender scene on machines of the market");
    auto options = std::make_shared<RenderOptions>();
    command->add_option("scene", options->scene, "A .blend file with everything packed into it")->required();
    command->add_option("--frames,--frame", options->frames, "FIRST-LAST, FIRST-LAST:STEP or one")
        ->capture_default_str();
    command->add_option("--format", options->format, "PNG, JPEG, OPEN_EXR, OPEN_EXR_MULTILAYER; else the scene's own")
        ->check(CLI::IsMember({"PNG", "JPEG", "OPEN_EXR", "OPEN_EXR_MULTILAYER"}));
    command->add_option("--samples", options->samples, "Samples a pixel (Cycles); else the scene's own");
    command->add_option("--scale", options->scale, "Percent of the scene's resolution; else its own");
    command->add_option("--cores", options->cores, "Cores for a frame; with one, Cycles gives the same bits everywhere")
        ->capture_default_str();
    command->add_option("--memory", options->memory, "Memory for a frame")->capture_default_str();
    command->add_option("--output-max", options->output_max, "Most that a frame may come to")->capture_default_str();
    command->add_option("--image", options->image, "Container image with Blender")->capture_default_str();
    command->add_flag("--check", options->check, "Look at the scene and do nothing else");
    add_terms(command, options->terms);
    command->footer("Example: sublet render scene.blend --frames 1-240 --out frames");
    on_chosen(command, session, options, render);
}

}  // namespace sublet::cli
