// types.hpp: the plain values that go between the agent and a container engine: specs in, states out. Spec:
// ARCHITECTURE §6.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/bytes.hpp"
#include "net/task.hpp"

namespace sublet::runtime {

using net::Task;

inline constexpr std::size_t kMaxKeyLength = 100;    // lease, service and volume keys: [a-z0-9][a-z0-9-]*
inline constexpr std::size_t kMaxContainers = 4096;  // of one instance, in one listing
inline constexpr std::size_t kMaxExecOutputBytes = 1U << 20U;
inline constexpr std::size_t kMaxLogLineBytes = 64U << 10U;  // longer lines are cut into pieces
inline constexpr std::uint32_t kDefaultPidsMax = 1024;

// Labels that every object of ours carries; `list` gives the containers whose kLabelInstance is ours, whoever started
// them.
inline constexpr std::string_view kLabelInstance = "sublet.agent";
inline constexpr std::string_view kLabelLease = "sublet.lease";
inline constexpr std::string_view kLabelService = "sublet.service";
inline constexpr std::string_view kLabelReplica = "sublet.replica";
inline constexpr std::string_view kLabelSpec = "sublet.spec";  // ContainerSpec::revision

struct EngineInfo {
    std::string name;  // "podman", "docker", "fake"
    std::string version, api_version, kernel, runtime, storage_driver, data_root;
    unsigned cgroup_version = 0;  // 1 or 2
    bool rootless = false;
    unsigned cpus = 0;
    std::uint64_t memory_bytes = 0;
};

struct Credentials {
    std::string host, username, password, email;
};

struct PullProgress {
    std::string status;                             // one line for people: "downloading 3 of 7 layers, 41 MB"
    std::uint64_t done_bytes = 0, total_bytes = 0;  // 0 total: not known yet
    unsigned layers_done = 0, layers = 0;
};

struct PullRequest {
    std::string image;
    std::optional<Credentials> credentials;
    // May be empty. An error returned from it cancels the pull: the connection to the engine closes and pull() returns
    // it.
    std::function<Result<>(const PullProgress&)> progress;
};

struct NetworkState {
    std::string name, lease, subnet, gateway;
};

struct VolumeState {
    std::string name, lease, key;  // key: what ensure_volume was given
};

struct PortBinding {
    std::uint16_t container_port = 0;
    std::uint16_t host_port = 0;  // in a spec: 0 = the engine chooses; in a state: what it is
    bool udp = false;
    std::string host_address = "127.0.0.1";
};

struct Mount {
    std::string volume;  // the key given to ensure_volume
    std::string path;    // absolute, inside the container
    bool read_only = false;
};

struct RamDisk {
    std::string path;
    std::uint64_t size_bytes = 0;
};

enum class Restart : std::uint8_t { kNever, kOnFailure, kAlways };

struct ContainerSpec {
    std::string lease;    // key of the lease; its network must exist
    std::string service;  // also the name that resolves on the lease's network
    std::uint32_t replica = 0;
    std::string revision;  // anything that changes when the spec does (a digest); comes back in the state
    std::string image;
    std::optional<std::vector<std::string>> entrypoint;  // absent: the image's own (SDL `command`)
    std::optional<std::vector<std::string>> args;        // absent: the image's own (SDL `args`)
    std::vector<std::string> env;                        // "NAME=value"
    std::uint32_t cpu_milli = 0;                         // 1000 = one core
    std::uint64_t memory_bytes = 0;                      // hard; swap is off
    std::uint64_t shm_bytes = 64ULL << 20U;
    std::uint32_t pids_max = kDefaultPidsMax;
    std::vector<Mount> mounts;
    std::vector<RamDisk> ram_disks;
    std::vector<PortBinding> ports;
    std::vector<std::string> aliases;           // further names on the lease's network
    std::vector<std::string> gpus;              // NVML UUIDs or "renderD128"-like device names
    Restart restart = Restart::kNever;          // the reconciler restarts; engines do it without back-off
    std::map<std::string, std::string> labels;  // the caller's own, besides ours
};

enum class Phase : std::uint8_t { kCreated, kRunning, kPaused, kExited, kOther };

struct ContainerState {
    std::string id, name, image, lease, service, revision;
    std::uint32_t replica = 0;
    Phase phase = Phase::kOther;
    int exit_code = 0;  // of the last run, when kExited
    bool out_of_memory = false;
    std::string error;                                        // the engine's word on why it did not start
    std::uint64_t started_unix_ms = 0, finished_unix_ms = 0;  // 0: never
    std::uint32_t restarts = 0;
    std::string address;  // on the lease's network; empty while not running
    std::string health;   // "", "starting", "healthy", "unhealthy" (the image's own check)
    std::vector<PortBinding> ports;
    std::map<std::string, std::string> labels;
};

struct Stats {
    std::uint64_t cpu_ns = 0, memory_bytes = 0, memory_limit_bytes = 0, pids = 0, received_bytes = 0, sent_bytes = 0;
};

struct LogOptions {
    bool follow = false;
    std::optional<std::uint32_t> tail;  // absent: from the start
    bool timestamps = false;
};

struct LogLine {
    bool err = false;  // of standard error
    std::string time;  // RFC 3339, when asked for
    std::string text;  // without the newline
};
// An error from a sink ends the stream and is returned to the caller: that is how a follower stops.
using LogSink = std::function<Task<Result<>>(LogLine)>;

struct ExecResult {
    int exit_code = 0;
    std::string out, err;  // at most kMaxExecOutputBytes each
};

struct EngineEvent {
    std::string action;  // "start", "die", "oom", "pause", "unpause", "remove", "health_status", …
    std::string id, lease, service;
    std::uint32_t replica = 0;
    std::uint64_t unix_ms = 0;
};
using EventSink = std::function<Task<Result<>>(EngineEvent)>;

}  // namespace sublet::runtime
