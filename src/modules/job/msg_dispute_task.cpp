// msg_dispute_task.cpp: a creator says that a result is wrong, and lets arbiters find out.
// Deterministic. Spec: docs/spec/audits.md (disputes).
#include "base/must.hpp"
#include "modules/job/life.hpp"
#include "modules/job/messages.hpp"

namespace sublet::job {
namespace {

constexpr std::uint32_t kMaxSide = 65'536;  // pixels

// What the arbiters get; it comes back where the result was wrong.
Amount stake_of_dispute(const Job& job, std::uint32_t task) {
    const Amount pay = audit::audit_pay(must(job.audit), cap_of(job, task));
    return saturating_add(pay, saturating_add(pay, pay));
}

}  // namespace

Result<> check_static(const MsgDisputeTask& message) {
    TRY(owner, account::parse(message.owner, "owner"));
    (void)owner;
    if (message.evidence.size() % 2 != 0 || message.evidence.size() > 2 * audit::kMaxEvidence) {
        return fail(Code::kBadField, "evidence: x and y of at most 8 places");
    }
    for (const std::uint32_t each : message.evidence) {
        if (each >= kMaxSide) {
            return fail(Code::kOutOfRange, "evidence: pixels below 65,536");
        }
    }
    return {};
}

Result<> check_state(const MsgDisputeTask& message, const View& view, const Block& /*block*/) {
    TRY(work, require_task(view, message.owner, message.job, message.task, TaskState::kReview));
    const std::string name = "task " + std::to_string(message.task) + " of job " + std::to_string(message.job.value());
    if (!work.job.audit) {
        return fail(Code::kMayNotReject, name + " is not audited: reject it, and somebody else does it once more");
    }
    if (work.job.audit->unstable) {
        return fail(Code::kMayNotReject, name + ": machines disagree about this job, arbiters would too");
    }
    const std::optional<audit::Audit> earlier = audit::find_audit(view, {message.job, message.task, work.task.attempt});
    if (earlier && earlier->disputed) {
        return fail(Code::kMayNotReject, name + " was disputed before");
    }
    return bank::require(view, work.job.owner, stake_of_dispute(work.job, message.task));
}

void apply(const MsgDisputeTask& message, Ledger& ledger, const Block& block) {
    Work work{must(find_job(ledger, message.job)), must(find_task(ledger, message.job, message.task))};
    const Amount stake = stake_of_dispute(work.job, message.task);
    bank::hold(ledger, work.job.owner, stake);
    add_to_fund(work.job, stake);
    --work.job.in_review;
    ledger::Event event = task_event("task_disputed", work.task);
    event.attributes.push_back({"stake", std::to_string(stake.value())});
    ledger.emit(std::move(event));
    begin_audit(ledger, work, {.disputed = true, .evidence = message.evidence}, block);
    save(ledger, work);
}

}  // namespace sublet::job
