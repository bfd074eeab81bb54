// msg_reject_task.cpp: a creator does not accept a result: somebody else gives it once more.
// Deterministic. Spec: docs/spec/jobs.md (results), T17.
#include "base/must.hpp"
#include "modules/job/keys.hpp"
#include "modules/job/life.hpp"
#include "modules/job/messages.hpp"

namespace sublet::job {

Result<> check_static(const MsgRejectTask& message) {
    TRY(owner, account::parse(message.owner, "owner"));
    (void)owner;
    return {};
}

Result<> check_state(const MsgRejectTask& message, const View& view, const Block& /*block*/) {
    TRY(work, require_task(view, message.owner, message.job, message.task, TaskState::kReview));
    if (work.job.audit) {
        return fail(Code::kMayNotReject, "results of this job are audited: dispute what you think is wrong");
    }
    if (!work.job.may_reject) {
        return fail(Code::kMayNotReject,
                    "a rejected result of this job was given again by somebody else: it may reject no more");
    }
    std::size_t open = 0;
    const Bytes rejected = task_list(kRejectedList, message.job);
    view.visit_index(rejected, rejected, [&](BytesView, BytesView) { return ++open < kMaxRejections; });
    if (open >= kMaxRejections) {
        return fail(Code::kMayNotReject, "16 rejected results of this job are being given again: wait for them");
    }
    return bank::require(view, work.job.owner, cap_of(work.job, message.task));
}

void apply(const MsgRejectTask& message, Ledger& ledger, const Block& /*block*/) {
    Work work{must(find_job(ledger, message.job)), must(find_task(ledger, message.job, message.task))};
    const Amount again = cap_of(work.job, message.task);
    bank::hold(ledger, work.job.owner, again);
    work.job.deposited = saturating_add(work.job.deposited, again);
    need(work.job, message.task);
    ledger.emit(task_event("task_rejected", work.task));
    work.task.rejected = Rejected{work.task.worker, work.task.digest, work.task.pay};
    work.task.state = TaskState::kWaiting;
    work.task.digest = Hash{};
    work.task.deadline = LedgerTime{};
    --work.job.in_review;
    ++work.job.waiting;
    save(ledger, work);
}

}  // namespace sublet::job
