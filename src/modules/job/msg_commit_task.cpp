// msg_commit_task.cpp: there is a result, which nobody can see yet.
// Deterministic. Spec: docs/spec/jobs.md (results).
#include "base/must.hpp"
#include "modules/job/life.hpp"
#include "modules/job/messages.hpp"

namespace sublet::job {

Result<> check_static(const MsgCommitTask& message) {
    TRY(operator_address, account::parse(message.operator_address, "operator_address"));
    (void)operator_address;
    if (message.commitment.size() != 32) {
        return fail(Code::kBadField, "commitment must be 32 bytes");
    }
    return {};
}

Result<> check_state(const MsgCommitTask& message, const View& view, const Block& /*block*/) {
    TRY(work, require_attempt(view, {message.operator_address, message.job, message.task, message.attempt},
                              {TaskState::kRunning}));
    (void)work;
    return {};
}

void apply(const MsgCommitTask& message, Ledger& ledger, const Block& block) {
    Work work{must(find_job(ledger, message.job)), must(find_task(ledger, message.job, message.task))};
    work.task.state = TaskState::kCommitted;
    work.task.commitment = *fixed_from<32>(message.commitment);
    work.task.deadline = after(block.now, work.job.task_timeout);
    if (!work.job.audit) {
        give_back_stake(ledger, work.task);
    }
    ledger.emit(task_event("task_committed", work.task));
    save(ledger, work);
}

}  // namespace sublet::job
