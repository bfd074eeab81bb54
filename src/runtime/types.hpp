// types.hpp: the plain values that the agent gives to a container engine; what comes back is in states.hpp. Spec:
// ARCHITECTURE §6.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/bytes.hpp"
#include "net/http.hpp"

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
    std::shared_ptr<net::Canceller> canceller = nullptr;  // ends it at any moment; may be empty
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

// A folder or file of the host's own, such as a task's input. Never one that a tenant names.
struct HostMount {
    std::string source;  // absolute, on the host
    std::string path;    // absolute, inside the container
    bool read_only = true;
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
    bool no_network = false;           // none at all: `lease` needs no network then
    std::uint64_t file_bytes_max = 0;  // of any one file that it writes; 0: no limit
    std::string work_folder;           // absolute; empty: the image's own
    std::vector<Mount> mounts;
    std::vector<HostMount> host_mounts;
    std::vector<RamDisk> ram_disks;
    std::vector<PortBinding> ports;
    std::vector<std::string> aliases;           // further names on the lease's network
    std::vector<std::string> gpus;              // NVML UUIDs or "renderD128"-like device names
    Restart restart = Restart::kNever;          // the reconciler restarts; engines do it without back-off
    std::map<std::string, std::string> labels;  // the caller's own, besides ours
};

}  // namespace sublet::runtime
