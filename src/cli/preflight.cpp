// preflight.cpp: `sublet render`'s look at a scene, and what it says about it.
#include "cli/preflight.hpp"

#include <algorithm>
#include <chrono>

#include "agent/job_store.hpp"
#include "cli/audit_look.hpp"
#include "cli/exit.hpp"
#include "cli/format.hpp"
#include "cli/preflight_container.hpp"

namespace sublet::cli {
namespace {

namespace fs = std::filesystem;

constexpr const char* kScratchPrefix = "preflight-";
constexpr std::string_view kGetImage =
    "`images/build.sh blender` (in sublet's sources) makes the image, `sublet doctor` says what an engine lacks";

// The scene's own folder, where it really lies if that is elsewhere, and those that were named.
Result<std::vector<fs::path>> folders_seen(const PreflightTerms& terms, const fs::path& scene) {
    std::vector<fs::path> out{scene.parent_path()};
    std::error_code linked;
    if (fs::is_symlink(scene, linked)) {
        out.push_back(fs::canonical(scene, linked).parent_path());
    }
    for (const std::string& each : terms.assets) {
        fs::path folder = fs::absolute(each).lexically_normal();
        folder = folder.has_filename() ? folder : folder.parent_path();
        std::error_code error;
        if (!fs::is_directory(folder, error)) {
            return fail(Code::kUsage, "--assets: there is no folder " + each);
        }
        if (std::ranges::find(out, folder) == out.end()) {
            out.push_back(std::move(folder));
        }
    }
    for (const fs::path& each : out) {
        TRY_OK(check_seen(each));
    }
    return out;
}

Result<jobs::Preflight> look_with_blender(Context& context, const PreflightTerms& terms, const std::string& image,
                                          const jobs::PreflightPlan& plan, const fs::path& scratch) {
    TRY(folders, folders_seen(terms, plan.scene));
    const PreflightRun run{.image = image,
                           .folders = folders,
                           .in = scratch / "in",
                           .out = scratch / "out",
                           .memory_bytes = plan.memory_bytes,
                           .seconds = kPreflightSeconds,
                           .out_bytes_max = agent::kMaxJobInputBytes};
    for (const fs::path& each : {scratch.parent_path(), scratch, run.in, run.out}) {
        TRY_OK(ensure_folder(*context.files, each));
    }
    TRY_OK(context.files->write(run.in / "plan.json", jobs::plan_json(plan), 0644));
    TRY_OK(context.files->write(run.in / "preflight.py", jobs::preflight_script(), 0644));
    return run_preflight(context, run);
}

// Of runs that were killed.
void remove_old_scratch(const fs::path& jobs) {
    std::error_code error;
    std::vector<fs::path> old;
    for (const fs::directory_entry& each : fs::directory_iterator{jobs, error}) {
        const auto age = fs::file_time_type::clock::now() - each.last_write_time(error);
        if (each.path().filename().string().starts_with(kScratchPrefix) &&
            age > 2 * std::chrono::seconds{kPreflightSeconds}) {
            old.push_back(each.path());
        }
    }
    for (const fs::path& each : old) {
        fs::remove_all(each, error);
    }
}

void print_findings(std::FILE* out, const jobs::Preflight& found) {
    for (const jobs::PreflightFinding& each : found.findings) {
        fmt::print(out, "{:<7} {}: {}: {}\n", jobs::to_name(each.severity), each.rule, each.where, each.what);
        if (!each.fix.empty()) {
            fmt::print(out, "        mend: {}\n", each.fix);
        }
    }
    if (found.left_out > 0) {
        fmt::print(out, "        and {} more\n", found.left_out);
    }
}

void print_facts(const jobs::SceneFacts& facts) {
    if (!facts.engine.empty()) {
        fmt::print("{}, {} x {} pixels, {} samples, {}, frames {} to {}, about {} of memory\n", facts.engine,
                   facts.width, facts.height, facts.samples, facts.format, facts.frame_start, facts.frame_end,
                   bytes_text(facts.memory_bytes));
    }
}

void say_not_looked(std::FILE* out, const SceneCheck& check, const std::string& scene) {
    fmt::print(out, "{}: only its header was looked at: {}\n", scene, check.not_looked);
}

std::string what_stops(const jobs::Preflight& found) {
    const std::size_t errors = found.count(jobs::Severity::kError);
    return errors == 1 ? "1 finding stops" : fmt::format("{} findings stop", errors);
}

jobs::RenderPlan plan_with(jobs::RenderPlan plan, bool audit) {
    plan.audit = plan.audit || audit;
    return plan;
}

}  // namespace

void add_preflight(CLI::App* command, PreflightTerms& terms) {
    command->add_flag("--check", terms.check, "Look at the scene and do nothing else");
    command->add_flag("--no-preflight", terms.skip,
                      "Do not let Blender look at the scene first: read its header alone");
    command->add_flag("--auditable", terms.audit,
                      "Look also whether crops of its frames can be compared, as audits do");
    command->add_option("--assets", terms.assets,
                        "A further folder with files of the scene; else only the scene's own is looked into");
}

SceneCheck::SceneCheck(SceneCheck&& other) noexcept
    : found(std::move(other.found)),
      not_looked(std::move(other.not_looked)),
      noise(std::move(other.noise)),
      auditable(other.auditable),
      unstable(other.unstable),
      scratch_(std::move(other.scratch_)) {
    other.scratch_.clear();
}

SceneCheck::~SceneCheck() {
    if (!scratch_.empty()) {
        std::error_code ignored;
        fs::remove_all(scratch_, ignored);
    }
}

bool SceneCheck::good() const { return !found || found->count(jobs::Severity::kError) == 0; }

fs::path SceneCheck::copy() const { return found && found->packed ? scratch_ / "out" / "scene" : fs::path{}; }

Result<SceneCheck> preflight(Context& context, const PreflightTerms& terms, const std::string& scene,
                             const jobs::Package& package, const jobs::RenderPlan& plan) {
    const fs::path jobs = fs::absolute(context.home()) / "jobs";
    remove_old_scratch(jobs);
    SceneCheck out{jobs / (kScratchPrefix + to_hex(context.random->bytes(8)))};
    if (terms.skip) {
        out.not_looked = "--no-preflight says so";
        return out;
    }
    const std::int64_t end = package.first + package.step * (std::int64_t{package.tasks} - 1);
    const jobs::PreflightPlan asked{.scene = fs::absolute(scene).lexically_normal().string(),
                                    .render = plan_with(plan, terms.audit),
                                    .first = std::min(package.first, end),
                                    .last = std::max(package.first, end),
                                    .memory_bytes = package.memory_bytes,
                                    .audit_optional = terms.audit_optional};
    Result<jobs::Preflight> found = look_with_blender(context, terms, package.image, asked, out.scratch());
    if (found) {
        out.found = std::move(*found);
    } else if (found.error().code == Code::kUsage) {
        return std::unexpected{std::move(found).error()};
    } else {
        const bool engine = found.error().code != Code::kUnsupported && found.error().code != Code::kParse;
        out.not_looked = found.error().message + (engine ? "; " + std::string{kGetImage} : "");
    }
    out.auditable =
        terms.audit && out.found && out.good() &&
        std::ranges::find(out.found->findings, "audit", &jobs::PreflightFinding::rule) == out.found->findings.end();
    if (out.auditable) {
        TRY_OK(look_for_audit(context, scene, package, plan, out));
    }
    if (terms.check) {
        return out;
    }
    if (!out.found) {
        say_not_looked(stderr, out, scene);
    } else {
        print_findings(stderr, *out.found);
    }
    if (!out.good()) {
        return fail(Code::kUsage, fmt::format("{} the job, nothing was paid; --no-preflight renders {} all the same",
                                              what_stops(*out.found), scene));
    }
    return out;
}

Result<> place_scene(const SceneCheck& check, const std::string& scene, const fs::path& folder) {
    const fs::path name = fs::path{scene}.filename();
    std::error_code error;
    fs::create_directories(folder, error);
    if (check.copy().empty()) {
        fs::copy_file(scene, folder / name, fs::copy_options::overwrite_existing, error);
    } else {
        // A link there would be a stranger's word on this machine's files: it stays one, and no archive takes it.
        fs::copy(check.copy(), folder, fs::copy_options::recursive | fs::copy_options::copy_symlinks, error);
        if (!error && fs::symlink_status(folder / name).type() != fs::file_type::regular) {
            return fail(Code::kUnsupported, "Blender left no copy of " + scene + " that can travel");
        }
    }
    if (error) {
        return fail(Code::kIo, "cannot copy " + scene + " to " + folder.string() + ": " + error.message());
    }
    fs::permissions(folder / name, fs::perms::owner_read | fs::perms::owner_write, error);
    return {};
}

int print_check(Context& context, const SceneCheck& check, const std::string& scene) {
    const int code = check.good() ? kExitOk : kExitFailed;
    if (context.globals.json) {
        print_json(fmt::format(R"({{"scene":{},"ok":{},"looked":{},"why_not":{},"preflight":{}}})", json_quoted(scene),
                               check.good(), check.found.has_value(), json_quoted(check.not_looked),
                               check.found ? jobs::to_json(*check.found) : "null"));
    } else if (!check.found) {
        fmt::print("{}: a worker's Blender can read it\n", scene);
        say_not_looked(stdout, check, scene);
    } else {
        print_findings(stdout, *check.found);
        print_facts(check.found->facts);
        fmt::print("{}: {}\n", scene,
                   !check.good()         ? what_stops(*check.found) + " the job"
                   : check.found->packed ? "workers can render it, as a copy with everything in it"
                                         : "workers can render it as it is");
    }
    return code;
}

}  // namespace sublet::cli
