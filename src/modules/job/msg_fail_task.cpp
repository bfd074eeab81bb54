// msg_fail_task.cpp: the worker could not do it.
// Deterministic. Spec: docs/spec/jobs.md (tries).
#include "base/must.hpp"
#include "modules/job/life.hpp"
#include "modules/job/messages.hpp"

namespace sublet::job {

Result<> check_static(const MsgFailTask& message) {
    TRY(operator_address, account::parse(message.operator_address, "operator_address"));
    (void)operator_address;
    return {};
}

Result<> check_state(const MsgFailTask& message, const View& view, const Block& /*block*/) {
    TRY(work, require_attempt(view, {message.operator_address, message.job, message.task, message.attempt},
                              {TaskState::kClaimed, TaskState::kRunning}));
    (void)work;
    return {};
}

void apply(const MsgFailTask& message, Ledger& ledger, const Block& block) {
    Work work{must(find_job(ledger, message.job)), must(find_task(ledger, message.job, message.task))};
    ledger::Event event = task_event("task_failed", work.task);
    event.attributes.push_back({"exit_code", std::to_string(message.exit_code)});
    ledger.emit(std::move(event));
    end_try(ledger, work.job, work.task);
    save(ledger, work);
    close_if_done(ledger, message.job, block);
}

}  // namespace sublet::job
