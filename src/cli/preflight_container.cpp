// preflight_container.cpp: runs it, waits for it with all its bounds, reads what it left as a stranger's.
#include "cli/preflight_container.hpp"

#include <algorithm>
#include <array>

#include "agent/job_files.hpp"
#include "agent/job_store.hpp"
#include "crypto/sha256.hpp"
#include "net/quiet.hpp"
#include "runtime/docker.hpp"
#include "runtime/engine_process.hpp"
#include "runtime/firewall.hpp"

namespace sublet::cli {
namespace {

constexpr std::uint32_t kPreflightCpuMilli = 1'000;
constexpr std::uint64_t kPreflightLookMs = 100;
constexpr std::uint64_t kOverTimeSeconds = 10;      // the engine starts and ends it
constexpr std::uint64_t kLeftBehindMs = 3'600'000;  // an earlier run's container that nobody waits for any more
constexpr std::size_t kLogEndBytes = 300;           // of what Blender printed
constexpr std::string_view kLastWords = "Blender quit";
constexpr int kExitOfTimeout = 124;  // of the program timeout
constexpr int kExitKilled = 137;     // what it says of a program that got SIGKILL: from it, or for want of memory
constexpr std::array<std::string_view, 10> kOwnFolders{"/usr", "/bin",  "/sbin", "/lib", "/lib64",
                                                       "/etc", "/proc", "/sys",  "/dev", "/task"};

std::string preflight_instance(Context& context) {
    const Hash digest = crypto::sha256(std::filesystem::absolute(context.home()).lexically_normal().string());
    return "s" + to_hex(view_of(digest)).substr(0, 10) + "-preflight";
}

runtime::ContainerSpec preflight_container(const PreflightRun& run, std::string name) {
    runtime::ContainerSpec spec;
    spec.lease = "preflight";
    spec.service = std::move(name);
    spec.revision = "1";
    spec.image = run.image;
    // It ends by itself too, in case that whoever waits for it does not live so long.
    spec.entrypoint = {
        "timeout",  "-k", "5", std::to_string(run.seconds), "blender", "-b", "--factory-startup", "--disable-autoexec",
        "-noaudio", "-t", "1"};
    if (!run.scene.empty()) {
        spec.entrypoint->push_back(run.scene);
    }
    for (const std::string& each :
         {std::string{"--python-exit-code"}, std::string{"1"}, std::string{"--python"}, "/task/in/" + run.script}) {
        spec.entrypoint->push_back(each);
    }
    spec.args = std::vector<std::string>{};
    spec.env = run.env;
    spec.env.emplace_back("TMPDIR=/task/out");  // /tmp may be where the scene is, and read-only
    spec.cpu_milli = kPreflightCpuMilli;
    spec.memory_bytes = run.memory_bytes;
    spec.no_network = true;
    spec.file_bytes_max = run.out_bytes_max;
    spec.work_folder = "/task";
    spec.host_mounts = {{run.in, "/task/in", true}, {run.out, "/task/out", false}};
    if (!run.todo.empty()) {
        spec.host_mounts.push_back({run.todo, "/task/todo", true});
    }
    for (const std::filesystem::path& folder : run.folders) {
        spec.host_mounts.push_back({folder, folder, true});
    }
    return spec;
}

net::Task<std::string> end_of_log(runtime::Runtime& engine, std::string id) {
    auto text = std::make_shared<std::string>();
    runtime::LogSink sink = [text](runtime::LogLine line) -> net::Task<Result<>> {
        if (!line.text.empty() && line.text != kLastWords) {
            *text += (text->empty() ? "" : " | ") + line.text;
        }
        text->erase(0, text->size() - std::min(text->size(), kLogEndBytes));
        co_return Result<>{};
    };
    net::Task<Result<>> reading = engine.logs(std::move(id), {}, std::move(sink));
    (void)co_await std::move(reading);  // without it the finding is a sentence shorter
    co_return *text;
}

net::Task<Result<PreflightEnd>> wait_for_blender(runtime::Runtime& engine, net::Clock& clock, std::string id,
                                                 PreflightRun run) {
    const std::uint64_t due_ms = clock.monotonic_ms() + run.seconds * 1'000;
    const std::uint64_t until_ms = due_ms + kOverTimeSeconds * 1'000;
    PreflightEnd end;
    while (true) {
        const Result<runtime::ContainerState> state = co_await engine.inspect(id);
        if (!state) {
            co_return std::unexpected{state.error()};
        }
        if (state->phase == runtime::Phase::kExited) {
            end.exit_code = state->exit_code;
            const bool killed = state->exit_code == kExitKilled;
            end.no_memory = state->out_of_memory || (killed && clock.monotonic_ms() < due_ms);
            end.no_time = state->exit_code == kExitOfTimeout || (killed && !end.no_memory);
            break;
        }
        end.no_time = clock.monotonic_ms() >= until_ms;
        end.too_much = agent::bytes_below(run.out, run.out_bytes_max) > run.out_bytes_max;
        if (end.no_time || end.too_much) {
            break;
        }
        co_await clock.sleep(kPreflightLookMs);
    }
    std::string copy = id;
    net::Task<std::string> reading = end_of_log(engine, std::move(copy));
    end.log = co_await std::move(reading);
    co_return end;
}

net::Task<> remove_left_behind(runtime::Runtime& engine, net::Clock& clock) {
    const Result<std::vector<runtime::ContainerState>> earlier = co_await engine.list();
    for (const runtime::ContainerState& each : earlier ? *earlier : std::vector<runtime::ContainerState>{}) {
        if (each.phase == runtime::Phase::kExited && each.finished_unix_ms + kLeftBehindMs < clock.unix_ms()) {
            (void)co_await engine.remove(each.id);
        }
    }
}

net::Task<Result<PreflightEnd>> run_container(runtime::Runtime& engine, net::Clock& clock, std::string name,
                                              PreflightRun run) {
    co_await remove_left_behind(engine, clock);
    runtime::ContainerSpec spec = preflight_container(run, std::move(name));
    net::Task<Result<std::string>> creating = engine.create(std::move(spec));
    const Result<std::string> made = co_await std::move(creating);
    if (!made) {
        co_return std::unexpected{made.error()};
    }
    const Result<> started = co_await engine.start(*made);
    Result<PreflightEnd> end{PreflightEnd{}};
    if (started) {
        net::Task<Result<PreflightEnd>> waiting = wait_for_blender(engine, clock, *made, std::move(run));
        end = co_await std::move(waiting);
    } else {
        end = std::unexpected{started.error()};
    }
    (void)co_await engine.remove(*made);  // one that stays is removed by a later preflight
    co_return end;
}

}  // namespace

Result<> check_seen(const std::filesystem::path& folder) {
    const std::string text = folder.string();
    const bool own = std::ranges::any_of(
        kOwnFolders, [&](std::string_view each) { return text == each || text.starts_with(std::string{each} + "/"); });
    if (own || folder == folder.root_path()) {
        return fail(Code::kUnsupported, text + " would hide Blender's own files: put the scene into another folder");
    }
    return {};
}

jobs::PreflightFinding why_ended(const PreflightRun& run, const PreflightEnd& end) {
    jobs::PreflightFinding finding{
        .severity = jobs::Severity::kError, .rule = {}, .what = {}, .where = "Blender", .fix = {}};
    if (end.no_memory) {
        finding.rule = "memory";
        finding.what =
            fmt::format("to open the scene takes more than the {} MiB that a task has", run.memory_bytes >> 20U);
        finding.fix = "--memory, or a smaller scene";
    } else if (end.no_time) {
        finding.rule = "time";
        finding.what = fmt::format("Blender did not come to an end within {} s", run.seconds);
        finding.fix = "--no-preflight does without, and packs nothing";
    } else if (end.too_much) {
        finding.rule = "output";
        finding.what = fmt::format("a copy with everything in it takes more than {} MiB", run.out_bytes_max >> 20U);
        finding.fix = "take large files out of the scene";
    } else {
        finding.rule = "crash";
        finding.what = fmt::format("Blender ended with code {}: {}", end.exit_code, jobs::one_line(end.log));
        finding.fix = "open the scene here with Blender and save it again; --no-preflight does without";
    }
    return finding;
}

Result<PreflightEnd> run_blender(Context& context, const PreflightRun& run) {
    runtime::EngineOptions options;
    options.state_folder = std::filesystem::absolute(context.home()) / "engine";
    const auto progress = context.progress("looking for the container engine");
    TRY(process, context.wait(runtime::EngineProcess::find(*context.transport, *context.clock, options)));
    const std::unique_ptr<runtime::Firewall> firewall = runtime::no_firewall();  // there is no network at all
    const std::unique_ptr<runtime::Runtime> engine =
        runtime::docker_runtime(*context.transport, *context.clock, *firewall,
                                {process->endpoint(), preflight_instance(context), /*require_isolation=*/false});
    TRY(there, context.wait(engine->has_image(run.image)));
    if (!there) {
        return fail(Code::kNotFound, "there is no image " + run.image + " on this machine");
    }
    progress->say(run.what);
    const std::string name = "look-" + to_hex(context.random->bytes(8));
    return context.wait(run_container(*engine, *context.clock, name, run));
}

Result<jobs::Preflight> run_preflight(Context& context, const PreflightRun& run) {
    TRY(end, run_blender(context, run));
    if (!end.good()) {
        jobs::Preflight out;  // what Blender could not say itself
        out.findings.push_back(why_ended(run, end));
        return out;
    }
    const std::optional<Bytes> text = agent::left_file(run.out / "findings.json", jobs::kMaxPreflightBytes + 1);
    return jobs::read_preflight(text.value_or(Bytes{}));
}

}  // namespace sublet::cli
