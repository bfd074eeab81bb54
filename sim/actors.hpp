// actors.hpp: who lives in the world: providers (machine, container engine, agent) and tenants.
#pragma once

#include "agent/agent.hpp"
#include "agent/chain_ledger.hpp"
#include "renter.hpp"
#include "runtime/fake.hpp"

namespace sublet::sim {

// The machine and its containers outlive every run of the agent.
class Provider {
public:
    Provider(World& world, std::size_t number);
    void start();
    void kill();
    void start_again_later();
    // While the agent is down. A power cut: every container ends, and the database's log is cut anywhere in what was
    // written last; gives the bytes that are gone.
    std::uint64_t lose_power(Dice& dice);
    // The machine and all on it, but for the keys that its owner had a copy of.
    void lose_everything();
    // The wall clock of whatever runs now goes wrong.
    void set_clock(std::int64_t off_by_ms);
    [[nodiscard]] bool is_up() const { return process_ != nullptr; }
    [[nodiscard]] const std::string& name() const { return name_; }
    runtime::FakeRuntime& engine() { return *engine_; }
    // A running container dies by itself, if there is one.
    void lose_a_container(Dice& dice);
    // What is left on the machine: containers, networks, volumes. Runs the world's loop.
    [[nodiscard]] std::string leftovers();

private:
    void new_folder();
    // Runs what has the engine do something, with nothing wrong about the engine.
    template <class Work>
    void with_engine(Work work);

    World& world_;
    std::size_t number_;
    std::string name_;
    std::filesystem::path folder_;  // a new one after each loss: the old agent's files are still open
    unsigned losses_ = 0;
    Process* machine_;  // never killed: the container engine
    std::unique_ptr<runtime::FakeRuntime> engine_;
    Process* process_ = nullptr;
    std::unique_ptr<client::Chain> chain_;
    std::unique_ptr<client::Signer> operator_, owner_;
    std::unique_ptr<agent::ChainLedger> ledger_;
    std::unique_ptr<agent::Agent> agent_;
};

class Tenant final : public Renter {
public:
    Tenant(World& world, std::size_t number);

private:
    net::Task<> live() override;
    net::Task<Result<>> rent_once();
    net::Task<Result<>> use(DeploymentId deployment, Hash nonce);
};

}  // namespace sublet::sim
