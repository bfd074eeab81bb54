// executor.cpp: does the steps of a plan that concern containers.
#include "agent/executor.hpp"
#include "agent/crash.hpp"
#include "net/log.hpp"

#include <algorithm>

#include <fmt/format.h>

namespace sublet::agent {

namespace {

constexpr std::string_view kGpuLabel = "sublet.gpus";  // the cards of a container, separated by commas
constexpr std::uint64_t kProgressEvery_ms = 3'000;     // events of a pull

std::string join(const std::vector<std::string>& items) { return fmt::format("{}", fmt::join(items, ",")); }

bool is_port_clash(const Error& error) {
    return error.message.find("address already in use") != std::string::npos ||
           error.message.find("port is already allocated") != std::string::npos;
}

}  // namespace

Task<> Executor::run(LeaseId lease, std::vector<Step> steps) {
    core_.memory[lease].busy = true;
    const bool forgets = std::ranges::any_of(steps, [](const Step& step) { return step.kind == StepKind::kForget; });
    Task<Result<>> work = run_all(lease, std::move(steps));
    const Result<> done = co_await std::move(work);
    LeaseMemory& memory = core_.memory[lease];
    memory.busy = false;
    core_.just_done.insert(lease);
    if (done) {
        memory.failed_steps = 0;
        memory.next_try_ms = 0;
        if (forgets) {
            core_.memory.erase(lease);
        }
    } else {
        memory.failed_steps += 1;
        memory.next_try_ms = core_.parts.clock.monotonic_ms() + back_off_ms(memory.failed_steps);
        if (!core_.stopping) {
            net::log(
                net::LogLevel::kWarning, "agent",
                fmt::format("lease {}: {} (tried {} times)", lease.value(), done.error().message, memory.failed_steps));
        }
    }
    core_.wake_up(false);
}

Task<Result<>> Executor::run_all(LeaseId lease, std::vector<Step> steps) {
    std::size_t next = 0;
    while (next < steps.size()) {
        if (core_.stopping) {
            co_return fail(Code::kCancelled, "the agent stops");
        }
        std::vector<Step> together;
        while (next < steps.size() && steps[next].kind == StepKind::kStop) {
            together.push_back(steps[next++]);
        }
        if (!together.empty()) {
            crash_before(StepKind::kStop);
            Task<Result<>> stopping = stop_together(std::move(together));
            CO_TRY_OK(co_await std::move(stopping));
            crash_after(StepKind::kStop);
            continue;
        }
        Step step = steps[next++];
        const StepKind kind = step.kind;
        crash_before(kind);
        Task<Result<>> work = run_one(std::move(step));
        Result<> done = co_await std::move(work);
        if (!done) {
            const std::string name{to_name(kind)};
            co_return fail(done.error().code, name + ": " + done.error().message);
        }
        crash_after(kind);
    }
    static_cast<void>(lease);
    co_return Result<>{};
}

Task<Result<>> Executor::run_one(Step step) {
    runtime::Runtime& engine = core_.parts.runtime;
    const std::string key = lease_key_of(step.lease);
    switch (step.kind) {
        case StepKind::kPull:
            return pull(std::move(step));
        case StepKind::kNetwork:
            return network(key);
        case StepKind::kVolume:
            return volume(std::move(step));
        case StepKind::kCreate:
            return create(std::move(step));
        case StepKind::kStart:
            return start(std::move(step));
        case StepKind::kRemove:
            return engine.remove(step.target);
        case StepKind::kPause:
            return engine.pause(step.target);
        case StepKind::kUnpause:
            return engine.unpause(step.target);
        case StepKind::kRemoveNetwork:
            return engine.remove_network(key);
        case StepKind::kRemoveVolume:
            return engine.remove_volume(key, step.target);
        case StepKind::kReady:
            return ready(step.lease);
        case StepKind::kEnd:
            return end(std::move(step));
        case StepKind::kForget:
            return forget(step.lease);
        case StepKind::kStop:    // stop_together
        case StepKind::kSettle:  // the reconciler's
            break;
    }
    SUBLET_UNREACHABLE();
}

// One grace for all containers of a lease, not one after the other.
Task<Result<>> Executor::stop_together(std::vector<Step> steps) {
    auto failure = std::make_shared<std::optional<Error>>();
    Tasks stops{core_.parts.loop};
    for (const Step& step : steps) {
        stops.spawn(stop_one(step.target, failure));
    }
    co_await stops.all_ended();
    if (*failure) {
        co_return std::unexpected{**failure};
    }
    co_return Result<>{};
}

Task<Result<>> Executor::stop_all(std::vector<runtime::ContainerState> containers) {
    std::vector<Step> stops;
    for (const runtime::ContainerState& container : containers) {
        if (container.phase == runtime::Phase::kPaused) {
            co_await core_.parts.runtime.unpause(container.id);  // a frozen process cannot hear that it should stop
        }
        if (container.phase == runtime::Phase::kPaused || container.phase == runtime::Phase::kRunning) {
            stops.push_back({.kind = StepKind::kStop, .target = container.id});
        }
    }
    co_return co_await stop_together(std::move(stops));
}

Task<> Executor::stop_one(std::string id, std::shared_ptr<std::optional<Error>> failure) {
    Task<Result<>> stopping = core_.parts.runtime.stop(std::move(id), core_.options.stop_grace_s);
    const Result<> done = co_await std::move(stopping);
    if (!done) {
        *failure = done.error();
    }
}

Task<Result<>> Executor::pull(Step step) {
    const LeaseId lease = step.lease;
    const std::string image = step.target;
    net::Clock& clock = core_.parts.clock;
    Result<bool> here = co_await core_.parts.runtime.has_image(image);
    if (here && *here) {
        core_.memory[lease].images[image].present = true;
        co_return Result<>{};
    }
    core_.note(lease, "pull", "pulling " + image);
    runtime::PullRequest request;
    request.image = image;
    const auto workload = core_.workloads.find(lease);
    if (workload != core_.workloads.end()) {
        for (const Replica& replica : workload->second.replicas) {
            if (replica.spec.image == image && replica.credentials) {
                request.credentials = replica.credentials;
            }
        }
    }
    const std::uint64_t begun_ms = clock.monotonic_ms();
    auto next_note_ms = std::make_shared<std::uint64_t>(begun_ms + kProgressEvery_ms);
    Core& core = core_;
    request.progress = [&core, lease, image, next_note_ms](const runtime::PullProgress& progress) -> Result<> {
        if (core.unwanted(lease)) {
            return fail(Code::kCancelled, "nobody waits for " + image + " any more");
        }
        const std::uint64_t now_ms = core.parts.clock.monotonic_ms();
        if (now_ms >= *next_note_ms) {
            *next_note_ms = now_ms + kProgressEvery_ms;
            core.note(lease, "pull", image + ": " + progress.status);
        }
        return {};
    };
    Task<Result<>> pulling = core_.parts.runtime.pull(std::move(request));
    const Result<> done = co_await std::move(pulling);
    PullMemory& memory = core_.memory[lease].images[image];
    if (done) {
        memory = {.present = true};
        core_.note(lease, "pull",
                   fmt::format("pulled {} in {:.1f} s", image,
                               static_cast<double>(clock.monotonic_ms() - begun_ms) / 1'000.0));
        co_return Result<>{};
    }
    if (done.error().code == Code::kCancelled) {
        co_return Result<>{};
    }
    memory.tries += 1;
    memory.hopeless = done.error().code == Code::kImage;
    memory.next_try_ms = clock.monotonic_ms() + 3 * back_off_ms(memory.tries);
    core_.note(lease, "pull", "cannot pull " + image + ": " + done.error().message);
    co_return Result<>{};  // remembered with the image; the lease itself need not wait
}

Task<Result<>> Executor::network(std::string key) {
    Task<Result<runtime::NetworkState>> making = core_.parts.runtime.ensure_network(std::move(key));
    const Result<runtime::NetworkState> made = co_await std::move(making);
    if (!made) {
        co_return std::unexpected{made.error()};
    }
    co_return Result<>{};
}

Task<Result<>> Executor::volume(Step step) {
    std::uint64_t bytes = 0;
    if (const auto workload = core_.workloads.find(step.lease); workload != core_.workloads.end()) {
        const auto found = std::ranges::find(workload->second.volumes, step.target, &WantedVolume::key);
        bytes = found == workload->second.volumes.end() ? 0 : found->bytes;
    }
    std::string key = lease_key_of(step.lease);
    Task<Result<runtime::VolumeState>> making = core_.parts.runtime.ensure_volume(std::move(key), step.target, bytes);
    const Result<runtime::VolumeState> made = co_await std::move(making);
    if (!made) {
        co_return std::unexpected{made.error()};
    }
    co_return Result<>{};
}

const Replica* Executor::find_replica(const Step& step) const {
    const auto workload = core_.workloads.find(step.lease);
    if (workload == core_.workloads.end()) {
        return nullptr;
    }
    const auto found = std::ranges::find_if(workload->second.replicas, [&](const Replica& replica) {
        return replica.spec.service == step.service && replica.spec.replica == step.replica;
    });
    return found == workload->second.replicas.end() ? nullptr : &*found;
}

// The host ports it had before, and free graphics cards.
Result<> Executor::fill_in(const Step& step, Replica& replica) {
    TRY(ports, core_.state->ports(step.lease));
    for (runtime::PortBinding& binding : replica.spec.ports) {
        for (const StoredPort& port : ports) {
            if (port.service == step.service && port.replica == step.replica &&
                port.container_port == binding.container_port && port.udp == binding.udp) {
                binding.host_port = port.host_port;
            }
        }
    }
    if (replica.gpus == 0) {
        return {};
    }
    std::string used = ",";
    for (const runtime::ContainerState& container : core_.actual.containers) {
        const auto label = container.labels.find(std::string{kGpuLabel});
        used += label == container.labels.end() ? "" : label->second + ",";
    }
    for (const GpuDevice& device : core_.options.inventory.gpus) {
        const bool is_free = used.find("," + device.id + ",") == std::string::npos;
        if (is_free && replica.spec.gpus.size() < replica.gpus) {
            replica.spec.gpus.push_back(device.id);
        }
    }
    if (replica.spec.gpus.size() < replica.gpus) {
        return fail(Code::kConflict, "not enough free graphics cards for service " + step.service);
    }
    replica.spec.labels[std::string{kGpuLabel}] = join(replica.spec.gpus);
    return {};
}

Task<Result<>> Executor::create(Step step) {
    const Replica* wanted = find_replica(step);
    if (wanted == nullptr) {
        co_return Result<>{};  // the manifest changed meanwhile
    }
    Replica replica = *wanted;
    CO_TRY_OK(fill_in(step, replica));
    Task<Result<std::string>> making = core_.parts.runtime.create(std::move(replica.spec));
    Result<std::string> made = co_await std::move(making);
    if (!made) {
        if (made.error().code == Code::kImage || made.error().code == Code::kNotFound) {
            core_.memory[step.lease].images[step.target].present = false;  // removed behind our back: pull again
        }
        failed_to_start(step, made.error());
        co_return Result<>{};
    }
    crash_point(CrashPoint::kContainerCreated);
    step.target = *made;
    Task<Result<>> starting = start(std::move(step));
    co_return co_await std::move(starting);
}

Task<Result<>> Executor::start(Step step) {
    const std::string id = step.target;
    Task<Result<>> starting = core_.parts.runtime.start(id);
    const Result<> done = co_await std::move(starting);
    if (done) {
        crash_point(CrashPoint::kContainerStarted);
        Task<Result<>> after = started(std::move(step), id);
        co_return co_await std::move(after);
    }
    failed_to_start(step, done.error());
    if (is_port_clash(done.error())) {  // somebody took the port meanwhile: another one, in a new container
        CO_TRY_OK(core_.state->drop_ports(step.lease, step.service, step.replica));
        Task<Result<>> removing = core_.parts.runtime.remove(id);
        co_return co_await std::move(removing);
    }
    co_return Result<>{};
}

void Executor::failed_to_start(const Step& step, const Error& error) {
    const std::uint64_t now_ms = core_.parts.clock.monotonic_ms();
    ReplicaMemory& memory = core_.memory[step.lease].replicas[{step.service, step.replica}];
    memory.failures += 1;
    memory.failing_since_ms = memory.failing_since_ms == 0 ? now_ms : memory.failing_since_ms;
    memory.next_try_ms = now_ms + back_off_ms(memory.failures);
    memory.last_error = error.message;
    core_.note(step.lease, "crash", "service " + step.service + " cannot start: " + error.message);
}

Task<Result<>> Executor::started(Step step, std::string id) {
    const ReplicaMemory& memory = core_.memory[step.lease].replicas[{step.service, step.replica}];
    const std::string again = memory.failures == 0 ? "" : fmt::format(" again, after it {}", memory.last_error);
    core_.note(step.lease, "start", fmt::format("started {}-{}{}", step.service, step.replica, again));
    Task<Result<runtime::ContainerState>> looking = core_.parts.runtime.inspect(std::move(id));
    const Result<runtime::ContainerState> now = co_await std::move(looking);
    if (!now) {
        co_return std::unexpected{now.error()};
    }
    std::vector<StoredPort> ports;
    for (const runtime::PortBinding& port : now->ports) {
        if (port.host_port != 0) {
            ports.push_back({step.service, step.replica, port.container_port, port.udp, port.host_port});
        }
    }
    co_return core_.state->put_ports(step.lease, ports);
}

}  // namespace sublet::agent
