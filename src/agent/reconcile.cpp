// reconcile.cpp: the loop: read the ledger and the engine, plan, hand the steps out.
#include "agent/reconcile.hpp"

#include <fmt/format.h>
#include "net/log.hpp"

#include <algorithm>

namespace sublet::agent {

using market::LeaseState;

Task<> Reconciler::run() {
    started_ms_ = core_.parts.clock.monotonic_ms();
    while (!core_.stopping) {
        core_.wake_wanted = false;
        co_await pass();
        const std::uint64_t wait_ms = somebody_waits() ? kFastTick_ms : core_.options.reconcile_every_ms;
        if (!core_.wake_wanted && !core_.stopping) {
            co_await core_.wake.wait_for(wait_ms);
        }
    }
}

Task<> Reconciler::pass() {
    core_.just_done.clear();
    co_await read_ledger();
    const std::uint64_t began_ms = core_.parts.clock.monotonic_ms();
    const Result<> engine = co_await read_engine();
    const bool was_silent = engine_silent_since_ms_ != 0;
    look_at_machine(engine.has_value(), began_ms);
    if (engine && was_silent) {
        net::log(net::LogLevel::kInfo, "agent", "the container engine answers again");
    }
    if (!engine || core_.stopping) {
        if (!engine && !was_silent) {  // once, not at every look
            net::log(net::LogLevel::kWarning, "agent",
                     fmt::format("the container engine does not answer: {}", engine.error().message));
        }
        co_return;
    }
    const std::uint64_t now_ms = core_.parts.clock.monotonic_ms();
    const Memory before = core_.memory;
    const Desired wanted = desired();
    observe(core_.memory, wanted, core_.actual, now_ms);
    note_crashes(before);
    note_ends(before);
    probe_health();
    co_await probe_ports();
    if (core_.stopping) {
        co_return;
    }
    hand_out(plan(desired(), core_.actual, core_.memory, core_.parts.clock.monotonic_ms()));
    drop_old_memory();
}

Task<> Reconciler::read_ledger() {
    const std::uint64_t age_ms = core_.parts.clock.monotonic_ms() - core_.seen.read_at_ms;
    if (!core_.ledger_dirty && core_.seen.fresh && age_ms < core_.options.reconcile_every_ms) {
        co_return;
    }
    core_.ledger_dirty = false;
    const Result<> done = co_await presence_.read();
    if (!done && core_.seen.error != done.error().message) {
        net::log(net::LogLevel::kWarning, "agent", fmt::format("the ledger cannot be read: {}", done.error().message));
        core_.seen.error = done.error().message;
    }
    if (done && manifests_pending_) {
        Task<Result<>> loading = load_manifests();
        const Result<> loaded = co_await std::move(loading);
        if (!loaded) {
            net::log(net::LogLevel::kWarning, "agent",
                     fmt::format("stored manifests were not read: {}", loaded.error().message));
        }
        manifests_pending_ = !loaded.has_value();
    }
}

Task<Result<>> Reconciler::load_manifests() {
    CO_TRY(stored, core_.state->manifests());
    for (const StoredManifest& manifest : stored) {
        if (!core_.workloads.contains(manifest.lease)) {
            StoredManifest copy = manifest;
            Task<Result<>> loading = load_manifest(std::move(copy));
            CO_TRY_OK(co_await std::move(loading));
        }
    }
    co_return Result<>{};
}

Task<Result<>> Reconciler::load_manifest(StoredManifest manifest) {
    const LeaseId id = manifest.lease;
    Result<std::optional<market::Lease>> lease = co_await core_.parts.ledger.lease(id);
    if (!lease) {
        co_return std::unexpected{lease.error()};
    }
    if (!*lease) {  // archived long ago; containers, if any, are removed as those of an unknown lease
        co_return core_.state->forget(id, core_.parts.clock.unix_ms());
    }
    if ((*lease)->state == LeaseState::kClosed || (*lease)->state == LeaseState::kClosing) {
        core_.workloads[id] = Workload{};  // only to be forgotten
        co_return Result<>{};
    }
    Result<std::optional<market::Deployment>> deployment = co_await core_.parts.ledger.deployment((*lease)->deployment);
    if (!deployment) {
        co_return std::unexpected{deployment.error()};
    }
    if (!*deployment) {
        co_return Result<>{};
    }
    const Result<> adopted = core_.adopt_manifest(manifest, **lease, **deployment);
    if (!adopted) {
        net::log(net::LogLevel::kWarning, "agent",
                 fmt::format("lease {}: its manifest is not taken: {}", id.value(), adopted.error().message));
    }
    co_return remember_ends(id);
}

Task<Result<>> Reconciler::read_engine() {
    runtime::Runtime& engine = core_.parts.runtime;
    Result<std::vector<runtime::ContainerState>> containers = co_await engine.list();
    if (!containers) {
        co_return std::unexpected{containers.error()};
    }
    core_.actual.containers = std::move(*containers);
    const std::uint64_t now_ms = core_.parts.clock.monotonic_ms();
    if (objects_read_ms_ != 0 && somebody_waits() && now_ms - objects_read_ms_ < core_.options.reconcile_every_ms) {
        co_return Result<>{};  // they only matter for cleaning up, which can wait
    }
    Result<std::vector<runtime::NetworkState>> networks = co_await engine.list_networks();
    if (!networks) {
        co_return std::unexpected{networks.error()};
    }
    Result<std::vector<runtime::VolumeState>> volumes = co_await engine.list_volumes();
    if (!volumes) {
        co_return std::unexpected{volumes.error()};
    }
    core_.actual.networks = std::move(*networks);
    core_.actual.volumes = std::move(*volumes);
    objects_read_ms_ = now_ms;
    co_return Result<>{};
}

Desired Reconciler::desired() const {
    Desired out;
    out.fresh = core_.seen.fresh;
    out.manifests_read = !manifests_pending_;
    out.now = core_.seen.status.now;
    out.taken_back = core_.taken_back();
    out.no_manifest_after_ms = core_.seen.status.params.no_manifest_after_ms;
    for (const market::Lease& lease : core_.seen.leases) {
        const auto workload = core_.workloads.find(lease.id);
        WantedLease wanted;
        wanted.id = lease.id;
        wanted.state = lease.state;
        wanted.funded = lease.state == LeaseState::kPaused && !lease.start_by.is_zero();
        wanted.start_by = lease.start_by;
        wanted.workload = workload == core_.workloads.end() ? nullptr : &workload->second;
        out.leases.push_back(wanted);
    }
    return out;
}

void Reconciler::note_crashes(const Memory& before) {
    for (const auto& [id, lease] : core_.memory) {
        const auto old = before.find(id);
        for (const auto& [key, replica] : lease.replicas) {
            const bool known = old != before.end() && old->second.replicas.contains(key);
            const unsigned failures = known ? old->second.replicas.at(key).failures : 0;
            if (replica.failures > failures && !core_.unwanted(id)) {
                core_.note(id, "crash",
                           key.first + "-" + std::to_string(key.second) + " " + replica.last_error +
                               "; starts again in " + std::to_string(back_off_ms(replica.failures) / 1'000) + " s");
            }
        }
    }
}

// Steps of one lease go into one coroutine; leases do not wait for each other.
void Reconciler::hand_out(std::vector<Step> steps) {
    std::map<LeaseId, std::vector<Step>> by_lease;
    for (Step& step : steps) {
        if (step.kind == StepKind::kSettle) {
            core_.ask_heartbeat();
        } else {
            by_lease[step.lease].push_back(std::move(step));
        }
    }
    for (auto& [lease, own] : by_lease) {
        if (core_.just_done.contains(lease)) {
            continue;
        }
        core_.memory[lease].busy = true;
        core_.tasks.spawn(executor_.run(lease, std::move(own)));
    }
}

// What is remembered of leases that are over and have left nothing.
void Reconciler::drop_old_memory() {
    std::set<LeaseId> present;
    for (const runtime::ContainerState& container : core_.actual.containers) {
        present.insert(lease_of_key(container.lease).value_or(LeaseId{}));
    }
    std::erase_if(core_.memory, [&](const auto& entry) {
        const market::Lease* lease = core_.seen.find(entry.first);
        const bool over = lease == nullptr || lease->state == LeaseState::kClosed;
        return over && core_.seen.fresh && !entry.second.busy && entry.second.unknown_since_ms == 0 &&
               !present.contains(entry.first) && !core_.workloads.contains(entry.first);
    });
}

// A question that is not answered takes its whole time-out: the silence began with it. `began_ms` is when the look
// began.
void Reconciler::look_at_machine(bool engine_answers, std::uint64_t began_ms) {
    const std::uint64_t now_ms = core_.parts.clock.monotonic_ms();
    const bool was_up = core_.engine_up;
    if (engine_answers) {
        engine_silent_since_ms_ = 0;
        core_.engine_up = true;
    } else if (engine_silent_since_ms_ == 0) {
        const std::uint64_t asked_ms = now_ms - std::min(now_ms, runtime::kQuestionTimeoutMs);
        engine_silent_since_ms_ = std::max<std::uint64_t>({began_ms, asked_ms, 1});
    } else if (now_ms - engine_silent_since_ms_ >= kEnginePatience_ms) {
        core_.engine_up = false;
    }
    const bool was_ready = core_.machine_ready;
    if (engine_answers && !core_.machine_ready) {
        const bool all_run = std::ranges::all_of(core_.seen.leases, [&](const market::Lease& lease) {
            return lease.state != LeaseState::kRunning ||
                   std::ranges::any_of(core_.actual.containers, [&](const runtime::ContainerState& container) {
                       return lease_of_key(container.lease) == lease.id && container.phase == runtime::Phase::kRunning;
                   });
        });
        core_.machine_ready = (all_run && core_.seen.fresh) || now_ms - started_ms_ >= kStartPatience_ms;
    }
    if (was_up != core_.engine_up || was_ready != core_.machine_ready) {
        core_.ask_heartbeat();
    }
}

bool Reconciler::somebody_waits() const {
    return std::ranges::any_of(core_.seen.leases, [&](const market::Lease& lease) {
        const bool starts =
            lease.state == LeaseState::kAssigned || (lease.state == LeaseState::kPaused && !lease.start_by.is_zero());
        return starts && core_.workloads.contains(lease.id);
    });
}

Task<> Reconciler::probe_ports() {
    const std::string bound = core_.options.ports_address;
    const std::string address = bound.empty() || bound == "0.0.0.0" ? "127.0.0.1" : bound;
    const std::vector<runtime::ContainerState> containers = core_.actual.containers;
    for (const runtime::ContainerState& container : containers) {
        const auto id = lease_of_key(container.lease);
        const market::Lease* lease = id ? core_.seen.find(*id) : nullptr;
        const bool starts =
            lease != nullptr && (lease->state == LeaseState::kAssigned || lease->state == LeaseState::kPaused);
        const ReplicaKey key{container.service, container.replica};
        if (!starts || container.phase != runtime::Phase::kRunning || core_.memory[*id].replicas[key].port_open) {
            continue;
        }
        bool all = true;
        for (const runtime::PortBinding& port : container.ports) {
            if (all && !port.udp && port.host_port != 0) {
                all = co_await port_answers(core_.parts.loop, address, port.host_port);
            }
        }
        core_.memory[*id].replicas[key].port_open = all;
    }
}

}  // namespace sublet::agent
