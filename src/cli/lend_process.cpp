// lend_process.cpp: puts the provider together and takes it apart again.
#include "cli/lend_process.hpp"

#include "agent/chain_ledger.hpp"
#include "agent/job_store.hpp"
#include "agent/job_swarm.hpp"
#include "cli/format.hpp"
#include "cli/pull_engine.hpp"
#include "crypto/sha256.hpp"
#include "net/log.hpp"
#include "net/quiet.hpp"
#include "runtime/docker.hpp"
#include "runtime/engine_process.hpp"
#include "runtime/firewall.hpp"
#include "runtime/hardware.hpp"

namespace sublet::cli {
namespace {

constexpr std::size_t kInstanceDigits = 10;
constexpr std::uint64_t kEngineLookMs = 1'000;

// One per data folder, and the same at every start.
std::string instance_of(const std::filesystem::path& data) {
    const Hash digest = crypto::sha256(std::filesystem::absolute(data).lexically_normal().string());
    return "s" + to_hex(view_of(digest)).substr(0, kInstanceDigits);
}

Result<market::PriceVector> prices_of(const LendSettings& settings) {
    TRY(core, parse_hourly_floor(settings.cpu_core_hour));
    TRY(memory, parse_hourly_floor(settings.memory_gib_hour));
    TRY(storage, parse_hourly_floor(settings.storage_gib_hour));
    TRY(gpu, parse_hourly_floor(settings.gpu_hour));
    market::PriceVector out;
    out.cpu_core = core.value();
    out.memory_gib = memory.value();
    out.storage_gib = storage.value();
    out.gpu = gpu.value();
    return out;
}

// Services of our own that have ended are started again; somebody else's are theirs to start.
struct Keeper {
    explicit Keeper(net::Loop& loop) : changed(loop) {}
    std::vector<runtime::EngineProcess*> engines;
    net::Notifier changed;
    bool stopping = false;
    bool ended = false;
};

net::Task<> keep_engine(std::shared_ptr<Keeper> keeper) {
    while (!keeper->stopping) {
        for (runtime::EngineProcess* each : keeper->engines) {
            const Result<> there = co_await each->ensure();
            if (!there && !keeper->stopping) {
                net::log(net::LogLevel::kWarning, "agent", there.error().message);
            }
        }
        if (!keeper->stopping) {
            co_await keeper->changed.wait_for(kEngineLookMs);
        }
    }
    keeper->ended = true;
    keeper->changed.notify_all();
}

net::Task<> end_keeping(std::shared_ptr<Keeper> keeper) {
    keeper->stopping = true;
    keeper->changed.notify_all();
    while (!keeper->ended) {
        co_await keeper->changed.wait_for(kEngineLookMs);
    }
}

}  // namespace

struct LendProcess::Parts {
    Context& context;
    std::unique_ptr<net::Listener> listener;
    std::unique_ptr<runtime::EngineProcess> engine;
    std::unique_ptr<PullEngine> pull_engine;  // none: the engine pulls itself
    std::unique_ptr<runtime::Firewall> firewall;
    std::unique_ptr<runtime::Runtime> containers;
    std::unique_ptr<runtime::Runtime> job_containers;
    std::unique_ptr<client::Signer> operator_signer;
    std::unique_ptr<client::Signer> owner_signer;
    std::unique_ptr<agent::ChainLedger> ledger;
    std::unique_ptr<agent::Agent> agent;
    std::shared_ptr<Keeper> keeper;
    bool stopped = false;
};

runtime::EngineOptions engine_options(const LendSettings& settings) {
    runtime::EngineOptions out;
    out.socket = settings.engine_socket;
    out.state_folder = std::filesystem::absolute(settings.data) / "engine";
    out.own = settings.own_engine;
    out.registries_conf = settings.registries_conf;
    return out;
}

// What pulls, and what runs leases and tasks.
Result<runtime::EngineInfo> LendProcess::start_runtimes(Parts& parts, const LendSettings& settings,
                                                        const std::string& instance) {
    Context& context = parts.context;
    const auto runtime = [&](const std::string& name) {
        return runtime::docker_runtime(*context.transport, *context.clock, *parts.firewall,
                                       {parts.engine->endpoint(), name, settings.require_isolation,
                                        parts.pull_engine ? parts.pull_engine->socket() : ""});
    };
    const std::unique_ptr<runtime::Runtime> asked = runtime(instance);
    TRY(info, context.wait(asked->info()));
    Result<std::unique_ptr<PullEngine>> pulls = PullEngine::start(context, settings, info);
    if (pulls) {
        parts.pull_engine = std::move(*pulls);
    } else {
        const bool at_home = agent::own_reach(settings.public_host) == swarm::Reach::kLoopback;
        net::log(at_home ? net::LogLevel::kDebug : net::LogLevel::kWarning, "agent",
                 "registries can redirect pulls of images into the local network: " + pulls.error().message);
    }
    parts.containers = runtime(instance);
    // An instance of their own: what keeps leases in order never sees them.
    parts.job_containers = runtime(instance + "-jobs");
    return info;
}

LendProcess::LendProcess(std::unique_ptr<Parts> parts) : parts_(std::move(parts)) {}
LendProcess::~LendProcess() { stop(agent::StopMode::kKeep); }

Result<std::unique_ptr<LendProcess>> LendProcess::start(Context& context, client::Chain& chain, LendSettings settings,
                                                        LendKeys keys) {
    TRY(price, prices_of(settings));
    TRY_OK(ensure_folder(*context.files, settings.data));
    const std::string instance = instance_of(settings.data);
    auto parts = std::make_unique<Parts>(
        Parts{context, net::system_listener(context.loop), {}, {}, {}, {}, {}, {}, {}, {}, {}, {}});
    const auto progress = context.progress("starting the container engine");
    TRY(engine,
        context.wait(runtime::EngineProcess::find(*context.transport, *context.clock, engine_options(settings))));
    parts->engine = std::move(engine);
    parts->firewall = settings.require_isolation ? runtime::nft_firewall(instance) : runtime::no_firewall();
    progress->say("looking at this machine");
    TRY(info, start_runtimes(*parts, settings, instance));
    const bool local_root = !info.data_root.empty() && std::filesystem::exists(info.data_root);
    TRY(hardware, runtime::detect_hardware(local_root ? std::filesystem::path{info.data_root} : settings.data));

    TRY(operator_signer, client::Signer::make(context.loop, keys.operator_secret));
    parts->operator_signer = std::move(operator_signer);
    if (keys.owner_secret) {
        TRY(owner_signer, client::Signer::make(context.loop, *keys.owner_secret));
        parts->owner_signer = std::move(owner_signer);
    }
    parts->ledger = std::make_unique<agent::ChainLedger>(chain, *parts->operator_signer, parts->owner_signer.get());

    agent::AgentOptions options;
    options.data = settings.data;
    options.instance = instance;
    options.owner = keys.owner;
    options.machine = settings.machine;
    options.gateway_address = settings.gateway_address;
    options.gateway_port = settings.gateway_port;
    options.public_host = settings.public_host;
    options.ports_address = settings.ports_address;
    options.inventory = agent::inventory_of(hardware);
    options.share = settings.share;
    options.price = price;
    options.notice = Millis{settings.notice_s * 1000};
    options.attributes = settings.attributes;
    options.job_slots = settings.job_slots;
    options.overrun_percent = settings.overrun_percent;
    options.benchmark_image = settings.benchmark_image;
    options.swarm_port = settings.swarm ? std::optional{settings.swarm_port} : std::nullopt;
    options.swarm_upload_bytes_s = settings.swarm_upload_kib_s * 1'024;
    static_assert(kMaxStorageGib << 30U <= agent::kMaxKeptInputBytes);
    options.storage_bytes = settings.storage_gib << 30U;
    options.storage_bytes_each = settings.storage_gib_each << 30U;
    options.withdraw_every_ms = settings.withdraw_every_s * 1000;
    parts->agent = std::make_unique<agent::Agent>(
        agent::AgentParts{context.loop, *parts->ledger, *parts->containers, *context.clock, *context.random,
                          *context.files, *parts->listener, parts->job_containers.get(), context.transport.get(),
                          &parts->operator_signer->secret()},
        std::move(options));
    progress->say("registering and offering this machine");
    TRY_OK(context.wait(parts->agent->start()));
    net::spawn(context.loop, parts->agent->run());
    parts->keeper = std::make_shared<Keeper>(context.loop);
    parts->keeper->engines.push_back(parts->engine.get());
    if (parts->pull_engine) {
        parts->keeper->engines.push_back(&parts->pull_engine->engine());
    }
    net::spawn(context.loop, keep_engine(parts->keeper));
    return std::unique_ptr<LendProcess>{new LendProcess{std::move(parts)}};
}

std::string LendProcess::gateway() const { return parts_->agent->urls().gateway; }

void LendProcess::stop(agent::StopMode mode) {
    if (parts_->stopped) {
        return;
    }
    parts_->stopped = true;
    parts_->context.wait(parts_->agent->stop(mode));
    parts_->context.wait(end_keeping(parts_->keeper));
    if (parts_->pull_engine) {
        parts_->pull_engine->engine().stop();
    }
    parts_->engine->stop();
}

}  // namespace sublet::cli
