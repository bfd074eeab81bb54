// health.cpp: asks services for their health by running their checks inside, while others wait for it; and keeps on
// disk which services have ended for good, so that a restart of the agent does not start them again.
#include <algorithm>
#include <memory>
#include <optional>

#include <fmt/format.h>

#include "agent/lifecycle.hpp"
#include "agent/reconcile.hpp"
#include "net/log.hpp"
#include "net/run.hpp"

namespace sublet::agent {

namespace {

constexpr std::uint64_t kLongestPause_ms = 2'000;  // between checks while others wait
constexpr std::uint64_t kShortestPause_ms = 500;   // whatever the tenant asks for
constexpr std::uint64_t kLookForStop_ms = 200;

struct Check {
    explicit Check(net::Loop& loop) : done(loop) {}
    std::optional<Result<runtime::ExecResult>> answer;
    net::Notifier done;
};

// A command that never ends must not hold up the agent's own end: it is waited for from outside.
Task<> run_check(runtime::Runtime& engine, std::string container, std::vector<std::string> words,
                 std::shared_ptr<Check> check) {
    Task<Result<runtime::ExecResult>> asking = engine.exec(std::move(container), std::move(words));
    Result<runtime::ExecResult> answer = co_await std::move(asking);
    check->answer = std::move(answer);
    check->done.notify_all();
}

std::string ended_key(LeaseId lease, const ReplicaKey& key) {
    return "ended/" + std::to_string(lease.value()) + "/" + key.first + "/" + std::to_string(key.second);
}

}  // namespace

void Reconciler::probe_health() {
    const std::uint64_t now_ms = core_.parts.clock.monotonic_ms();
    for (const runtime::ContainerState& container : core_.actual.containers) {
        const auto id = lease_of_key(container.lease);
        const auto workload = id ? core_.workloads.find(*id) : core_.workloads.end();
        if (workload == core_.workloads.end() || container.phase != runtime::Phase::kRunning || core_.unwanted(*id) ||
            !health_is_wanted(workload->second, container.service)) {
            continue;
        }
        const ReplicaKey key{container.service, container.replica};
        const auto replica = std::ranges::find_if(workload->second.replicas, [&](const Replica& each) {
            return each.spec.service == container.service && each.spec.replica == container.replica;
        });
        ReplicaMemory& memory = core_.memory[*id].replicas[key];
        const bool due = replica != workload->second.replicas.end() && replica->lifecycle.health && !memory.healthy &&
                         !memory.asked && now_ms >= memory.next_health_ms;
        if (due) {
            memory.asked = true;
            core_.tasks.spawn(ask_health(*id, key, container.id, *replica->lifecycle.health));
        }
    }
}

Task<> Reconciler::ask_health(LeaseId lease, ReplicaKey key, std::string container, sdl::HealthCheck check) {
    const std::uint64_t begun_ms = core_.parts.clock.monotonic_ms();
    auto running = std::make_shared<Check>(core_.parts.loop);
    net::spawn(core_.parts.loop, run_check(core_.parts.runtime, std::move(container), check.test, running));
    while (!running->answer && !core_.stopping) {
        co_await running->done.wait_for(kLookForStop_ms);
    }
    if (!running->answer) {
        co_return;
    }
    const Result<runtime::ExecResult>& answer = *running->answer;
    const std::uint64_t now_ms = core_.parts.clock.monotonic_ms();
    const auto remembered = core_.memory.find(lease);
    if (remembered == core_.memory.end() || !remembered->second.replicas.contains(key)) {
        co_return;
    }
    ReplicaMemory& memory = remembered->second.replicas[key];
    memory.asked = false;
    memory.next_health_ms = now_ms + std::clamp<std::uint64_t>(check.interval_ms, kShortestPause_ms, kLongestPause_ms);
    const bool in_time = now_ms - begun_ms <= check.timeout_ms;
    const std::string name = key.first + "-" + std::to_string(key.second);
    if (answer && answer->exit_code == 0 && in_time) {
        memory.healthy = memory.running_since_ms != 0;
        core_.note(lease, "health", name + " is healthy");
        core_.wake_up(false);
        co_return;
    }
    const bool counts = memory.running_since_ms != 0 && now_ms - memory.running_since_ms >= check.start_period_ms;
    memory.health_failures += counts ? 1U : 0U;
    if (counts && memory.health_failures == check.retries) {
        const std::string why = !answer    ? answer.error().message
                                : !in_time ? "no answer in time"
                                           : "exit code " + std::to_string(answer->exit_code);
        core_.note(lease, "health", name + " is not healthy: " + why + "; it is asked again and again");
    }
}

void Reconciler::note_ends(const Memory& before) {
    for (const auto& [id, lease] : core_.memory) {
        const auto old = before.find(id);
        for (const auto& [key, replica] : lease.replicas) {
            const bool was =
                old != before.end() && old->second.replicas.contains(key) && old->second.replicas.at(key).ended;
            if (!replica.ended || was || core_.unwanted(id)) {
                continue;
            }
            core_.note(id, "end",
                       key.first + "-" + std::to_string(key.second) + " " + replica.last_error +
                           "; its restart policy lets it rest");
            const Result<> kept = core_.state->set_setting(
                ended_key(id, key), replica.ended_revision + " " + std::to_string(replica.exit_code));
            if (!kept) {
                net::log(net::LogLevel::kWarning, "agent",
                         fmt::format("lease {}: {}", id.value(), kept.error().message));
            }
        }
    }
}

Result<> Reconciler::remember_ends(LeaseId lease) {
    const auto workload = core_.workloads.find(lease);
    if (workload == core_.workloads.end()) {
        return {};
    }
    for (const Replica& replica : workload->second.replicas) {
        const ReplicaKey key{replica.spec.service, replica.spec.replica};
        if (replica.lifecycle.restart.when == sdl::RestartWhen::kAlways) {
            continue;
        }
        TRY(text, core_.state->setting(ended_key(lease, key)));
        const std::size_t space = text ? text->find(' ') : std::string::npos;
        if (space != std::string::npos) {
            ReplicaMemory& memory = core_.memory[lease].replicas[key];
            memory.ended = true;
            memory.ended_revision = text->substr(0, space);
            memory.exit_code = text->substr(space + 1) == "0" ? 0 : 1;
            memory.last_error = "ended with exit code " + text->substr(space + 1);
        }
    }
    return {};
}

}  // namespace sublet::agent
