// rater.cpp: runs the benchmark in the sandbox of a task when nothing else of jobs runs.
#include "agent/rater.hpp"
#include "agent/job_files.hpp"

#include <fmt/format.h>

#include <fstream>

#include "jobs/archive.hpp"
#include "net/log.hpp"

namespace sublet::agent {
namespace {

namespace fs = std::filesystem;

constexpr std::uint64_t kLook_ms = 2'000;
constexpr std::uint64_t kAfterFailure_ms = 600'000;
constexpr std::uint64_t kEnded_ms = 100;

fs::path folder_of(const Core& core) { return core.options.data / "benchmark"; }

Result<> make_folders(const Core& core) {
    std::error_code error;
    fs::remove_all(folder_of(core), error);
    fs::create_directories(folder_of(core) / "in", error);
    fs::create_directories(folder_of(core) / "out", error);
    fs::permissions(folder_of(core) / "out", fs::perms::all, error);  // whoever the container's root is outside
    std::ofstream out{folder_of(core) / "in" / "benchmark.py"};
    out << jobs::benchmark_script();
    out.close();
    return out && !error ? Result<>{} : fail(Code::kIo, "cannot write " + folder_of(core).string());
}

// Of the pictures: what an audit would render again.
Result<Hash> digest_of(const fs::path& pictures, const fs::path& archive) {
    TRY(packed, jobs::pack(pictures, archive, {.max_bytes = kBenchmarkMemory}));
    return packed.sha256;
}

}  // namespace

Task<std::uint64_t> Rater::first_due() {
    const Result<std::optional<job::Rates>> rates = co_await core_.parts.ledger.rates(core_.options.owner);
    const std::uint64_t now_ms = core_.parts.clock.monotonic_ms();
    for (const job::EngineRate& each : rates && *rates ? (*rates)->engines : std::vector<job::EngineRate>{}) {
        const std::uint64_t age = core_.seen.status.now.value() - std::min(core_.seen.status.now, each.at).value();
        if (each.engine == jobs::kBlenderEngine && age < kRateLife_ms) {
            co_return now_ms + kRateLife_ms - age;
        }
    }
    co_return rates ? now_ms : now_ms + kLook_ms;
}

std::uint64_t Rater::drawn_due() {
    const std::uint64_t dice = read_be64(core_.parts.random.bytes(8));
    return core_.parts.clock.monotonic_ms() + kRateAgainLeast_ms + dice % (kRateAgainMost_ms - kRateAgainLeast_ms);
}

Task<> Rater::run() {
    if (!worker_.lends() || core_.options.benchmark_image.empty()) {
        co_return;
    }
    std::uint64_t due_ms = 0;
    while (!core_.stopping) {
        co_await core_.parts.clock.sleep(kLook_ms);
        const std::uint64_t now_ms = core_.parts.clock.monotonic_ms();
        if (core_.stopping || !core_.seen.fresh || now_ms < due_ms) {
            continue;
        }
        if (due_ms == 0) {
            due_ms = co_await first_due();
            continue;
        }
        const Result<bool> here = co_await core_.parts.job_runtime->has_image(core_.options.benchmark_image);
        if (!here || !*here) {  // it is not fetched for this alone: a job will
            due_ms = now_ms + 5 * kLook_ms;
            continue;
        }
        if (!worker_.keep_still(true)) {
            continue;
        }
        const Result<> done = co_await find_and_tell();
        worker_.keep_still(false);
        if (!done && !core_.stopping) {
            net::log(net::LogLevel::kWarning, "rater", "no rate was found: " + done.error().message);
        }
        due_ms = done ? drawn_due() : core_.parts.clock.monotonic_ms() + kAfterFailure_ms;
    }
}

Task<Result<>> Rater::find_and_tell() {
    const Result<RecentBlock> block = co_await core_.parts.ledger.recent_block();
    if (!block) {
        co_return std::unexpected{block.error()};
    }
    if (const Result<> made = make_folders(core_); !made) {
        co_return std::unexpected{made.error()};
    }
    std::string seed = block->app_hash;
    Task<Result<>> running = run_container(std::move(seed));
    const Result<> ran = co_await std::move(running);
    const fs::path out = folder_of(core_) / "out";
    const Bytes answer = left_file(out / jobs::kBenchmarkAnswer, jobs::kMaxBenchmarkAnswer).value_or(Bytes{});
    Result<std::uint64_t> rate =
        ran ? jobs::benchmark_rate(answer) : Result<std::uint64_t>{std::unexpected{ran.error()}};
    std::error_code ignored;
    fs::remove(out / jobs::kBenchmarkAnswer, ignored);
    const Result<Hash> digest = digest_of(out, folder_of(core_) / "pictures.tar");
    fs::remove_all(folder_of(core_), ignored);
    if (!rate || !digest) {
        co_return std::unexpected{rate ? digest.error() : rate.error()};
    }
    const std::string self = crypto::to_bech32(core_.parts.ledger.operator_address());
    Message message =
        job::MsgPostRate{self, std::string{jobs::kBlenderEngine}, *rate, block->height, Bytes{view_of(*digest)}};
    Task<Result<>> telling = core_.parts.ledger.send(std::move(message));
    const Result<> told = co_await std::move(telling);
    if (told) {
        net::log(net::LogLevel::kInfo, "rater",
                 fmt::format("one core renders {}.{:03} reference work units a second", *rate / 1'000, *rate % 1'000));
    }
    co_return told;
}

Task<Result<>> Rater::run_container(std::string seed) {
    runtime::ContainerSpec spec;
    spec.lease = spec.service = "benchmark";
    spec.revision = "1";
    spec.image = core_.options.benchmark_image;
    spec.entrypoint = {"blender", "-b",       "--factory-startup",    "-noaudio", "-t", "1", "--python-exit-code",
                       "1",       "--python", "/task/in/benchmark.py"};
    spec.args = std::vector<std::string>{};
    spec.env = {"SEED=" + seed};
    spec.cpu_milli = 1'000;
    spec.memory_bytes = kBenchmarkMemory;
    spec.no_network = true;
    spec.file_bytes_max = 64ULL << 20U;
    spec.work_folder = "/task";
    spec.host_mounts = {{folder_of(core_) / "in", "/task/in", true}, {folder_of(core_) / "out", "/task/out", false}};
    runtime::Runtime& engine = *core_.parts.job_runtime;
    Task<Result<std::string>> creating = engine.create(std::move(spec));
    const Result<std::string> made = co_await std::move(creating);
    if (!made) {
        co_return std::unexpected{made.error()};
    }
    Result<> done = co_await engine.start(*made);
    if (done) {
        Task<Result<>> waiting = wait_for_end(*made);
        done = co_await std::move(waiting);
    }
    if (const Result<> removed = co_await engine.remove(*made); !removed) {
        net::log(net::LogLevel::kWarning, "rater", removed.error().message);
    }
    co_return done;
}

Task<Result<>> Rater::wait_for_end(std::string container) {
    net::Clock& clock = core_.parts.clock;
    const std::uint64_t until_ms = clock.monotonic_ms() + kMaxBenchmark_ms;
    while (!core_.stopping && clock.monotonic_ms() < until_ms) {
        const Result<runtime::ContainerState> state = co_await core_.parts.job_runtime->inspect(container);
        if (state && state->phase == runtime::Phase::kExited) {
            co_return state->exit_code == 0 ? Result<>{}
                                            : fail(Code::kEngine, fmt::format("exit code {}", state->exit_code));
        }
        if (!state && state.error().code == Code::kNotFound) {
            co_return fail(Code::kEngine, "its container was removed by somebody else");
        }
        co_await clock.sleep(kEnded_ms);
    }
    co_return fail(Code::kTimeout, "it did not end");
}

}  // namespace sublet::agent
