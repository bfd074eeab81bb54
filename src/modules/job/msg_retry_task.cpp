// msg_retry_task.cpp: a failed task is put up again.
// Deterministic. Spec: docs/spec/jobs.md (tries).
#include "base/must.hpp"
#include "modules/job/life.hpp"
#include "modules/job/messages.hpp"

namespace sublet::job {

Result<> check_static(const MsgRetryTask& message) {
    TRY(owner, account::parse(message.owner, "owner"));
    (void)owner;
    return {};
}

Result<> check_state(const MsgRetryTask& message, const View& view, const Block& /*block*/) {
    TRY(work, require_task(view, message.owner, message.job, message.task, TaskState::kFailed));
    (void)work;
    return {};
}

void apply(const MsgRetryTask& message, Ledger& ledger, const Block& /*block*/) {
    Work work{must(find_job(ledger, message.job)), must(find_task(ledger, message.job, message.task))};
    work.task.tried.clear();
    work.task.aborted.clear();
    need(work.job, message.task);
    work.task.state = TaskState::kWaiting;
    --work.job.failed;
    ++work.job.waiting;
    work.job.closes_at = LedgerTime{};
    save(ledger, work);
    ledger.emit(task_event("task_retried", work.task));
}

}  // namespace sublet::job
