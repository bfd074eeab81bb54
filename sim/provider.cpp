// provider.cpp: a machine with the real agent on it.
#include "actors.hpp"
#include "base/assert.hpp"
#include "identity.hpp"

#include <filesystem>

#include "crypto/address.hpp"
#include "net/quiet.hpp"
#include "net/run.hpp"

namespace sublet::sim {
namespace {

constexpr std::uint64_t kRestartMs = 5'000;
constexpr std::uint64_t kMostLostBytes = 64 << 10;
constexpr std::uint64_t kNeverCopiedBytes = 1'000 * 4'120;  // pages and their heads

// An agent that cannot start ends its process; whoever keeps services running tries again.
net::Task<> run_agent(agent::Agent& agent, World& world, Provider& provider) {
    net::Task<Result<>> starting = agent.start();
    const Result<> started = co_await std::move(starting);
    if (!started) {
        world.mark("an agent's start failed");
        provider.start_again_later();
        co_return;
    }
    co_await agent.run();
}

net::Task<> list_into(runtime::FakeRuntime& engine, std::string& out) {
    const auto containers = co_await engine.list();
    const auto networks = co_await engine.list_networks();
    const auto volumes = co_await engine.list_volumes();
    if (containers && networks && volumes && (!containers->empty() || !networks->empty() || !volumes->empty())) {
        out = std::to_string(containers->size()) + " containers, " + std::to_string(networks->size()) + " networks, " +
              std::to_string(volumes->size()) + " volumes";
    }
}

net::Task<> kill_one(runtime::FakeRuntime& engine, std::uint64_t pick, World& world) {
    const auto containers = co_await engine.list();
    if (containers && !containers->empty()) {
        const runtime::ContainerState& chosen = (*containers)[pick % containers->size()];
        if (chosen.phase == runtime::Phase::kRunning) {
            world.mark("a container died");
            engine.die(chosen.id, 137);
        }
    }
}

net::Task<> kill_all(runtime::FakeRuntime& engine) {
    const auto containers = co_await engine.list();
    for (const runtime::ContainerState& each : *containers) {
        engine.die(each.id, 137);  // of a frozen one too; those that do not run stay as they are
    }
}

net::Task<> remove_all(runtime::FakeRuntime& engine) {
    engine.images.clear();
    const auto containers = co_await engine.list();
    for (const runtime::ContainerState& each : *containers) {
        SUBLET_ASSERT((co_await engine.remove(each.id)).has_value());
    }
    const auto networks = co_await engine.list_networks();
    for (const runtime::NetworkState& each : *networks) {
        SUBLET_ASSERT((co_await engine.remove_network(each.lease)).has_value());
    }
    const auto volumes = co_await engine.list_volumes();
    for (const runtime::VolumeState& each : *volumes) {
        SUBLET_ASSERT((co_await engine.remove_volume(each.lease, each.key)).has_value());
    }
}

}  // namespace

Provider::Provider(World& world, std::size_t number)
    : world_(world),
      number_(number),
      name_("provider-" + std::to_string(number)),
      machine_(&world.spawn_process(name_ + "-engine", name_ + "-engine")),
      engine_(std::make_unique<runtime::FakeRuntime>(machine_->clock)) {
    new_folder();
    engine_->plan.call_ms = 5;
    engine_->plan.pull_ms = 4'000;
}

void Provider::new_folder() {
    folder_ = world_.folder() / (name_ + "." + std::to_string(losses_++));
    const Identity identity = identity_of(name_);
    SUBLET_ASSERT(machine_->files->make_folder(folder_, 0700).has_value());
    SUBLET_ASSERT(machine_->files->write(folder_ / "gateway.crt", identity.certificate_pem, 0600).has_value());
    SUBLET_ASSERT(machine_->files->write(folder_ / "gateway.key", identity.private_key_pem, 0600).has_value());
}

void Provider::start() {
    process_ = &world_.spawn_process(name_, name_);
    Process& process = *process_;
    chain_ = std::make_unique<client::Chain>(*process.transport, process.clock, world_.node_for(number_));
    operator_ = *client::Signer::make(process.loop, world_.key(name_ + "-operator"));
    owner_ = *client::Signer::make(process.loop, world_.key(name_ + "-owner"));
    ledger_ = std::make_unique<agent::ChainLedger>(*chain_, *operator_, owner_.get());
    agent::AgentOptions options;
    options.data = folder_;
    options.instance = name_;
    options.owner = owner_->address();
    options.public_host = name_;
    options.inventory = {.cpu_milli = 8'000, .memory_bytes = 16ULL << 30U, .storage_bytes = 200ULL << 30U};
    options.price = {
        .cpu_core = 10'000'000 + number_ * 500'000, .memory_gib = 2'000'000, .storage_gib = 10'000, .gpu = 0};
    agent::AgentParts parts{process.loop,   *ledger_,       *engine_,         process.clock,
                            process.random, *process.files, *process.listener};
    agent_ = std::make_unique<agent::Agent>(parts, std::move(options));
    net::spawn(process.loop, run_agent(*agent_, world_, *this));
}

void Provider::kill() {
    world_.kill(*process_);
    agent_.reset();
    // The frames of the dead loop may still name these.
    (void)ledger_.release();
    (void)chain_.release();
    (void)operator_.release();
    (void)owner_.release();
    process_ = nullptr;
}

void Provider::start_again_later() {
    world_.time().after(kRestartMs, [this, ended = process_] {
        if (process_ == ended) {  // nobody else killed it meanwhile
            kill();
            start();
        }
    });
}

void Provider::set_clock(std::int64_t off_by_ms) {
    if (process_ != nullptr) {
        process_->clock.set_off_by(off_by_ms);
    }
}

void Provider::lose_a_container(Dice& dice) { net::spawn(machine_->loop, kill_one(*engine_, dice.next(), world_)); }

template <class Work>
void Provider::with_engine(Work work) {
    const runtime::FakeRuntime::Plan plan = std::exchange(engine_->plan, {});
    net::Loop loop;
    net::spawn(loop, work(*engine_));
    loop.run();
    engine_->plan = plan;
}

std::string Provider::leftovers() {
    std::string out;
    with_engine([&](runtime::FakeRuntime& engine) { return list_into(engine, out); });
    return out;
}

// SQLite takes of a log what is whole, so wherever it is cut, the database is as it was after some transaction: as long
// as the log was never copied into the database, which SQLite does after 1,000 pages and only once the log is synced.
std::uint64_t Provider::lose_power(Dice& dice) {
    const std::filesystem::path before = folder_;
    new_folder();
    std::uint64_t lost = 0;
    if (std::filesystem::exists(before / "agent.db")) {
        std::filesystem::copy_file(before / "agent.db", folder_ / "agent.db");
    }
    if (std::filesystem::exists(before / "agent.db-wal")) {
        const std::filesystem::path log = folder_ / "agent.db-wal";
        std::filesystem::copy_file(before / "agent.db-wal", log);
        const std::uint64_t size = std::filesystem::file_size(log);
        lost = size < kNeverCopiedBytes ? dice.between(0, std::min(size, kMostLostBytes)) : 0;
        std::filesystem::resize_file(log, size - lost);
    }
    with_engine(kill_all);
    return lost;
}

void Provider::lose_everything() {
    new_folder();
    with_engine(remove_all);
}

}  // namespace sublet::sim
