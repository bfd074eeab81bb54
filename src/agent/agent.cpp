// agent.cpp: puts the parts of the provider together: start, run, stop.
#include "agent/agent.hpp"

#include <fmt/format.h>

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <algorithm>
#include <charconv>

#include "agent/control.hpp"
#include "agent/gateway.hpp"
#include "agent/identity.hpp"
#include "agent/job_keeper.hpp"
#include "agent/rater.hpp"
#include "agent/reconcile.hpp"
#include "agent/worker.hpp"
#include "net/log.hpp"

namespace sublet::agent {

namespace {

constexpr std::uint64_t kLedgerPatience_ms = 30'000;  // at the start; then somebody should look
constexpr std::uint64_t kEndingPatience_ms = 3'000;   // for leases that ended just before the stop
constexpr std::uint64_t kEndingLook_ms = 100;
constexpr std::uint64_t kStopPatience_ms = 30'000;  // for steps and streams to end

// One agent per data folder, whoever crashed before.
class FolderLock {
public:
    static Result<FolderLock> take(const std::filesystem::path& folder) {
        const std::filesystem::path file = folder / "agent.lock";
        const int handle = ::open(file.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
        if (handle < 0) {
            return fail(Code::kIo, "cannot open " + file.string() + "; check that the folder is yours");
        }
        FolderLock lock{handle};
        if (::flock(handle, LOCK_EX | LOCK_NB) != 0) {
            return fail(Code::kConflict, "another agent runs with the data folder " + folder.string());
        }
        return lock;
    }
    FolderLock(FolderLock&& other) noexcept : handle_(std::exchange(other.handle_, -1)) {}
    FolderLock& operator=(FolderLock&&) = delete;
    ~FolderLock() {
        if (handle_ >= 0) {
            ::close(handle_);
        }
    }

private:
    explicit FolderLock(int handle) : handle_(handle) {}
    int handle_;
};

std::uint16_t port_of(const std::optional<std::string>& text) {
    std::uint16_t value = 0;
    if (text) {
        std::from_chars(text->data(), text->data() + text->size(), value);
    }
    return value;
}

}  // namespace

struct Agent::Impl {
    Impl(AgentParts parts, AgentOptions options)
        : core(std::make_shared<Core>(std::move(parts), std::move(options))),
          presence(*core),
          reconciler(*core, presence),
          gateway(std::make_shared<Gateway>(core)),
          control(std::make_shared<Control>(core, presence)),
          ended(core->parts.loop) {}

    Task<Result<>> open();
    Task<Result<>> wait_for_ledger();
    Result<> check_chain(const std::string& chain_id);
    Result<> open_gateway();
    Task<> watch();
    Task<> finish_ended_leases();
    [[nodiscard]] bool something_is_left() const;
    Task<> stop_containers();
    void close_doors();

