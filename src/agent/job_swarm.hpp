// job_swarm.hpp: inputs of jobs that come from swarms: fetched beside everything else, decrypted, checked and unpacked
// as those that come through the gateway, and given to other workers as long as the job is here.
// Spec: docs/spec/swarm.md.
#pragma once

#include <map>
#include <set>

#include "agent/core.hpp"
#include "agent/job_store.hpp"
#include "swarm/peer.hpp"

namespace sublet::agent {

// What a creator is told of a job's swarm at this worker.
struct SwarmView {
    std::uint16_t port = 0;  // 0: nothing of it is here
    swarm::Progress progress;
    std::string trouble;  // why it was given up; its creator may send the input through the gateway
};

inline constexpr std::size_t kMaxPeersOfJob = 128;     // that a creator names, of all times together
inline constexpr std::size_t kMaxPeersByKeepers = 64;  // of them, while keepers name them: he can always name more

// From where others reach this provider. One that is found by a name counts as one in the open: who lends at home names
// a numeric address.
swarm::Reach own_reach(const std::string& public_host);

// Those of the named that may be dialled: `told` are all that ever were, and grows by them to `most`.
std::vector<swarm::PeerAddress> peers_to_dial(swarm::Reach own, const std::vector<swarm::PeerAddress>& named,
                                              std::set<swarm::PeerAddress>& told, std::size_t most = kMaxPeersOfJob);

// Listens from the first swarm on. The references outlive it; what it spawns belongs to core.tasks.
class JobSwarm {
public:
    JobSwarm(Core& core, JobStore& store) : core_(core), store_(store) {}

    [[nodiscard]] bool on() const { return core_.options.swarm_port.has_value(); }
    // Swarms that an earlier run left go on.
    void resume();
    // Also where it is here already: then the peers may be new. Errors: kUnsupported (its owner wants no swarms), kIo
    // (the port), and as JobStore::put_swarm and Peer::add.
    Result<> take(JobId id, const SwarmInput& input, std::size_t most_peers = kMaxPeersOfJob);
    // Another worker of the job, found by whoever keeps it.
    void meet(JobId id, const swarm::PeerAddress& worker);
    // Called now and again: what is whole is unpacked, what came through the gateway meanwhile is not fetched any more.
    void look();
    // Before the job's folder goes.
    void drop(JobId id);
    [[nodiscard]] SwarmView view(JobId id) const;

private:
    Result<> open();
    Result<> join(JobId id, const SwarmInput& input, std::size_t most_peers = kMaxPeersOfJob);
    void hand_over(const Hash& name);
    bool share(JobId id);
    void give_up(JobId id, const std::string& why);
    Task<> unpack(JobId id);
    Task<Result<>> decrypt(JobId id, swarm::Key key);

    Core& core_;
    JobStore& store_;
    std::unique_ptr<swarm::Peer> peer_;
    std::map<JobId, Hash> joined_;                        // what their swarms are called
    std::map<JobId, std::set<swarm::PeerAddress>> told_;  // whom they were given to dial
    std::map<JobId, std::string> trouble_;
    std::set<JobId> unpacking_;
};

}  // namespace sublet::agent
