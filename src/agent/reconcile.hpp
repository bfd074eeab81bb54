// reconcile.hpp: the loop: read the ledger and the engine, plan, hand the steps out. Spec: ARCHITECTURE §6.
#pragma once

#include "agent/executor.hpp"
#include "agent/presence.hpp"

namespace sublet::agent {

inline constexpr std::uint64_t kEnginePatience_ms = 20'000;           // of silence before the machine is reported down
static_assert(kEnginePatience_ms > 3 * runtime::kQuestionTimeoutMs);  // one that hangs is asked more than once
inline constexpr std::uint64_t kStartPatience_ms = 20'000;            // for what ran before a restart to run again
inline constexpr std::uint64_t kFastTick_ms = 100;                    // while somebody waits for a Ready
inline constexpr std::uint64_t kProbeTimeout_ms = 250;

class Reconciler {
public:
    Reconciler(Core& core, Presence& presence) : core_(core), presence_(presence), executor_(core) {}

    // Until core.stopping.
    Task<> run();
    // One look and what follows from it; steps go on in coroutines of core.tasks.
    Task<> pass();

private:
    Task<> read_ledger();
    // Once after the start: makes workloads of the stored manifests, forgets those of archived leases.
    Task<Result<>> load_manifests();
    Task<Result<>> load_manifest(StoredManifest manifest);
    Task<Result<>> read_engine();
    Task<> probe_ports();
    // Runs the health checks that are due in coroutines of core.tasks.
    void probe_health();
    Task<> ask_health(LeaseId lease, ReplicaKey key, std::string container, sdl::HealthCheck check);
    // Tells of services that have ended for good, and keeps it on disk; reads it back after a start.
    void note_ends(const Memory& before);
    Result<> remember_ends(LeaseId lease);
    [[nodiscard]] Desired desired() const;
    void hand_out(std::vector<Step> steps);
    void note_crashes(const Memory& before);
    void drop_old_memory();
    void look_at_machine(bool engine_answers, std::uint64_t began_ms);
    [[nodiscard]] bool somebody_waits() const;

    Core& core_;
    Presence& presence_;
    Executor executor_;
    bool manifests_pending_ = true;
    std::uint64_t engine_silent_since_ms_ = 0;
    std::uint64_t started_ms_ = 0;
    std::uint64_t objects_read_ms_ = 0;  // networks and volumes
};

// Connects and closes. False when nobody listens within kProbeTimeout_ms.
Task<bool> port_answers(net::Loop& loop, std::string address, std::uint16_t port);

}  // namespace sublet::agent