    std::shared_ptr<Core> core;
    Presence presence;
    Reconciler reconciler;
    std::shared_ptr<Gateway> gateway;
    std::shared_ptr<Control> control;
    std::optional<FolderLock> lock;
    net::Notifier ended;
    bool running = false;
};

Agent::Agent(AgentParts parts, AgentOptions options)
    : impl_(std::make_shared<Impl>(std::move(parts), std::move(options))) {}

Agent::~Agent() {
    impl_->core->stopping = true;
    impl_->close_doors();
    impl_->lock.reset();
}

void Agent::Impl::close_doors() {
    gateway->stop();
    control->stop();
}

Task<Result<>> Agent::start() {
    const std::shared_ptr<Impl> self = impl_;
    Task<Result<>> opening = self->open();
    Result<> opened = co_await std::move(opening);
    if (!opened) {
        self->close_doors();
    }
    co_return opened;
}

Task<Result<>> Agent::Impl::open() {
    AgentParts& parts = core->parts;
    const std::filesystem::path data = core->options.data;
    CO_TRY_OK(parts.files.make_folder(data, 0700));
    CO_TRY(taken, FolderLock::take(data));
    lock.emplace(std::move(taken));
    CO_TRY(state, State::open(data / "agent.db"));
    core->state = std::move(state);
    CO_TRY(identity, load_identity(parts.files, data, core->options.public_host));
    core->identity = std::move(identity);
    Result<runtime::EngineInfo> engine = co_await parts.runtime.info();
    if (!engine) {
        co_return std::unexpected{engine.error()};
    }
    if (const Result<> fenced = co_await parts.runtime.fence_networks(); !fenced) {
        net::log(net::LogLevel::kWarning, "agent", fenced.error().message);  // a lease's network is refused with it
    }
    CO_TRY_OK(co_await wait_for_ledger());
    CO_TRY_OK(open_gateway());
    CO_TRY_OK(co_await presence.establish());
    core->worker = std::make_shared<Worker>(*core);
    CO_TRY_OK(core->worker->open());
    core->keeper = std::make_shared<JobKeeper>(*core, *core->worker);
    core->keeper->resume();
    co_return control->listen();
}

Task<Result<>> Agent::Impl::wait_for_ledger() {
    net::Clock& clock = core->parts.clock;
    const std::uint64_t begun_ms = clock.monotonic_ms();
    unsigned tries = 0;
    while (true) {
        Result<query::StatusReply> status = co_await core->parts.ledger.status();
        if (status) {
            co_return check_chain(status->chain_id);
        }
        if (clock.monotonic_ms() - begun_ms >= kLedgerPatience_ms) {
            co_return fail(status.error().code, "the node does not answer: " + status.error().message);
        }
        co_await clock.sleep(std::min<std::uint64_t>(200ULL << std::min(tries++, 4U), 2'000));
    }
}

Result<> Agent::Impl::check_chain(const std::string& chain_id) {
    TRY(known, core->state->setting("chain_id"));
    if (known && *known != chain_id) {
        return fail(Code::kConflict, "the node serves the network \"" + chain_id +
                                         "\", this data folder belongs to \"" + *known +
                                         "\": use another folder or another node");
    }
    core->chain_id = chain_id;
    return core->state->set_setting("chain_id", chain_id);
}

// The same port as last time: a new address has to be signed by the owner.
Result<> Agent::Impl::open_gateway() {
    const std::uint16_t asked = core->options.gateway_port;
    TRY(remembered, core->state->setting("gateway_port"));
    const std::uint16_t before = port_of(remembered);
    Result<> listens = gateway->listen(asked != 0 ? asked : before);
    if (!listens && asked == 0 && before != 0 && core->parts.ledger.has_owner_key()) {
        net::log(net::LogLevel::kWarning, "agent",
                 fmt::format("port {} is taken meanwhile; the gateway moves to another one", before));
        listens = gateway->listen(0);
    }
    TRY_OK(listens);
    core->gateway_uri = "https://" + core->options.public_host + ":" + std::to_string(gateway->port());
    return core->state->set_setting("gateway_port", std::to_string(gateway->port()));
}

Task<> Agent::run() {
    const std::shared_ptr<Impl> self = impl_;
    Core& core = *self->core;
    self->running = true;
    core.tasks.spawn(self->presence.keep_beating());
    core.tasks.spawn(self->presence.keep_withdrawing());
    core.tasks.spawn(self->watch());
    core.tasks.spawn(core.worker->run());
    core.tasks.spawn(core.keeper->run());
    core.rater = std::make_shared<Rater>(core, *core.worker);
    core.tasks.spawn(core.rater->run());
    co_await self->reconciler.run();
    co_await core.tasks.all_ended();
    self->running = false;
    self->ended.notify_all();
}

// Events are only a hint: when the connection is lost, the periodic reading goes on.
Task<> Agent::Impl::watch() {
    while (!core->stopping) {
        const std::weak_ptr<Core> weak = core;
        std::function<void()> wake = [weak] {
            if (const std::shared_ptr<Core> alive = weak.lock()) {
                alive->wake_up(true);
            }
        };
        Task<Result<>> watching = core->parts.ledger.watch(core->options.owner, std::move(wake));
        const Result<> ended_with = co_await std::move(watching);
        if (core->stopping) {
            co_return;
        }
        if (!ended_with) {
            net::log(net::LogLevel::kDebug, "agent",
                     fmt::format("events of the ledger: {}", ended_with.error().message));
        }
        co_await core->beat.wait_for(1'000);
    }
}

Task<> Agent::stop(StopMode mode) {
    const std::shared_ptr<Impl> self = impl_;
    Core& core = *self->core;
    if (mode == StopMode::kStopContainers && self->running) {
        co_await self->finish_ended_leases();
    }
    core.stopping = true;
    self->close_doors();
    core.wake.notify_all();
    core.beat.notify_all();
    core.news.notify_all();
    if (core.worker) {
        core.worker->wake();
    }
    co_await core.parts.ledger.stop_watching();
    const std::uint64_t begun_ms = core.parts.clock.monotonic_ms();
    while (self->running && core.parts.clock.monotonic_ms() - begun_ms < kStopPatience_ms) {
        co_await self->ended.wait_for(200);
    }
    if (mode == StopMode::kStopContainers && core.seen.read_at_ms != 0) {
        const Result<> told = co_await self->presence.heartbeat(false);
        if (!told) {
            net::log(net::LogLevel::kWarning, "agent",
                     fmt::format("the ledger was not told that this machine goes down: {}", told.error().message));
        }
        co_await self->stop_containers();
    }
    if (mode == StopMode::kStopContainers && core.worker) {
        Task<> ending = core.worker->end_all();
        co_await std::move(ending);
    }
}

// A lease that ended a moment ago goes whole: what stayed of it would lie here until the next start.
Task<> Agent::Impl::finish_ended_leases() {
    const std::uint64_t begun_ms = core->parts.clock.monotonic_ms();
    unsigned clean_looks = 0;
    while (clean_looks < 2 && core->parts.clock.monotonic_ms() - begun_ms < kEndingPatience_ms) {
        core->wake_up(true);
        co_await core->parts.clock.sleep(kEndingLook_ms);
        const bool looked = core->seen.fresh && core->seen.read_at_ms >= begun_ms;
        clean_looks = looked && !something_is_left() ? clean_looks + 1 : 0;
    }
}

bool Agent::Impl::something_is_left() const {
    const auto over = [this](const std::string& key) {
        const market::Lease* lease = core->seen.find(lease_of_key(key).value_or(LeaseId{}));
        return lease == nullptr || lease->state == market::LeaseState::kClosing ||
               lease->state == market::LeaseState::kClosed;
    };
    const auto of_ended = [&](const auto& each) { return over(each.lease); };
    return std::ranges::any_of(core->actual.containers, of_ended) ||
           std::ranges::any_of(core->actual.networks, of_ended) || std::ranges::any_of(core->actual.volumes, of_ended);
}

Task<> Agent::Impl::stop_containers() {
    runtime::Runtime& engine = core->parts.runtime;
    Result<std::vector<runtime::ContainerState>> found = co_await engine.list();
    if (!found) {
        net::log(net::LogLevel::kError, "agent", fmt::format("containers were not stopped: {}", found.error().message));
        co_return;
    }
    Executor executor{*core};
    Task<Result<>> stopping = executor.stop_all(std::move(*found));
    const Result<> stopped = co_await std::move(stopping);
    if (!stopped) {
        net::log(net::LogLevel::kError, "agent",
                 fmt::format("not every container was stopped: {}", stopped.error().message));
    }
}

AgentUrls Agent::urls() const { return {impl_->core->gateway_uri, control_url(impl_->core->options.data)}; }

}  // namespace sublet::agent
