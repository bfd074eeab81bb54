// runtime.hpp: what the agent asks of a container engine. Level-triggered: every `ensure_*`, `start`, `stop`, `remove`
// may be repeated and says yes when the world is already so. Errors carry the engine's own words. Spec: ARCHITECTURE
// §6.
#pragma once

#include <string>
#include <vector>

#include "net/task.hpp"
#include "runtime/states.hpp"

namespace sublet::runtime {

// So long an engine may take for a question about what there is; one that changes something has longer.
inline constexpr std::uint64_t kQuestionTimeoutMs = 6'000;

// Codes: kEngine (the engine refused; its words), kIo/kTimeout (it does not answer), kImage (pull: no such image, no
// access), kNotFound, kConflict (a container of that name with another revision: remove it first), kBadField (a name),
// kUnsupported.
class Runtime {
public:
    virtual ~Runtime() = default;
    virtual Task<Result<EngineInfo>> info() = 0;

    virtual Task<Result<bool>> has_image(std::string image) = 0;
    virtual Task<Result<>> pull(PullRequest request) = 0;  // minutes long
    // kConflict, kEngine: a container uses it.
    virtual Task<Result<>> remove_image(std::string image) = 0;

    // A network of the lease's own with name resolution, shut off from the host, the LAN, metadata addresses and other
    // leases.
    virtual Task<Result<NetworkState>> ensure_network(std::string lease) = 0;
    virtual Task<Result<>> remove_network(std::string lease) = 0;
    virtual Task<Result<std::vector<NetworkState>>> list_networks() = 0;
    // Brings the rules that shut networks off in line with the networks that there are. For the start: whoever is
    // killed between removing the last network and its rules comes back to rules that no network asks for.
    virtual Task<Result<>> fence_networks() = 0;

    // Kept until removed. `size_bytes` is written down and watched; hard limits are not enforced yet.
    virtual Task<Result<VolumeState>> ensure_volume(std::string lease, std::string key, std::uint64_t size_bytes) = 0;
    virtual Task<Result<>> remove_volume(std::string lease, std::string key) = 0;
    virtual Task<Result<std::vector<VolumeState>>> list_volumes() = 0;

    // Created, not started; gives the id. The same name and revision again: the id of the one that is there.
    virtual Task<Result<std::string>> create(ContainerSpec spec) = 0;
    virtual Task<Result<>> start(std::string id) = 0;
    virtual Task<Result<>> stop(std::string id, std::uint32_t grace_s) = 0;
    virtual Task<Result<>> remove(std::string id) = 0;  // running or not; anonymous volumes go with it
    virtual Task<Result<>> pause(std::string id) = 0;
    virtual Task<Result<>> unpause(std::string id) = 0;
    virtual Task<Result<std::vector<ContainerState>>> list() = 0;
    virtual Task<Result<ContainerState>> inspect(std::string id) = 0;

    virtual Task<Result<>> logs(std::string id, LogOptions options, LogSink sink) = 0;
    virtual Task<Result<ExecResult>> exec(std::string id, std::vector<std::string> argv) = 0;
    virtual Task<Result<Stats>> stats(std::string id) = 0;
    virtual Task<Result<std::uint64_t>> writable_bytes(std::string id) = 0;  // of the writable layer; slow, seconds
    virtual Task<Result<>> events(EventSink sink) = 0;  // until the sink errs or the engine goes away
};

}  // namespace sublet::runtime
