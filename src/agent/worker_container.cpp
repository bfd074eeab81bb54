// worker_container.cpp: one task in one container: no network, its input read-only, its output bounded, its time too.
#include "agent/job_files.hpp"
#include "agent/worker.hpp"

#include <fmt/format.h>

#include "net/log.hpp"

namespace sublet::agent {
namespace {

constexpr std::uint64_t kFirstLook_ms = 25;  // then a twentieth of the time that it runs
constexpr std::uint64_t kSlowestLook_ms = 250;
constexpr std::uint64_t kEngineRetry_ms = 500;
constexpr unsigned kEngineTries = 3;

}  // namespace

void RunMeasured::know(const runtime::ContainerState& state) {
    if (layer.empty() && !state.layer.empty()) {
        layer = state.layer;
        full = full || nearly_full(layer);
    }
}

std::string container_key(const AttemptId& id) {
    return fmt::format("job-{}-task-{}-{}", id.job.value(), id.task, id.attempt);
}

runtime::ContainerSpec job_container(const KeptJob& job, const JobStore& store, std::string service) {
    runtime::ContainerSpec spec;
    spec.lease = "job-" + std::to_string(job.id.value());
    spec.service = std::move(service);
    spec.revision = "1";
    spec.image = job.package.image;
    spec.entrypoint = job.package.command;
    spec.args = std::vector<std::string>{};
    spec.env = job.package.env;
    spec.env.push_back("JOB=" + std::to_string(job.id.value()));
    spec.cpu_milli = job.package.cpu_milli;
    spec.memory_bytes = job.package.memory_bytes;
    spec.no_network = true;
    spec.file_bytes_max = job.package.output_max_bytes;
    spec.work_folder = "/task";
    spec.host_mounts = {{store.input_folder(job.id), "/task/in", true}};
    return spec;
}

Task<Worker::Ended> Worker::run_container(AttemptId id, KeptJob job, std::uint64_t until_ms) {
    runtime::Runtime& engine = *core_.parts.job_runtime;
    Ended out;
    for (unsigned tries = 0; tries < kEngineTries && !core_.stopping; ++tries) {
        // An earlier run's container of the same name and revision is the one that create() answers with.
        std::error_code missing;
        if (!std::filesystem::exists(store_->out_folder(id), missing)) {
            if (const Result<> begun = store_->begin(id); !begun) {
                out.trouble = begun.error().message;
                co_return out;
            }
        }
        runtime::ContainerSpec spec = job_container(job, *store_, container_key(id));
        spec.env.push_back("TASK=" + jobs::task_value(job.package, id.task));
        spec.env.push_back("TASK_INDEX=" + std::to_string(id.task));
        spec.host_mounts.push_back({store_->out_folder(id), "/task/out", false});
        Task<Result<std::string>> creating = engine.create(std::move(spec));
        const Result<std::string> made = co_await std::move(creating);
        Result<> started = made ? Result<>{} : std::unexpected{made.error()};
        if (made) {
            Result<runtime::ContainerState> before = co_await engine.inspect(*made);
            if (before && before->phase == runtime::Phase::kCreated) {
                started = co_await engine.start(*made);
            }
        }
        if (started) {
            Task<Ended> waiting = wait_for_end(id, *made, {until_ms, job.package.output_max_bytes});
            out = co_await std::move(waiting);
            co_return out;
        }
        out.trouble = started.error().message;
        co_await changed_.wait_for(kEngineRetry_ms);
    }
    co_return out;
}

Task<std::string> Worker::too_much(std::filesystem::path out, std::string container, Bounds bounds,
                                   Measured& measured) {
    const std::uint64_t now_ms = core_.parts.clock.monotonic_ms();
    if (now_ms - measured.output_ms >= kMeasureEvery_ms) {
        measured.output_ms = now_ms;
        std::function<Result<std::string>()> work = [out, layer = measured.layer,
                                                     most = bounds.output_bytes]() -> Result<std::string> {
            if (bytes_below(out, most) > most) {
                return std::string{kTooMuch};
            }
            if (!layer.empty() && entries_below(layer, kMaxScratchEntries) > kMaxScratchEntries) {
                return std::string{kTooManyScratch};
            }
            const bool full = nearly_full(out) || (!layer.empty() && nearly_full(layer));
            return std::string{full ? kDiskFull : ""};
        };
        Result<std::string> more = co_await measuring_.run(std::move(work));
        if (more && !more->empty() && !(*more == kDiskFull && measured.full)) {
            co_return *std::move(more);
        }
    }
    if (now_ms - measured.scratch_ms >= kMeasureScratch_ms) {
        measured.scratch_ms = now_ms;
        const Result<std::uint64_t> written = co_await core_.parts.job_runtime->writable_bytes(std::move(container));
        if (written && *written > kMaxScratchBytes) {
            co_return kTooMuchScratch;
        }
    }
    co_return std::string{};
}

Task<Worker::Ended> Worker::wait_for_end(AttemptId id, std::string container, Bounds bounds) {
    runtime::Runtime& engine = *core_.parts.job_runtime;
    net::Clock& clock = core_.parts.clock;
    const std::uint64_t begun_ms = clock.monotonic_ms();
    Measured measured{.output_ms = begun_ms, .scratch_ms = begun_ms, .full = nearly_full(store_->out_folder(id))};
    Ended out;
    while (!core_.stopping) {
        const std::uint64_t now_ms = clock.monotonic_ms();
        const Result<runtime::ContainerState> state = co_await engine.inspect(container);
        if (state && state->phase == runtime::Phase::kExited) {
            out.exit_code = state->exit_code;
            out.trouble = state->out_of_memory ? "it ran out of memory" : state->error;
            break;
        }
        if (!state && state.error().code == Code::kNotFound) {
            out.trouble = "its container was removed by somebody else";
            break;
        }
        if (state) {
            measured.know(*state);
        }
        std::filesystem::path left = store_->out_folder(id);
        std::string which = container;
        Task<std::string> looking = too_much(std::move(left), std::move(which), bounds, measured);
        out.trouble = co_await std::move(looking);
        if (!out.trouble.empty()) {
            break;
        }
        if (now_ms >= bounds.until_ms || store_->find(id.job) == nullptr) {
            out.timed_out = true;
            break;
        }
        co_await clock.sleep(std::clamp((now_ms - begun_ms) / 20, kFirstLook_ms, kSlowestLook_ms));
    }
    if (core_.stopping) {
        co_return out;
    }
    co_await keep_log(id, container);
    if (const Result<> removed = co_await engine.remove(container); !removed) {
        net::log(net::LogLevel::kWarning, "worker", removed.error().message);
    }
    co_return out;
}

Task<> Worker::keep_log(AttemptId id, std::string container) {
    auto text = std::make_shared<Bytes>();
    runtime::LogSink sink = [text](runtime::LogLine line) -> Task<Result<>> {
        text->append(line.text).push_back('\n');
        if (text->size() > 4 * kMaxTaskLogBytes) {
            text->erase(0, text->size() - kMaxTaskLogBytes);
        }
        co_return Result<>{};
    };
    Task<Result<>> reading = core_.parts.job_runtime->logs(std::move(container), {}, std::move(sink));
    const Result<> read = co_await std::move(reading);
    const Result<> kept = read ? store_->put_log(id, *text) : read;
    if (!kept) {
        net::log(net::LogLevel::kDebug, "worker", kept.error().message);
    }
}

}  // namespace sublet::agent
