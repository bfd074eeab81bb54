// plan.cpp: decides what to do next from what should be, what is and what was tried. Pure.
#include "agent/plan.hpp"

#include <algorithm>

#include "agent/lifecycle.hpp"

namespace sublet::agent {

namespace {

using market::CloseReason;
using market::LeaseState;
using runtime::ContainerState;
using runtime::Phase;

// What the engine has of one lease.
struct Found {
    std::vector<const ContainerState*> containers;
    std::vector<const runtime::VolumeState*> volumes;
    bool network = false;
    [[nodiscard]] bool nothing() const { return containers.empty() && volumes.empty() && !network; }
};
using FoundByLease = std::map<LeaseId, Found>;

FoundByLease sort_out(const Actual& actual) {
    FoundByLease out;
    for (const ContainerState& container : actual.containers) {
        if (const auto id = lease_of_key(container.lease)) {
            out[*id].containers.push_back(&container);
        }
    }
    for (const runtime::NetworkState& network : actual.networks) {
        if (const auto id = lease_of_key(network.lease)) {
            out[*id].network = true;
        }
    }
    for (const runtime::VolumeState& volume : actual.volumes) {
        if (const auto id = lease_of_key(volume.lease)) {
            out[*id].volumes.push_back(&volume);
        }
    }
    return out;
}

// One lease's planning: appends to `steps`.
class LeasePlan {
public:
    LeasePlan(const WantedLease& lease, const Found& found, const LeaseMemory& memory, const Desired& desired,
              std::uint64_t now_ms, std::vector<Step>& steps)
        : lease_(lease), found_(found), memory_(memory), desired_(desired), now_ms_(now_ms), steps_(steps) {}

    void run() {
        const bool open = lease_.state != LeaseState::kClosing && lease_.state != LeaseState::kClosed;
        if (open && desired_.taken_back && desired_.fresh) {
            end(CloseReason::kDecommission, "the owner takes this machine back");
            return;
        }
        switch (lease_.state) {
            case LeaseState::kAssigned:
            case LeaseState::kRunning:
                keep_running();
                break;
            case LeaseState::kPaused:
                lease_.funded ? keep_running() : freeze();
                break;
            case LeaseState::kClosing:
            case LeaseState::kClosed:
                clean_up();
                break;
        }
    }

    void clean_up() {
        if (!desired_.fresh || (found_.nothing() && lease_.workload == nullptr)) {
            return;
        }
        for (const ContainerState* container : found_.containers) {
            if (container->phase == Phase::kPaused) {
                add(StepKind::kUnpause, container->id);  // a frozen process cannot hear that it should stop
            }
        }
        for (const ContainerState* container : found_.containers) {
            if (container->phase == Phase::kRunning || container->phase == Phase::kPaused) {
                add(StepKind::kStop, container->id);
            }
        }
        for (const ContainerState* container : found_.containers) {
            add(StepKind::kRemove, container->id);
        }
        if (found_.network) {
            add(StepKind::kRemoveNetwork, "");
        }
        for (const runtime::VolumeState* volume : found_.volumes) {
            add(StepKind::kRemoveVolume, volume->key);
        }
        add(StepKind::kForget, "");
    }

private:
    void freeze() {
        for (const ContainerState* container : found_.containers) {
            if (container->phase == Phase::kRunning) {
                add(StepKind::kPause, container->id);
            }
        }
    }

    void keep_running() {
        if (lease_.workload == nullptr) {
            revive(found_.containers);
            no_manifest();
            return;
        }
        std::vector<const ContainerState*> kept;
        std::vector<const Replica*> missing;
        sort_containers(kept, missing);
        if (give_up(missing)) {
            return;
        }
        revive(kept);
        if (!pull(missing)) {
            remove_extra(kept);
            create(missing);
        }
        const bool ready_due = lease_.state != LeaseState::kRunning;
        if (ready_due && desired_.fresh && missing.empty() && all_ready()) {
            add(StepKind::kReady, "");
        }
    }

    // The container of each replica, of the wanted revision; what runs wins.
    void sort_containers(std::vector<const ContainerState*>& kept, std::vector<const Replica*>& missing) const {
        for (const Replica& replica : lease_.workload->replicas) {
            const ContainerState* best = nullptr;
            for (const ContainerState* container : found_.containers) {
                const bool fits = container->service == replica.spec.service &&
                                  container->replica == replica.spec.replica &&
                                  container->revision == replica.spec.revision;
                if (fits && (best == nullptr || container->phase == Phase::kRunning)) {
                    best = container;
                }
            }
            if (best != nullptr) {
                kept.push_back(best);
            } else if (!is_over(replica, memory_of(memory_, replica))) {
                missing.push_back(&replica);
            }
        }
    }

