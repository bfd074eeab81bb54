// job_model.hpp: an independent, naive prediction of every job, task, stake and payment, from docs/spec/jobs.md alone:
// rules are looked up as they stand there, lists are walked, nothing of the ledger's code is used.
#pragma once

#include <algorithm>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "money_model.hpp"

namespace sublet::sim {

// In the order in which the ledger numbers them, from 1.
enum class TaskStep { kWaiting = 1, kClaimed, kRunning, kCommitted, kReview, kAccepted, kFailed };
enum class JobStep { kOpen = 1, kPaused, kCancelled, kDone };

struct JobTerms {
    std::uint32_t tasks = 0, at_once = 0;
    properties::Wide pay = 0, pay_cap = 0, stake = 0;
    properties::Time start_timeout = 0, task_timeout = 0, window = 0;
    // What creating it takes: the tasks, the bond, the workers' messages (rule 1).
    [[nodiscard]] properties::Wide price() const;
};

// A result that its creator did not accept.
struct ModelResult {
    std::string worker, digest;
    properties::Wide pay = 0;
};

struct ModelTask {
    TaskStep step = TaskStep::kWaiting;
    std::uint32_t attempt = 0;
    std::string worker, commitment, digest;
    properties::Wide stake = 0, pay = 0;
    std::optional<properties::Time> due;
    std::vector<std::string> tried;
    std::optional<ModelResult> rejected;
};

struct ModelJob {
    std::string owner;
    JobTerms terms;
    JobStep step = JobStep::kOpen;
    std::vector<ModelTask> tasks;  // those that were claimed at least once
    std::set<std::uint32_t> waiting, in_hand, in_review;
    std::uint32_t accepted = 0, failed = 0;
    bool may_reject = true;
    std::vector<std::string> barred;
    properties::Wide deposited = 0, paid = 0, refunded = 0, bond = 0;
    std::uint64_t free_messages = 0;
    std::optional<properties::Time> closes_at, closed_at;
    [[nodiscard]] properties::Wide held() const { return deposited - paid - refunded; }
    // Rule 4.
    [[nodiscard]] properties::Wide stake_for(properties::Wide pay) const { return std::max(terms.stake, pay / 10); }
};

// A provider as a worker.
struct ModelWorker {
    std::uint64_t accepted = 0, failed = 0, timed_out = 0;
};

// What a message about jobs asks for; `who` is the job's owner or the worker's. Bytes are raw.
struct JobAct {
    enum class Kind {
        kCreate,
        kPause,
        kResume,
        kCancel,
        kApprove,
        kReject,
        kRetry,
        kClaim,
        kStart,
        kFail,
        kCommit,
        kOpen
    };
    Kind kind = Kind::kCreate;
    std::string who;
    std::uint64_t job = 0;
    std::uint32_t task = 0, attempt = 0, count = 0;  // an approval is of `count` tasks from `task` on
    bool ready = false;
    std::string commitment, digest, nonce;
    JobTerms terms;
};

class JobModel {
public:
    // Balances, what is burnt and the time are those of the leases' model. `marks` counts the rare ways.
    JobModel(properties::Model& money, std::map<std::string, std::uint64_t>& marks) : money_(money), marks_(marks) {}
    JobModel(const JobModel&) = delete;
    JobModel& operator=(const JobModel&) = delete;

    std::map<std::uint64_t, ModelJob> jobs;
    std::map<std::string, ModelWorker> workers;
    // Tasks that changed since somebody emptied it: job, index.
    std::set<std::pair<std::uint64_t, std::uint32_t>> changed;

    // What fell due by now.
    void begin_block();
    // The rule of docs/spec/jobs.md that is against it, or "".
    [[nodiscard]] std::string against(const JobAct& act) const;
    // Something that nothing is against.
    void apply(const JobAct& act);
    // The number that the next job gets.
    [[nodiscard]] std::uint64_t next_id() const { return jobs.empty() ? 1 : jobs.rbegin()->first + 1; }
    // Whether the creator has paid for so many messages of workers (rule 1); counts them down if so.
    bool take_free_messages(std::uint64_t job, std::uint64_t count);

private:
    using Wide = properties::Wide;
    [[nodiscard]] std::string against_creator(const JobAct& act) const;
    [[nodiscard]] std::string against_claim(const JobAct& act) const;
    [[nodiscard]] std::string against_report(const JobAct& act) const;
    [[nodiscard]] std::optional<std::uint32_t> picked(const ModelJob& job, const std::string& worker) const;
    [[nodiscard]] std::size_t in_hand_of(const std::string& worker) const;
    void create(const JobAct& act);
    void claim(const JobAct& act);
    void cancel(std::uint64_t id);
    void approve(const JobAct& act);
    void reject(std::uint64_t id, std::uint32_t index);
    void open(const JobAct& act);
    bool run_one_timer();
    void fall_due(std::uint64_t id, std::uint32_t index);
    // The task leaves the list that it is in.
    ModelTask& move(std::uint64_t id, std::uint32_t index, TaskStep next);
    void wait_again(std::uint64_t id, std::uint32_t index);
    void count_try(std::uint64_t id, std::uint32_t index);
    void time_out(std::uint64_t id, std::uint32_t index);
    void accept(std::uint64_t id, std::uint32_t index);
    void pay(ModelJob& job, const std::string& worker, Wide amount);
    void close_if_over(std::uint64_t id);
    void close(std::uint64_t id);

    properties::Model& money_;
    std::map<std::string, std::uint64_t>& marks_;
};

}  // namespace sublet::sim
