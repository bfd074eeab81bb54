// fake.cpp: the state machine of a container, without a container.
#include "runtime/fake.hpp"

#include "net/quiet.hpp"
#include "runtime/docker_json.hpp"

namespace sublet::runtime {
namespace {

constexpr unsigned kPullSteps = 10;
constexpr std::size_t kMaxEvents = 10'000;
constexpr std::uint64_t kFollowEveryMs = 100;

const NameScope kScope{.instance = "fake"};

}  // namespace

Task<Result<>> FakeRuntime::enter() {
    if (plan.call_ms > 0) {
        co_await clock_.sleep(plan.call_ms);
    }
    if (plan.engine_down) {
        co_return fail(Code::kIo, "the container engine does not answer (fake)");
    }
    co_return Result<>{};
}

Result<FakeRuntime::Container*> FakeRuntime::find(const std::string& id) {
    const auto found = containers_.find(id);
    if (found == containers_.end()) {
        return fail(Code::kNotFound, "no container " + id + " (fake)");
    }
    return &found->second;
}

void FakeRuntime::tell(const std::string& action, const Container& container) {
    if (events_.size() == kMaxEvents) {
        events_.erase(events_.begin());
        ++events_dropped_;
    }
    events_.push_back({.action = action,
                       .id = container.state.id,
                       .lease = container.spec.lease,
                       .service = container.spec.service,
                       .replica = container.spec.replica,
                       .unix_ms = clock_.unix_ms()});
}

void FakeRuntime::die(const std::string& id, int exit_code, bool out_of_memory) {
    auto container = find(id);
    if (!container || ((*container)->state.phase != Phase::kRunning && (*container)->state.phase != Phase::kPaused)) {
        return;
    }
    ContainerState& state = (*container)->state;
    state.phase = Phase::kExited;
    state.exit_code = exit_code;
    state.out_of_memory = out_of_memory;
    state.finished_unix_ms = clock_.unix_ms();
    state.address.clear();
    tell("die", **container);
}

void FakeRuntime::say(const std::string& id, std::string line, bool err) {
    if (auto container = find(id)) {
        (*container)->log.push_back({.err = err, .time = "", .text = std::move(line)});
    }
}

const ContainerSpec* FakeRuntime::spec_of(const std::string& id) const {
    const auto found = containers_.find(id);
    return found == containers_.end() ? nullptr : &found->second.spec;
}

void FakeRuntime::set_writable_bytes(const std::string& id, std::uint64_t bytes) {
    if (auto container = find(id)) {
        (*container)->writable_bytes = bytes;
    }
}

void FakeRuntime::set_layer(const std::string& id, std::string folder) {
    if (auto container = find(id)) {
        (*container)->state.layer = std::move(folder);
    }
}

Task<Result<EngineInfo>> FakeRuntime::info() {
    CO_TRY_OK(co_await enter());
    EngineInfo out;
    out.name = "fake";
    out.version = "1";
    out.api_version = "1.40";
    out.cgroup_version = 2;
    out.cpus = 8;
    out.memory_bytes = 32ULL << 30U;
    co_return out;
}

Task<Result<bool>> FakeRuntime::has_image(std::string image) {
    CO_TRY_OK(co_await enter());
    co_return images.contains(image);
}

Task<Result<>> FakeRuntime::pull(PullRequest request) {
    CO_TRY_OK(co_await enter());
    ++counters.pulls;
    for (unsigned step = 1; step <= kPullSteps; ++step) {
        if (plan.pull_ms > 0) {
            co_await clock_.sleep(plan.pull_ms / kPullSteps);
        }
        if (request.canceller && request.canceller->cancelled()) {
            co_return fail(Code::kCancelled, "the pull was cancelled (fake)");
        }
        if (request.progress) {
            const PullProgress progress{.status = "downloaded " + std::to_string(step) + " of 10 layers",
                                        .done_bytes = step * 1'000'000U,
                                        .total_bytes = kPullSteps * 1'000'000U,
                                        .layers_done = step,
                                        .layers = kPullSteps};
            CO_TRY_OK(request.progress(progress));
        }
    }
    const auto wrong = plan.pull_errors.find(request.image);
    if (wrong != plan.pull_errors.end()) {
        co_return std::unexpected{wrong->second};
    }
    images.insert(request.image);
    co_return Result<>{};
}

Task<Result<>> FakeRuntime::remove_image(std::string image) {
    CO_TRY_OK(co_await enter());
    for (const auto& [id, container] : containers_) {
        if (container.spec.image == image) {
            co_return fail(Code::kConflict, "image " + image + " is in use by " + container.state.name + " (fake)");
        }
    }
    images.erase(image);
    co_return Result<>{};
}

Task<Result<NetworkState>> FakeRuntime::ensure_network(std::string lease) {
    CO_TRY_OK(co_await enter());
    CO_TRY_OK(check_key("lease", lease));
    if (plan.network_error) {
        co_return std::unexpected{*plan.network_error};
    }
    const auto number = networks_.size();
    const std::string prefix = "10.89." + std::to_string(number % 256) + ".";
    auto [entry, created] = networks_.try_emplace(lease);
    if (created) {
        entry->second = {
            .name = network_name(kScope, lease), .lease = lease, .subnet = prefix + "0/24", .gateway = prefix + "1"};
    }
    co_return entry->second;
}

Task<Result<>> FakeRuntime::remove_network(std::string lease) {
    CO_TRY_OK(co_await enter());
    for (const auto& [id, container] : containers_) {
        if (container.spec.lease == lease) {
            co_return fail(Code::kConflict,
                           "network of lease " + lease + " is in use by " + container.state.name + " (fake)");
        }
    }
    networks_.erase(lease);
    co_return Result<>{};
}

Task<Result<std::vector<NetworkState>>> FakeRuntime::list_networks() {
    CO_TRY_OK(co_await enter());
    std::vector<NetworkState> out;
    for (const auto& [lease, network] : networks_) {
        out.push_back(network);
    }
    co_return out;
}

Task<Result<VolumeState>> FakeRuntime::ensure_volume(std::string lease, std::string key, std::uint64_t /*size_bytes*/) {
    CO_TRY_OK(co_await enter());
    CO_TRY_OK(check_key("lease", lease));
    CO_TRY_OK(check_key("volume", key));
    const std::string name = volume_name(kScope, lease, key);
    auto [entry, created] = volumes_.try_emplace(name);
    if (created) {
        entry->second = {.name = name, .lease = lease, .key = key};
    }
    co_return entry->second;
}

Task<Result<>> FakeRuntime::remove_volume(std::string lease, std::string key) {
    CO_TRY_OK(co_await enter());
    volumes_.erase(volume_name(kScope, lease, key));
    co_return Result<>{};
}

Task<Result<std::vector<VolumeState>>> FakeRuntime::list_volumes() {
    CO_TRY_OK(co_await enter());
    std::vector<VolumeState> out;
    for (const auto& [name, volume] : volumes_) {
        out.push_back(volume);
    }
    co_return out;
}

Task<Result<std::string>> FakeRuntime::create(ContainerSpec spec) {
    CO_TRY_OK(co_await enter());
    CO_TRY_OK(create_body(kScope, spec));  // the same checks as the real one
    const std::string name = container_name(kScope, spec);
    for (const auto& [id, container] : containers_) {
        if (container.state.name == name) {
            if (container.spec.revision != spec.revision) {
                co_return fail(Code::kConflict, "container " + name + " exists with another revision: remove it first");
            }
            co_return id;
        }
    }
    const auto wrong = plan.create_errors.find(spec.service);
    if (wrong != plan.create_errors.end()) {
        co_return std::unexpected{wrong->second};
    }
    if (!images.contains(spec.image) || (!spec.no_network && !networks_.contains(spec.lease))) {
        co_return fail(Code::kNotFound, "no image " + spec.image + " or no network of lease " + spec.lease + " (fake)");
    }
    ++counters.creates;
    const std::string id = "fake" + std::to_string(next_id_++);
    Container container;
    container.state.id = id;
    container.state.name = name;
    container.state.image = spec.image;
    container.state.lease = spec.lease;
    container.state.service = spec.service;
    container.state.replica = spec.replica;
    container.state.revision = spec.revision;
    container.state.labels = spec.labels;
    container.state.phase = Phase::kCreated;
    container.spec = std::move(spec);
    tell("create", container);
    containers_.emplace(id, std::move(container));
    co_return id;
}

Task<Result<>> FakeRuntime::start(std::string id) {
    CO_TRY_OK(co_await enter());
    CO_TRY(container, find(id));
    ContainerState& state = container->state;
    if (state.phase == Phase::kRunning || state.phase == Phase::kPaused) {
        co_return Result<>{};
    }
    const auto wrong = plan.start_errors.find(state.service);
    if (wrong != plan.start_errors.end()) {
        state.error = wrong->second.message;
        co_return std::unexpected{wrong->second};
    }
    ++counters.starts;
    state.phase = Phase::kRunning;
    state.started_unix_ms = clock_.unix_ms();
    state.address = "10.89.0." + std::to_string(2 + next_id_ % 250);
    if (state.ports.empty()) {
        for (PortBinding port : container->spec.ports) {
            port.host_port = port.host_port == 0 ? next_port_++ : port.host_port;
            state.ports.push_back(port);
        }
    }
    tell("start", *container);
    const auto ends = plan.exit_at_once.find(state.service);
    if (ends != plan.exit_at_once.end()) {
        die(id, ends->second);
    }
    co_return Result<>{};
}

Task<Result<>> FakeRuntime::stop(std::string id, std::uint32_t /*grace_s*/) {
    CO_TRY_OK(co_await enter());
    CO_TRY(container, find(id));
    const bool runs = container->state.phase == Phase::kRunning || container->state.phase == Phase::kPaused;
    counters.stops += runs ? 1U : 0U;
    die(id, 143);
    co_return Result<>{};
}

Task<Result<>> FakeRuntime::remove(std::string id) {
    CO_TRY_OK(co_await enter());
    const auto found = containers_.find(id);
    if (found != containers_.end()) {
        ++counters.removes;
        tell("remove", found->second);
        containers_.erase(found);
    }
    co_return Result<>{};
}

Task<Result<>> FakeRuntime::pause(std::string id) {
    CO_TRY_OK(co_await enter());
    CO_TRY(container, find(id));
    if (container->state.phase == Phase::kPaused) {
        co_return Result<>{};
    }
    if (container->state.phase != Phase::kRunning) {
        co_return fail(Code::kEngine, "container " + container->state.name + " does not run (fake)");
    }
    ++counters.pauses;
    container->state.phase = Phase::kPaused;
    tell("pause", *container);
    co_return Result<>{};
}

Task<Result<>> FakeRuntime::unpause(std::string id) {
    CO_TRY_OK(co_await enter());
    CO_TRY(container, find(id));
    if (container->state.phase == Phase::kPaused) {
        ++counters.unpauses;
        container->state.phase = Phase::kRunning;
        tell("unpause", *container);
    }
    co_return Result<>{};
}

Task<Result<std::vector<ContainerState>>> FakeRuntime::list() {
    CO_TRY_OK(co_await enter());
    std::vector<ContainerState> out;
    for (const auto& [id, container] : containers_) {
        out.push_back(container.state);
    }
    co_return out;
}

Task<Result<ContainerState>> FakeRuntime::inspect(std::string id) {
    CO_TRY_OK(co_await enter());
    CO_TRY(container, find(id));
    co_return container->state;
}

Task<Result<>> FakeRuntime::logs(std::string id, LogOptions options, LogSink sink) {
    CO_TRY_OK(co_await enter());
    CO_TRY(first, find(id));
    std::size_t next = options.tail && *options.tail < first->log.size() ? first->log.size() - *options.tail : 0;
    while (true) {
        auto container = find(id);  // it may be removed while we wait
        if (!container) {
            co_return Result<>{};
        }
        if (next < (*container)->log.size()) {
            LogLine line = (*container)->log[next++];
            line.time = options.timestamps ? "2026-01-01T00:00:00Z" : "";
            CO_TRY_OK(co_await sink(std::move(line)));
            continue;
        }
        if (!options.follow || (*container)->state.phase == Phase::kExited) {
            co_return Result<>{};
        }
        co_await clock_.sleep(kFollowEveryMs);
    }
}

Task<Result<ExecResult>> FakeRuntime::exec(std::string id, std::vector<std::string> argv) {
    CO_TRY_OK(co_await enter());
    CO_TRY(container, find(id));
    if (container->state.phase != Phase::kRunning) {
        co_return fail(Code::kConflict, "container " + container->state.name + " does not run (fake)");
    }
    ExecResult result;
    const auto code = plan.exec_codes.find(container->spec.service);
    result.exit_code = code == plan.exec_codes.end() ? 0 : code->second;
    for (const auto& word : argv) {
        result.out += word + "\n";
    }
    co_return result;
}

Task<Result<Stats>> FakeRuntime::stats(std::string id) {
    CO_TRY_OK(co_await enter());
    CO_TRY(container, find(id));
    Stats out;
    out.memory_limit_bytes = container->spec.memory_bytes;
    out.memory_bytes = container->spec.memory_bytes / 4;
    out.pids = container->state.phase == Phase::kRunning ? 1 : 0;
    co_return out;
}

Task<Result<std::uint64_t>> FakeRuntime::writable_bytes(std::string id) {
    CO_TRY_OK(co_await enter());
    CO_TRY(container, find(id));
    co_return container->writable_bytes;
}

Task<Result<>> FakeRuntime::events(EventSink sink) {
    std::uint64_t next = events_dropped_ + events_.size();  // from now on
    while (!plan.engine_down) {
        next = std::max(next, events_dropped_);
        if (next - events_dropped_ < events_.size()) {
            EngineEvent event = events_[next++ - events_dropped_];
            CO_TRY_OK(co_await sink(std::move(event)));
            continue;
        }
        co_await clock_.sleep(kFollowEveryMs);
    }
    co_return fail(Code::kIo, "the container engine went away (fake)");
}

}  // namespace sublet::runtime