    // Starts and unfreezes what is there.
    void revive(const std::vector<const ContainerState*>& containers) {
        for (const ContainerState* container : containers) {
            if (container->phase == Phase::kPaused) {
                add(StepKind::kUnpause, container->id);
            } else if ((container->phase == Phase::kExited || container->phase == Phase::kCreated) &&
                       may_start(container->service, container->replica) && !rests(*container)) {
                Step& step = add(StepKind::kStart, container->id);
                step.service = container->service;
                step.replica = container->replica;
            }
        }
    }

    // True while an image that is needed is not here.
    bool pull(const std::vector<const Replica*>& missing) {
        std::set<std::string> needed;
        for (const Replica* replica : missing) {
            needed.insert(replica->spec.image);
        }
        bool waiting = false;
        for (const std::string& image : needed) {
            const PullMemory pulled = image_memory(image);
            waiting = waiting || !pulled.present;
            if (!pulled.present && now_ms_ >= pulled.next_try_ms) {
                add(StepKind::kPull, image);
            }
        }
        return waiting;
    }

    void remove_extra(const std::vector<const ContainerState*>& kept) {
        for (const ContainerState* container : found_.containers) {
            if (std::ranges::find(kept, container) == kept.end()) {
                if (container->phase == Phase::kRunning) {
                    add(StepKind::kStop, container->id).why = "replaced";
                }
                add(StepKind::kRemove, container->id);
            }
        }
    }

    void create(const std::vector<const Replica*>& missing) {
        std::vector<const Replica*> now;
        std::ranges::copy_if(missing, std::back_inserter(now), [&](const Replica* replica) {
            return may_start(replica->spec.service, replica->spec.replica);
        });
        if (now.empty()) {
            return;
        }
        add(StepKind::kNetwork, "");
        for (const WantedVolume& volume : lease_.workload->volumes) {
            add(StepKind::kVolume, volume.key);
        }
        for (const Replica* replica : now) {
            Step& step = add(StepKind::kCreate, replica->spec.image);
            step.service = replica->spec.service;
            step.replica = replica->spec.replica;
        }
    }

    // True when the lease ends instead of going on. Never for a hiccup: only for what was tried long enough.
    bool give_up(const std::vector<const Replica*>& missing) {
        if (!desired_.fresh) {
            return false;
        }
        const bool assigned = lease_.state == LeaseState::kAssigned;
        for (const Replica* replica : missing) {
            const PullMemory pulled = image_memory(replica->spec.image);
            if (assigned && !pulled.present && (pulled.hopeless || pulled.tries >= kMaxPullTries)) {
                end(CloseReason::kImageFailed, "the image " + replica->spec.image + " cannot be pulled");
                return true;
            }
        }
        // A workload that never stays up must not make its provider a no-show (T8). Before the start the ledger knows
        // one reason for an image that does not do: image_failed.
        const bool last_call =
            assigned && !lease_.start_by.is_zero() && desired_.now.value() + kStartMargin_ms >= lease_.start_by.value();
        for (const Replica& replica : lease_.workload->replicas) {
            const Waiting waiting = waiting_of(*lease_.workload, memory_, replica.spec.service, now_ms_);
            const ReplicaMemory* own = memory_of(memory_, replica);
            const bool started = own != nullptr && own->running_since_ms != 0;
            if (assigned && !started &&
                (waiting.wait == Wait::kHopeless || (last_call && waiting.wait == Wait::kYet))) {
                end(CloseReason::kImageFailed, "service " + replica.spec.service + " " + waiting.why);
                return true;
            }
        }
        for (const auto& [key, replica] : memory_.replicas) {
            const bool failing = replica.failing_since_ms != 0;
            if (failing && (last_call || now_ms_ - replica.failing_since_ms >= kUnstable_ms)) {
                end(assigned ? CloseReason::kImageFailed : CloseReason::kUnstable,
                    "service " + key.first + " does not stay up: " + replica.last_error);
                return true;
            }
        }
        return false;
    }

    void no_manifest() {
        if (!desired_.fresh || !desired_.manifests_read || !found_.containers.empty()) {
            return;
        }
        const std::uint64_t waited = since(memory_.first_seen, desired_.now).value();
        const bool lost = !memory_.lost_since.is_zero();
        const std::uint64_t lost_for = since(memory_.lost_since, desired_.now).value();
        if (lease_.state == LeaseState::kAssigned) {
            if (waited >= desired_.no_manifest_after_ms + kManifestSlack_ms) {
                end(CloseReason::kNoManifest, "no manifest came");
            }
        } else if (lost && lost_for >= kUnstable_ms) {  // and its tenant did not send it again
            end(CloseReason::kProviderFault, "its manifest and its containers are lost");
        }
    }

