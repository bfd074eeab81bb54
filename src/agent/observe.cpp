// observe.cpp: what the agent learns from one look at the engine: who runs since when, who failed, who is unknown.
// Pure.
#include <algorithm>

#include "agent/lifecycle.hpp"

namespace sublet::agent {

namespace {

std::string end_text(const runtime::ContainerState& container) {
    if (container.out_of_memory) {
        return "ended: out of memory";
    }
    if (!container.error.empty()) {
        return container.error;
    }
    return "ended with exit code " + std::to_string(container.exit_code);
}

const Replica* replica_of(const Desired& desired, LeaseId id, const runtime::ContainerState& container) {
    const auto lease = std::ranges::find(desired.leases, id, &WantedLease::id);
    if (lease == desired.leases.end() || lease->workload == nullptr) {
        return nullptr;
    }
    const auto found = std::ranges::find_if(lease->workload->replicas, [&](const Replica& replica) {
        return replica.spec.service == container.service && replica.spec.replica == container.replica;
    });
    return found == lease->workload->replicas.end() ? nullptr : &*found;
}

// It ended while this process looked: either it rests from now on, or it has failed.
void observe_end(ReplicaMemory& memory, const Replica* replica, const runtime::ContainerState& container,
                 std::uint64_t now_ms) {
    memory.failures += 1;
    const bool failed = container.exit_code != 0 || container.out_of_memory || !container.error.empty();
    if (replica != nullptr && replica->spec.revision == container.revision &&
        ends_for_good(replica->lifecycle.restart, failed, memory.failures)) {
        memory.ended = true;
        memory.ended_revision = container.revision;
        memory.exit_code = failed && container.exit_code == 0 ? 1 : container.exit_code;
        memory.failures = 0;
        memory.failing_since_ms = 0;
        return;
    }
    memory.failing_since_ms = memory.failing_since_ms == 0 ? now_ms : memory.failing_since_ms;
    memory.next_try_ms = now_ms + back_off_ms(memory.failures);
}

void observe_container(LeaseMemory& lease, const Replica* wanted, const runtime::ContainerState& container,
                       std::uint64_t now_ms) {
    const ReplicaKey key{container.service, container.replica};
    const bool first_sight = !lease.replicas.contains(key);
    ReplicaMemory& replica = lease.replicas[key];
    if (container.phase == runtime::Phase::kRunning) {
        if (replica.running_since_ms == 0) {
            replica.running_since_ms = now_ms;
            replica.port_open = false;
            replica.healthy = false;
            replica.health_failures = 0;
            replica.next_health_ms = 0;
            replica.ended = false;
        }
        replica.engine_health = container.health;
        if (now_ms - replica.running_since_ms >= kStable_ms) {
            replica.failures = 0;
            replica.failing_since_ms = 0;
            replica.last_error.clear();
        }
        return;
    }
    replica.running_since_ms = 0;
    replica.port_open = false;
    replica.healthy = false;
    if (container.phase != runtime::Phase::kExited || replica.last_end_unix_ms == container.finished_unix_ms) {
        return;
    }
    replica.last_end_unix_ms = container.finished_unix_ms;
    replica.last_error = end_text(container);
    // What had ended before this process looked (a reboot, a stop of the agent) is nobody's failure.
    if (!first_sight) {
        observe_end(replica, wanted, container, now_ms);
    }
}

void observe_unknown(Memory& memory, const std::set<LeaseId>& known, const std::string& key, std::uint64_t now_ms) {
    const std::optional<LeaseId> id = lease_of_key(key);
    if (id && !known.contains(*id)) {
        LeaseMemory& lease = memory[*id];
        lease.unknown_since_ms = lease.unknown_since_ms == 0 ? now_ms : lease.unknown_since_ms;
    }
}

// A lease that has started and of which nothing is left here but, perhaps, its volumes.
bool is_lost(const WantedLease& lease, const Actual& actual) {
    const bool should_run =
        lease.state == market::LeaseState::kRunning || (lease.state == market::LeaseState::kPaused && lease.funded);
    return should_run && lease.workload == nullptr &&
           std::ranges::none_of(actual.containers, [&](const runtime::ContainerState& each) {
               return lease_of_key(each.lease) == lease.id;
           });
}

}  // namespace

std::uint64_t back_off_ms(unsigned failures) {
    const unsigned doublings = std::min(failures == 0 ? 0U : failures - 1, 10U);
    return std::min<std::uint64_t>(1'000ULL << doublings, kMaxBackOff_ms);
}

void observe(Memory& memory, const Desired& desired, const Actual& actual, std::uint64_t now_ms) {
    std::set<LeaseId> known;
    for (const WantedLease& lease : desired.leases) {
        known.insert(lease.id);
        if (lease.state == market::LeaseState::kClosed && !memory.contains(lease.id)) {
            continue;  // old history: nothing to remember
        }
        LeaseMemory& remembered = memory[lease.id];
        remembered.unknown_since_ms = 0;
        if (remembered.first_seen.is_zero()) {
            remembered.first_seen = desired.now;
        }
    }
    for (const runtime::ContainerState& container : actual.containers) {
        if (const std::optional<LeaseId> id = lease_of_key(container.lease)) {
            observe_container(memory[*id], replica_of(desired, *id, container), container, now_ms);
        }
    }
    if (!desired.fresh) {
        return;
    }
    for (const WantedLease& lease : desired.leases) {
        if (const auto found = memory.find(lease.id); found != memory.end()) {
            LedgerTime& since = found->second.lost_since;
            const bool lost = desired.manifests_read && is_lost(lease, actual);
            since = !lost ? LedgerTime{} : since.is_zero() ? desired.now : since;
        }
    }
    for (const runtime::ContainerState& container : actual.containers) {
        observe_unknown(memory, known, container.lease, now_ms);
    }
    for (const runtime::NetworkState& network : actual.networks) {
        observe_unknown(memory, known, network.lease, now_ms);
    }
    for (const runtime::VolumeState& volume : actual.volumes) {
        observe_unknown(memory, known, volume.lease, now_ms);
    }
}

}  // namespace sublet::agent
