// job_follow.hpp: a job from its creator's side while it goes on: its package is brought to workers, results are
// fetched, checked against the ledger and approved. Spec: docs/spec/worker.md.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <set>

#include "agent/tasks.hpp"
#include "cli/context.hpp"
#include "cli/input_swarm.hpp"
#include "cli/job_audit.hpp"
#include "cli/job_count.hpp"
#include "cli/saved_job.hpp"
#include "client/provider_client.hpp"

namespace sublet::cli {

struct FollowOptions {
    bool seed = true;         // bring the package to workers
    bool approve = true;      // what is fetched and is what the ledger says is approved
    bool until_idle = false;  // end once every result that is there is fetched, not with the job
    bool report = false;      // a page beside the results, written again every few seconds
    SwarmTerms swarm = {};
    std::uint32_t keepers = 2;  // providers that are to keep it before run_until_kept() ends
};

inline constexpr std::size_t kMaxSeeded = 64;  // workers that get the package from its creator

class JobFollower {
public:
    // `context` outlives it. Errors: kUsage, kKeyring (the creator's key), kIo, kConflict (another process follows it).
    static Result<std::unique_ptr<JobFollower>> make(Context& context, SavedJob saved, FollowOptions options);

    ~JobFollower();
    JobFollower(const JobFollower&) = delete;
    JobFollower& operator=(const JobFollower&) = delete;

    // Until the job is over and everything is fetched. Errors: kIo (the output folder), kNotFound.
    Result<JobCount> run(Progress& progress);
    // Until drawn providers have found how much work the job is, or it is over.
    Result<JobCount> run_until_quoted(Progress& progress);
    // Until so many providers keep it that its creator may leave; at once where none offers to.
    Result<JobCount> run_until_kept(Progress& progress);
    // How it stands, also when run() failed.
    [[nodiscard]] const JobCount& count() const { return count_; }
    [[nodiscard]] const jobs::Package& package() const { return package_; }

private:
    struct Worker {
        provider::Provider provider;
        std::unique_ptr<client::ProviderClient> client;
        bool seeded = false;
        bool busy = false;  // something is being sent
        bool offers_storage = false;
        bool keeps = false;             // the job, for when its creator is away
        std::uint64_t next_try_ms = 0;  // monotonic
        std::string trouble;
    };

    JobFollower(Context& context, SavedJob saved, FollowOptions options)
        : context_(context), saved_(std::move(saved)), options_(options), tasks_(context.loop) {}

    net::Task<Result<JobCount>> follow(Progress& progress);
    net::Task<Result<JobCount>> follow_probing(Progress& progress);
    net::Task<> end_sending();
    net::Task<Result<JobCount>> follow_until_kept(Progress& progress);
    net::Task<Result<>> look_for_keepers();
    net::Task<> seed_keeper(std::shared_ptr<Worker> worker);
    net::Task<Result<>> ask_to_keep(std::shared_ptr<Worker> worker);
    net::Task<> ask_probers(job::Job job);
    net::Task<Result<>> look_at_workers();
    net::Task<> seed(std::shared_ptr<Worker> worker);
    [[nodiscard]] bool wants_input(const nlohmann::json& state) const;
    net::Task<Result<>> bring_input(std::shared_ptr<Worker> worker, nlohmann::json state);
    net::Task<Result<>> send_input(std::shared_ptr<Worker> worker, std::uint64_t from);
    net::Task<Result<>> await_unpacked(std::shared_ptr<Worker> worker);
    net::Task<Result<>> look_at_tasks(Progress& progress);
    net::Task<Result<>> fetch(job::Task task);
    Result<> place(const job::Task& task, const std::filesystem::path& archive);
    Result<> check(const job::Task& task, const std::filesystem::path& unpacked,
                   const std::vector<std::filesystem::path>& files) const;
    void refuse(const job::Task& task, const std::filesystem::path& archive, const Error& why);
    bool is_withheld(const job::Task& task, const Error& why);
    [[nodiscard]] bool is_refused(const job::Task& task) const;
    [[nodiscard]] std::string refused_text(std::uint32_t task) const;
    [[nodiscard]] bool only_refused_left() const;
    Result<> report();
    [[nodiscard]] std::optional<Millis> time_left() const;
    Result<> merge(Progress& progress);
    [[nodiscard]] bool is_here(const job::Task& task) const;
    net::Task<Result<>> fetch_into(job::Task task, std::filesystem::path archive);
    net::Task<> note_failure(job::Task task, Progress& progress);
    net::Task<Result<>> approve();
    net::Task<Result<>> reveal();
    // Not where an auditor found it wrong and nobody could rule: then its creator looks first.
    net::Task<> consider_approving(job::Task task, Progress& progress);
    net::Task<Result<std::shared_ptr<Worker>>> worker_of(Address owner);
    Result<> lock();
    void name_fetched();
    void note_seen(const job::Task& task);
    [[nodiscard]] std::string line() const;

    Context& context_;
    SavedJob saved_;
    FollowOptions options_;
    int lock_ = -1;
    client::Chain* chain_ = nullptr;
    std::unique_ptr<client::Signer> signer_;
    std::string chain_id_;
    jobs::Package package_;
    std::map<Address, std::shared_ptr<Worker>> workers_;
    std::optional<InputSwarm> swarm_;  // where the job has an input
    std::uint64_t next_send_ms_ = 0;   // monotonic: of a piece through a gateway
    FetchedTasks fetched_;
    struct Wrong {  // results that were not what was committed to
        std::uint32_t attempt = 0;
        unsigned times = 0;
    };
    std::map<std::uint32_t, Wrong> wrong_;
    std::set<std::uint32_t> to_approve_;
    AuditsSeen audits_;
    std::map<std::uint32_t, std::uint64_t> next_fetch_ms_;  // of results that could not be fetched
    std::uint32_t settled_below_ = 0;                       // every task before it is fetched, or failed and told
    std::uint64_t looked_at_workers_ms_ = 0;
    std::uint64_t approved_ms_ = 0;
    std::uint64_t ask_probers_ms_ = 0;  // monotonic
    std::uint64_t said_ms_ = 0;         // since the beginning
    std::uint64_t reported_ms_ = 0;     // since the beginning
    JobCount count_;
    bool ending_ = false;  // nothing more is sent
    agent::Tasks tasks_;
};

}  // namespace sublet::cli
