// plan.hpp: decides what to do next from what should be, what is and what was tried. Pure: the same input gives the
// same steps. Spec: ARCHITECTURE §6; threats.md T3, T8.
#pragma once

#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "agent/workload.hpp"
#include "runtime/runtime.hpp"

namespace sublet::agent {

inline constexpr std::size_t kMaxSteps = 1'024;   // of one plan; the rest comes with the next one
inline constexpr unsigned kMaxPullTries = 3;      // T8: then the lease ends with image_failed
inline constexpr std::uint64_t kSettle_ms = 300;  // a container without a published TCP port is ready after this
inline constexpr std::uint64_t kPortPatience_ms = 10'000;  // … one that publishes but never listens, after this
inline constexpr std::uint64_t kStable_ms = 60'000;        // running this long forgets earlier failures
inline constexpr std::uint64_t kUnstable_ms = 600'000;     // failing all the time for this long ends the lease
inline constexpr std::uint64_t kMaxBackOff_ms = 60'000;
inline constexpr std::uint64_t kUnknownPatience_ms = 10'000;  // before what belongs to no known lease is removed
inline constexpr std::uint64_t kManifestSlack_ms = 5'000;     // waited beyond params.no_manifest_after_ms
inline constexpr std::uint64_t kStartMargin_ms = 20'000;      // before start_by: give up what cannot become ready

struct WantedLease {
    LeaseId id;
    market::LeaseState state = market::LeaseState::kAssigned;
    bool funded = false;  // paused, and a Ready is due
    LedgerTime start_by;
    const Workload* workload = nullptr;  // nothing: no manifest
};

struct Desired {
    std::vector<WantedLease> leases;
    LedgerTime now;
    std::uint64_t no_manifest_after_ms = 60'000;
    bool manifests_read = true;  // those on the disk; until then a lease without one may have one
    bool taken_back = false;     // the owner drains this machine, and the notice is over
    // False while the ledger cannot be read: `leases` is then the last word, nothing is removed or reported.
    bool fresh = false;
};

struct Actual {
    std::vector<runtime::ContainerState> containers;
    std::vector<runtime::NetworkState> networks;
    std::vector<runtime::VolumeState> volumes;
};

using ReplicaKey = std::pair<std::string, std::uint32_t>;  // service, replica

struct ReplicaMemory {
    std::uint64_t running_since_ms = 0;  // as this process saw it; 0: not running
    std::uint64_t last_end_unix_ms = 0;  // finished_unix_ms of the last end that was counted
    std::uint64_t failing_since_ms = 0;  // 0: not failing
    std::uint64_t next_try_ms = 0;
    unsigned failures = 0;
    bool port_open = false;
    std::string last_error;
    bool ended = false;          // for good, as its restart policy has it
    std::string ended_revision;  // of what ended
    int exit_code = 0;           // of what ended
    std::string engine_health;   // the engine's word on the image's own check: "", "starting", "healthy", …
    bool healthy = false;        // its check has succeeded since it runs; asked only while others wait for it
    bool asked = false;          // a check is under way
    unsigned health_failures = 0;
    std::uint64_t next_health_ms = 0;
};

struct PullMemory {
    bool present = false;
    bool hopeless = false;  // no such image, or no access
    unsigned tries = 0;
    std::uint64_t next_try_ms = 0;
};

struct LeaseMemory {
    bool busy = false;                   // its steps are being done
    LedgerTime first_seen;               // when this process first read it while it served the gateway
    LedgerTime lost_since;               // it should run, and neither its manifest nor a container is here
    std::uint64_t unknown_since_ms = 0;  // 0: known
    std::uint64_t next_try_ms = 0;       // after a step that failed
    unsigned failed_steps = 0;
    std::map<ReplicaKey, ReplicaMemory> replicas;
    std::map<std::string, PullMemory> images;
};
using Memory = std::map<LeaseId, LeaseMemory>;

enum class StepKind : std::uint8_t {
    kPull,     // target: image
    kNetwork,  //
    kVolume,   // target: key
    kCreate,   // of service and replica; starts it too
    kStart,    // target: container, as in the next four
    kStop,
    kRemove,
    kPause,
    kUnpause,
    kRemoveNetwork,
    kRemoveVolume,  // target: key
    kReady,
    kEnd,     // reason
    kForget,  // the manifest and what was remembered
    kSettle,  // a heartbeat now: a closing lease waits for it
};
std::string_view to_name(StepKind kind);

struct Step {
    StepKind kind = StepKind::kNetwork;
    LeaseId lease;
    std::string service;
    std::uint32_t replica = 0;
    std::string target;
    market::CloseReason reason = market::CloseReason::kNone;
    std::string why;  // for the log and the lease's events; may be empty
    bool operator==(const Step&) const = default;
};

// Brings memory up to date with what is seen: who runs since when, who failed, who is unknown. `now_ms` is monotonic.
void observe(Memory& memory, const Desired& desired, const Actual& actual, std::uint64_t now_ms);

// Steps in the order in which those of one lease are to be done; leases do not wait for each other. Leases that are
// busy or wait after a failure get none.
std::vector<Step> plan(const Desired& desired, const Actual& actual, const Memory& memory, std::uint64_t now_ms);

// A replica that serves: running with the wanted revision, and answering or given time enough.
bool is_ready(const Replica& replica, const ReplicaMemory& memory, std::uint64_t now_ms);
// 1 s, 2 s, 4 s … kMaxBackOff_ms.
std::uint64_t back_off_ms(unsigned failures);

}  // namespace sublet::agent