    [[nodiscard]] bool all_ready() const {
        return std::ranges::all_of(lease_.workload->replicas, [&](const Replica& replica) {
            const ReplicaMemory* remembered = memory_of(memory_, replica);
            return remembered != nullptr && (is_over(replica, remembered) || is_ready(replica, *remembered, now_ms_));
        });
    }

    // Not while it waits after a failure, nor while what it depends on is not there.
    [[nodiscard]] bool may_start(const std::string& service, std::uint32_t replica) const {
        return due({service, replica}) && (lease_.workload == nullptr ||
                                           waiting_of(*lease_.workload, memory_, service, now_ms_).wait == Wait::kNone);
    }

    // It has ended for good.
    [[nodiscard]] bool rests(const ContainerState& container) const {
        const auto found = memory_.replicas.find({container.service, container.replica});
        return found != memory_.replicas.end() && found->second.ended &&
               found->second.ended_revision == container.revision;
    }

    [[nodiscard]] bool due(const ReplicaKey& key) const {
        const auto found = memory_.replicas.find(key);
        return found == memory_.replicas.end() || now_ms_ >= found->second.next_try_ms;
    }

    [[nodiscard]] PullMemory image_memory(const std::string& image) const {
        const auto found = memory_.images.find(image);
        return found == memory_.images.end() ? PullMemory{} : found->second;
    }

    Step& add(StepKind kind, std::string target) {
        Step step;
        step.kind = kind;
        step.lease = lease_.id;
        step.target = std::move(target);
        steps_.push_back(std::move(step));
        return steps_.back();
    }

    void end(CloseReason reason, std::string why) {
        Step& step = add(StepKind::kEnd, "");
        step.reason = reason;
        step.why = std::move(why);
    }

    const WantedLease& lease_;
    const Found& found_;
    const LeaseMemory& memory_;
    const Desired& desired_;
    std::uint64_t now_ms_;
    std::vector<Step>& steps_;
};

bool may_act(const LeaseMemory& memory, std::uint64_t now_ms) { return !memory.busy && now_ms >= memory.next_try_ms; }

}  // namespace

std::string_view to_name(StepKind kind) {
    constexpr std::string_view kNames[] = {"pull",          "network", "volume", "create",  "start",
                                           "stop",          "remove",  "pause",  "unpause", "remove network",
                                           "remove volume", "ready",   "end",    "forget",  "settle"};
    return kNames[static_cast<std::size_t>(kind)];
}

bool is_ready(const Replica& replica, const ReplicaMemory& memory, std::uint64_t now_ms) {
    if (memory.running_since_ms == 0) {
        return false;
    }
    const std::uint64_t running_ms = now_ms - memory.running_since_ms;
    return replica.waits_for_port ? memory.port_open || running_ms >= kPortPatience_ms : running_ms >= kSettle_ms;
}

std::vector<Step> plan(const Desired& desired, const Actual& actual, const Memory& memory, std::uint64_t now_ms) {
    std::vector<Step> steps;
    const FoundByLease found = sort_out(actual);
    const Found nothing;
    const LeaseMemory fresh;
    const bool closing = std::ranges::any_of(
        desired.leases, [](const WantedLease& lease) { return lease.state == LeaseState::kClosing; });
    if (closing && desired.fresh) {
        steps.push_back({.kind = StepKind::kSettle});
    }
    const auto memory_of = [&](LeaseId id) -> const LeaseMemory& {
        const auto at = memory.find(id);
        return at == memory.end() ? fresh : at->second;
    };
    std::set<LeaseId> known;
    for (const WantedLease& lease : desired.leases) {
        known.insert(lease.id);
        const LeaseMemory& remembered = memory_of(lease.id);
        const auto at = found.find(lease.id);
        if (steps.size() < kMaxSteps && may_act(remembered, now_ms)) {
            LeasePlan{lease, at == found.end() ? nothing : at->second, remembered, desired, now_ms, steps}.run();
        }
    }
    for (const auto& [id, objects] : found) {
        const LeaseMemory& remembered = memory_of(id);
        const bool patient =
            remembered.unknown_since_ms == 0 || now_ms - remembered.unknown_since_ms < kUnknownPatience_ms;
        if (known.contains(id) || patient || steps.size() >= kMaxSteps || !may_act(remembered, now_ms)) {
            continue;
        }
        const WantedLease gone{.id = id, .state = LeaseState::kClosed};
        LeasePlan{gone, objects, remembered, desired, now_ms, steps}.clean_up();
    }
    return steps;
}

}  // namespace sublet::agent
