// agent.hpp: the provider: registers, offers this machine, and keeps the containers of its leases as the ledger says.
// Spec: ARCHITECTURE §6.
#pragma once

#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "agent/inventory.hpp"
#include "agent/ledger.hpp"
#include "net/host.hpp"
#include "net/listener.hpp"
#include "net/task.hpp"
#include "runtime/runtime.hpp"

namespace sublet::agent {

struct AgentOptions {
    std::filesystem::path data;  // made with mode 0700: agent.db, gateway.{crt,key}, agent.sock
    std::string instance;        // label of our containers: [a-z0-9][a-z0-9-]*, one per data folder
    crypto::Address owner;       // the provider on the ledger
    std::string machine = "main";

    std::string gateway_address = "127.0.0.1";  // to listen on
    std::uint16_t gateway_port = 0;             // 0: any free one the first time, the same again later
    std::string public_host = "127.0.0.1";      // what tenants dial, for the gateway and for published ports
    std::string ports_address = "127.0.0.1";    // where published ports of containers are bound

    Inventory inventory;
    Share share;
    market::PriceVector price;  // nano-ucredit per second
    Millis notice{30'000};      // 0 s, 30 s, 2 min or 10 min
    std::vector<provider::Attribute> attributes;

    unsigned job_slots = 0;  // tasks of jobs at once; 0: none are taken
    // Of the predicted time, after which a task that is paid by work is given up; 0: never.
    unsigned overrun_percent = 0;
    std::string benchmark_image;  // in which its rate is found where the engine has it; empty: never
    // Where swarms of inputs listen, on gateway_address, while there are any; 0: any free port the first time, the same
    // again later; absent: no swarms.
    std::optional<std::uint16_t> swarm_port;
    std::uint64_t swarm_upload_bytes_s = 0;  // to other workers, of all jobs together; 0: no limit

    // What creators may leave here so that it is brought to others while they are away; 0: none.
    std::uint64_t storage_bytes = 0;
    std::uint64_t storage_bytes_each = 0;  // of one creator; 0: all of it

    std::uint64_t reconcile_every_ms = 2'000;
    std::uint64_t withdraw_every_ms = 3'600'000;
    std::uint32_t stop_grace_s = 10;
};

// All outlive the agent. Everything runs on `loop`.
struct AgentParts {
    net::Loop& loop;
    Ledger& ledger;
    runtime::Runtime& runtime;
    net::Clock& clock;
    net::Random& random;
    net::Files& files;
    net::Listener& listener;
    runtime::Runtime* job_runtime = nullptr;  // the same engine for tasks of jobs, as another instance; or none
    net::Transport* transport = nullptr;      // with the key: what is kept for creators can be brought to others
    const crypto::SecretKey* operator_key = nullptr;
};

struct AgentUrls {
    std::string gateway;  // https://public_host:port, as on the ledger
    std::string control;  // unix:///…/agent.sock
};

// keep: containers run on and are adopted at the next start. stop_containers: the machine is reported down (nothing is
// billed), containers stop within their grace, data stays.
enum class StopMode : std::uint8_t { kKeep, kStopContainers };

class Agent {
public:
    Agent(AgentParts parts, AgentOptions options);
    ~Agent();
    Agent(const Agent&) = delete;
    Agent& operator=(const Agent&) = delete;

    // Opens the state, listens, registers the provider (needs the owner's key the first time and when address, key or
    // attributes changed) and posts or updates the offer. Errors: kStoreDamaged, kIo, kTls, kUsage (not registered and
    // no owner's key), kEngine (no container engine), the ledger's own codes.
    Task<Result<>> start();
    // Reconciles and heartbeats until stop(); call once, after start(). Failures of the ledger or the engine are waited
    // out, never returned.
    Task<> run();
    // Returns when everything has ended; run() returns too.
    Task<> stop(StopMode mode);

    [[nodiscard]] AgentUrls urls() const;

    struct Impl;

private:
    std::shared_ptr<Impl> impl_;
};

// The control socket of the agent whose data is in this folder (HTTP): GET /status, GET /earnings, POST /pause,
// /resume, /drain; answers are JSON, refusals {"error","hint"}.
std::string control_url(const std::filesystem::path& data);

}  // namespace sublet::agent
