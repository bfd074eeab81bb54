// task.hpp: a task that was claimed at least once: who works on it, until when, and what came of it.
// Deterministic. Spec: docs/spec/jobs.md (a task's life).
#pragma once

#include "modules/job/job.hpp"

namespace sublet::job {

// waiting → claimed → running → committed → review → accepted; back to waiting after a failure, a time-out or a
// rejection; failed after kMaxTries.
enum class TaskState : std::uint8_t {
    kWaiting = 1,
    kClaimed = 2,  // the worker has not said that it has what it needs
    kRunning = 3,
    kCommitted = 4,  // to a result that is not shown yet (T20)
    kReview = 5,     // the creator may approve or reject
    kAccepted = 6,
    kFailed = 7,
    kAudit = 8,  // shown, and not known whether it is right (docs/spec/audits.md)
};
bool valid(TaskState state);
std::string_view to_name(TaskState state);

// A result that the creator rejected: it is paid if the next owner gives the same (T17).
struct Rejected {
    Address worker;
    Hash digest{};
    Amount pay;
    static constexpr auto fields() {
        using codec::field;
        return codec::list(field(1, "worker", &Rejected::worker), field(2, "digest", &Rejected::digest),
                           field(3, "pay", &Rejected::pay));
    }
};

struct Task {
    std::uint32_t version = 1;
    JobId job;
    std::uint32_t index = 0;
    TaskState state = TaskState::kWaiting;
    std::uint32_t attempt = 0;  // the last one's number: a report of an earlier one is refused
    Address worker;             // owner of the provider of the last attempt
    Amount stake;               // locked from claim to commit; where results are audited, until one counts
    Amount pay;
    LedgerTime deadline;  // of whatever comes next; zero: nothing falls due
    Hash commitment{};    // SHA-256(digest ‖ worker ‖ job ‖ task ‖ attempt ‖ nonce)
    Hash digest{};
    std::vector<Address> tried;  // owners that failed
    std::optional<Rejected> rejected;
    std::vector<Address> aborted;  // owners to whom it was far more work than predicted (T18)

    static constexpr auto fields() {
        using codec::field;
        return codec::list(field(1, "version", &Task::version), field(2, "job", &Task::job),
                           field(3, "index", &Task::index), field(4, "state", &Task::state),
                           field(5, "attempt", &Task::attempt), field(6, "worker", &Task::worker),
                           field(7, "stake", &Task::stake), field(8, "pay", &Task::pay),
                           field(9, "deadline", &Task::deadline), field(10, "commitment", &Task::commitment),
                           field(11, "digest", &Task::digest), field(12, "tried", &Task::tried),
                           field(13, "rejected", &Task::rejected), field(14, "aborted", &Task::aborted));
    }
};

Bytes task_prefix(JobId job);
Bytes task_key(JobId job, std::uint32_t index);
std::optional<Task> find_task(const ledger::View& view, JobId job, std::uint32_t index);
void save(ledger::Ledger& ledger, const Task& task);
ledger::IndexEntries index_entries(const Task& task);
// Claimed, running or committed: it counts against at_once and the provider's claims.
bool is_active(TaskState state);

// What a worker commits to, so that nobody can take it for a result of its own (T20).
Hash commitment_of(const Task& task, const Hash& digest, BytesView nonce);

}  // namespace sublet::job
