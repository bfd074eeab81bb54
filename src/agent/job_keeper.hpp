// job_keeper.hpp: storage for creators: jobs that a provider keeps for creators who are away, and brings to workers
// that come later, on a creator's delegation. Spec: docs/spec/storage.md.
#pragma once

#include <map>
#include <memory>
#include <set>
#include <string>

#include "agent/core.hpp"
#include "agent/worker.hpp"
#include "client/delegation.hpp"
#include "client/provider_client.hpp"

namespace sublet::agent {

inline constexpr std::uint64_t kKeptWholeBytes = 4ULL << 20U;  // larger inputs are kept as they travel: by swarm
inline constexpr std::size_t kMaxBrought = 64;                 // workers that a keeper brings one job to
inline constexpr unsigned kMaxBringing = 4;                    // at once, of all jobs

// How a creator's job stands here.
struct KeepView {
    bool kept = false;
    std::uint64_t until_s = 0;             // unix: the delegation's end
    std::vector<crypto::Address> brought;  // workers that have it from here, or had it before
};

// What one creator has here.
struct StorageUse {
    std::uint64_t bytes = 0;
    std::vector<JobId> jobs;
};

// The references outlive it; what it spawns belongs to core.tasks.
class JobKeeper {
public:
    JobKeeper(Core& core, Worker& worker) : core_(core), worker_(worker) {}

    [[nodiscard]] bool offers() const;
    // What an earlier run kept goes on.
    void resume();
    // A job that is complete here. Again: the later delegation holds. Errors: kUnsupported (its owner offers no
    // storage), kNotFound, kConflict (the input is not here, or is another one), kUnauthorized, kRefused (quotas:
    // the message names what the creator has here), kIo.
    Result<> take(JobId id, const std::string& delegation);
    // Until core.stopping.
    Task<> run();
    // Before the job's folder goes.
    void drop(JobId id) { kept_.erase(id); }
    [[nodiscard]] KeepView view(JobId id) const;
    [[nodiscard]] std::map<crypto::Address, StorageUse> use() const;

private:
    struct Place {  // of a worker that was brought the job
        bool busy = false;
        bool done = false;
        std::uint64_t next_try_ms = 0;  // monotonic
        std::string ip;                 // in the swarm; empty: not known
        std::uint16_t port = 0;
    };
    struct Kept {
        client::Delegation delegation;
        std::string text;
        std::map<crypto::Address, Place> places;
    };
    // One worker and what is said to it.
    struct Visit {
        JobId job;
        crypto::Address owner;
        std::string host;
        std::unique_ptr<client::ProviderClient> client;
    };

    [[nodiscard]] Result<client::Delegation> judge(const KeptJob& job, const std::string& text) const;
    [[nodiscard]] Result<> check_quota(const KeptJob& job) const;
    Task<> go_round();
    void visit(Kept& kept, const provider::Provider& provider);
    Task<> bring(std::shared_ptr<Visit> visit);
    Task<Result<>> bring_all(std::shared_ptr<Visit> visit);
    Task<Result<>> bring_swarm(std::shared_ptr<Visit> visit, SwarmInput input);
    Task<Result<>> bring_pieces(std::shared_ptr<Visit> visit, std::uint64_t from);
    Task<std::vector<swarm::PeerAddress>> peers_for(std::shared_ptr<Visit> visit);
    Result<Bytes> piece(JobId id, std::uint64_t offset) const;
    [[nodiscard]] Kept* find(JobId id);
    [[nodiscard]] bool goes_on(const Visit& visit) const;

    Core& core_;
    Worker& worker_;
    std::map<JobId, Kept> kept_;
    unsigned bringing_ = 0;
};

}  // namespace sublet::agent
