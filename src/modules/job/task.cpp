// task.cpp: tasks: keys, names, where they are listed.
// Deterministic. Spec: docs/spec/jobs.md.
#include "modules/job/task.hpp"

#include "crypto/sha256.hpp"
#include "modules/job/keys.hpp"

namespace sublet::job {

bool valid(TaskState state) { return state >= TaskState::kWaiting && state <= TaskState::kAudit; }

std::string_view to_name(TaskState state) {
    switch (state) {
        case TaskState::kWaiting:
            return "waiting";
        case TaskState::kClaimed:
            return "claimed";
        case TaskState::kRunning:
            return "running";
        case TaskState::kCommitted:
            return "committed";
        case TaskState::kReview:
            return "review";
        case TaskState::kAccepted:
            return "accepted";
        case TaskState::kFailed:
            return "failed";
        case TaskState::kAudit:
            return "audit";
    }
    SUBLET_UNREACHABLE();
}

Bytes task_prefix(JobId job) { return keys::with(keys::table(6, 2), job.value()); }
Bytes task_key(JobId job, std::uint32_t index) {
    Bytes key = task_prefix(job);
    append_be32(key, index);
    return key;
}

std::optional<Task> find_task(const ledger::View& view, JobId job, std::uint32_t index) {
    return ledger::load<Task>(view, task_key(job, index));
}

bool is_active(TaskState state) {
    return state == TaskState::kClaimed || state == TaskState::kRunning || state == TaskState::kCommitted;
}

ledger::IndexEntries index_entries(const Task& task) {
    ledger::IndexEntries entries;
    if (task.state == TaskState::kWaiting) {
        entries.emplace(in_list(kWaitingList, task.job, task.index), "1");
    }
    if (is_active(task.state)) {
        Bytes by_worker = keys::with(of_worker(task.worker), task.job.value());
        append_be32(by_worker, task.index);
        entries.emplace(std::move(by_worker), "1");
        entries.emplace(in_list(kActiveList, task.job, task.index), "1");
    }
    if (task.rejected && task.state != TaskState::kAccepted) {
        entries.emplace(in_list(kRejectedList, task.job, task.index), "1");
    }
    if (!task.deadline.is_zero()) {
        entries.emplace(timer(task.deadline, Timer::kTask, task.job, task.index), "1");
    }
    return entries;
}

void save(ledger::Ledger& ledger, const Task& task) {
    const std::optional<Task> before = find_task(ledger, task.job, task.index);
    ledger::save(ledger, task_key(task.job, task.index), task);
    ledger::replace_index(ledger, before ? index_entries(*before) : ledger::IndexEntries{}, index_entries(task));
}

Hash commitment_of(const Task& task, const Hash& digest, BytesView nonce) {
    Bytes where;
    append_be64(where, task.job.value());
    append_be32(where, task.index);
    append_be32(where, task.attempt);
    crypto::Sha256 hasher;
    hasher.update(view_of(digest)).update(task.worker.view()).update(where).update(nonce);
    return hasher.finish();
}

}  // namespace sublet::job
