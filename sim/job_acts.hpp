// job_acts.hpp: jobs and tasks as the naive model keeps them, and what a message about one asks for.
#pragma once

#include <algorithm>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "audit_model.hpp"

namespace sublet::sim {

// In the order in which the ledger numbers them, from 1.
enum class TaskStep { kWaiting = 1, kClaimed, kRunning, kCommitted, kReview, kAccepted, kFailed, kAudit };
enum class JobStep { kOpen = 1, kPaused, kCancelled, kDone };

struct JobTerms {
    std::uint32_t tasks = 0, at_once = 0;
    properties::Wide pay = 0, pay_cap = 0, stake = 0;
    properties::Time start_timeout = 0, task_timeout = 0, window = 0;
    std::optional<AuditTerms> audit;
    // What is locked for the tasks, and for their audits.
    [[nodiscard]] properties::Wide for_tasks() const { return properties::Wide{tasks} * pay_cap; }
    [[nodiscard]] properties::Wide for_audits() const { return audit ? audit->fund(for_tasks()) : 0; }
    // What creating it takes: all that, the bond, the workers' messages (rule 1).
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
    std::optional<properties::Time> due, shown_at;
    std::vector<std::string> tried;
    std::optional<ModelResult> rejected;
};

struct ModelJob {
    std::string owner;
    JobTerms terms;
    JobStep step = JobStep::kOpen;
    std::vector<ModelTask> tasks;  // those that were claimed at least once
    std::set<std::uint32_t> waiting, in_hand, in_review, in_audit;
    std::uint32_t accepted = 0, failed = 0;
    bool may_reject = true;
    std::vector<std::string> barred;
    properties::Wide deposited = 0, paid = 0, refunded = 0, bond = 0, audit_fund = 0;
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
        kDispute,
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

}  // namespace sublet::sim
