// lifecycle.cpp: whether a replica may start yet, and whether it is done for good. Pure.
#include "agent/lifecycle.hpp"

#include <algorithm>

namespace sublet::agent {

namespace {

bool is_healthy(const Replica& replica, const ReplicaMemory& memory, std::uint64_t now_ms) {
    if (memory.running_since_ms == 0) {
        return false;
    }
    if (replica.lifecycle.health) {
        return memory.healthy;
    }
    return memory.engine_health.empty() || memory.engine_health == "healthy" ||
           now_ms - memory.running_since_ms >= kImageHealthPatience_ms;
}

Waiting waiting_for(const Replica& target, const ReplicaMemory* memory, sdl::After condition, std::uint64_t now_ms) {
    const std::string& name = target.spec.service;
    const bool over = is_over(target, memory);
    const bool runs = memory != nullptr && memory->running_since_ms != 0;
    switch (condition) {
        case sdl::After::kStarted:
            return runs || over ? Waiting{} : Waiting{Wait::kYet, "waits for " + name + ", which does not run yet"};
        case sdl::After::kHealthy:
            if (over) {
                return {Wait::kHopeless, "waits for " + name + " to be healthy, which has ended"};
            }
            return runs && is_healthy(target, *memory, now_ms)
                       ? Waiting{}
                       : Waiting{Wait::kYet, "waits for " + name + ", which is not healthy yet"};
        case sdl::After::kCompleted:
            if (!over) {
                return {Wait::kYet, "waits for " + name + " to end"};
            }
            return memory->exit_code == 0
                       ? Waiting{}
                       : Waiting{Wait::kHopeless, "waits for " + name + " to end well, which " + memory->last_error};
    }
    return {};
}

}  // namespace

bool ends_for_good(const sdl::Restart& restart, bool failed, unsigned failures) {
    switch (restart.when) {
        case sdl::RestartWhen::kAlways:
            return false;
        case sdl::RestartWhen::kOnFailure:
            return !failed || (restart.max_failures > 0 && failures > restart.max_failures);
        case sdl::RestartWhen::kNever:
            return true;
    }
    return false;
}

bool is_over(const Replica& replica, const ReplicaMemory* memory) {
    return memory != nullptr && memory->ended && memory->ended_revision == replica.spec.revision;
}

const ReplicaMemory* memory_of(const LeaseMemory& memory, const Replica& replica) {
    const auto found = memory.replicas.find({replica.spec.service, replica.spec.replica});
    return found == memory.replicas.end() ? nullptr : &found->second;
}

Waiting waiting_of(const Workload& workload, const LeaseMemory& memory, const std::string& service,
                   std::uint64_t now_ms) {
    const auto own =
        std::ranges::find_if(workload.replicas, [&](const Replica& each) { return each.spec.service == service; });
    Waiting out;
    if (own == workload.replicas.end()) {
        return out;
    }
    for (const sdl::Dependency& dependency : own->lifecycle.after) {
        for (const Replica& target : workload.replicas) {
            if (target.spec.service != dependency.service) {
                continue;
            }
            const Waiting waiting = waiting_for(target, memory_of(memory, target), dependency.condition, now_ms);
            if (waiting.wait > out.wait) {
                out = waiting;
            }
        }
    }
    return out;
}

bool health_is_wanted(const Workload& workload, const std::string& service) {
    return std::ranges::any_of(workload.replicas, [&](const Replica& replica) {
        return std::ranges::any_of(replica.lifecycle.after, [&](const sdl::Dependency& each) {
            return each.service == service && each.condition == sdl::After::kHealthy;
        });
    });
}

}  // namespace sublet::agent
