// msg_fail_task.cpp: the worker could not do it.
// Deterministic. Spec: docs/spec/jobs.md (tries).
#include <algorithm>

#include "base/must.hpp"
#include "modules/job/life.hpp"
#include "modules/job/messages.hpp"

namespace sublet::job {
namespace {

// One and a half times as long as its work takes at the rate that this provider posted, or at the slowest prober's if
// that is less: a rate may be posted a moment ago (T18).
Result<> check_overrun(const View& view, const Work& work, const Block& block) {
    const std::uint64_t rate = std::min(work.job.rate, rate_of(view, work.task.worker, work.job.engine));
    const std::uint64_t predicted = predicted_work(work.job, work.task.index);
    if (work.task.state != TaskState::kRunning || predicted == 0 || rate == 0) {
        return fail(Code::kTooEarly, "too_long: nothing was predicted for this attempt, or it does not run");
    }
    const u128 allowed_ms = u128{predicted} * 1'500 / (u128{rate} * work.job.cores);
    const std::uint64_t begun = work.task.deadline.value() - work.job.task_timeout.value();
    const std::uint64_t gone_ms = block.now.value() - begun;
    if (gone_ms < allowed_ms) {
        return fail(Code::kTooEarly, "too_long: it runs for " + std::to_string(gone_ms) +
                                         " ms, 1.5 times what was predicted is " +
                                         std::to_string(static_cast<std::uint64_t>(allowed_ms)) + " ms");
    }
    return {};
}

}  // namespace

Result<> check_static(const MsgFailTask& message) {
    TRY(operator_address, account::parse(message.operator_address, "operator_address"));
    (void)operator_address;
    return {};
}

Result<> check_state(const MsgFailTask& message, const View& view, const Block& block) {
    TRY(work, require_attempt(view, {message.operator_address, message.job, message.task, message.attempt},
                              {TaskState::kClaimed, TaskState::kRunning}));
    return message.too_long ? check_overrun(view, work, block) : Result<>{};
}

void apply(const MsgFailTask& message, Ledger& ledger, const Block& block) {
    Work work{must(find_job(ledger, message.job)), must(find_task(ledger, message.job, message.task))};
    ledger::Event event = task_event(message.too_long ? "task_aborted" : "task_failed", work.task);
    event.attributes.push_back({"exit_code", std::to_string(message.exit_code)});
    ledger.emit(std::move(event));
    if (message.too_long) {
        abort_attempt(ledger, work.job, work.task);
    } else {
        end_try(ledger, work.job, work.task);
    }
    save(ledger, work);
    close_if_done(ledger, message.job, block);
}

}  // namespace sublet::job
