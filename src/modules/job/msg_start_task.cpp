// msg_start_task.cpp: the worker has what it needs: its time begins.
// Deterministic. Spec: docs/spec/jobs.md (claims).
#include "base/must.hpp"
#include "modules/job/life.hpp"
#include "modules/job/messages.hpp"

namespace sublet::job {

Result<> check_static(const MsgStartTask& message) {
    TRY(operator_address, account::parse(message.operator_address, "operator_address"));
    (void)operator_address;
    return {};
}

Result<> check_state(const MsgStartTask& message, const View& view, const Block& /*block*/) {
    TRY(work, require_attempt(view, {message.operator_address, message.job, message.task, message.attempt},
                              {TaskState::kClaimed}));
    (void)work;
    return {};
}

void apply(const MsgStartTask& message, Ledger& ledger, const Block& block) {
    Work work{must(find_job(ledger, message.job)), must(find_task(ledger, message.job, message.task))};
    work.task.state = TaskState::kRunning;
    work.task.deadline = after(block.now, work.job.task_timeout);
    ledger.emit(task_event("task_started", work.task));
    save(ledger, work);
}

}  // namespace sublet::job
