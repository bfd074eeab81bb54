// msg_open_task.cpp: the result is shown: the creator's window begins.
// Deterministic. Spec: docs/spec/jobs.md (results).
#include "base/must.hpp"
#include "modules/job/life.hpp"
#include "modules/job/messages.hpp"

namespace sublet::job {
namespace {

std::string_view fact_of(TaskState state) {
    if (state == TaskState::kAudit) {
        return "task_in_audit";
    }
    return state == TaskState::kReview ? "task_in_review" : "task_accepted";
}

}  // namespace

Result<> check_static(const MsgOpenTask& message) {
    TRY(operator_address, account::parse(message.operator_address, "operator_address"));
    (void)operator_address;
    if (message.digest.size() != 32 || message.nonce.size() < 16 || message.nonce.size() > 32) {
        return fail(Code::kBadField, "digest has 32 bytes, nonce 16 to 32");
    }
    return {};
}

Result<> check_state(const MsgOpenTask& message, const View& view, const Block& /*block*/) {
    TRY(work, require_attempt(view, {message.operator_address, message.job, message.task, message.attempt},
                              {TaskState::kCommitted}));
    if (commitment_of(work.task, *fixed_from<32>(message.digest), message.nonce) != work.task.commitment) {
        return fail(Code::kWrongResult,
                    "digest and nonce are not what task " + std::to_string(message.task) + " was committed to");
    }
    return {};
}

void apply(const MsgOpenTask& message, Ledger& ledger, const Block& block) {
    Work work{must(find_job(ledger, message.job)), must(find_task(ledger, message.job, message.task))};
    work.task.digest = *fixed_from<32>(message.digest);
    work.task.commitment = Hash{};
    --work.job.active;
    if (work.job.audit) {
        begin_audit(ledger, work, {}, block);
    } else if (work.task.rejected || work.job.state == JobState::kCancelled) {
        accept(ledger, work.job, work.task);
    } else {
        work.task.state = TaskState::kReview;
        work.task.deadline = after(block.now, work.job.window);
        ++work.job.in_review;
    }
    ledger::Event event = task_event(fact_of(work.task.state), work.task);
    event.attributes.push_back({"digest", to_hex(message.digest)});
    ledger.emit(std::move(event));
    save(ledger, work);
    close_if_done(ledger, message.job, block);
}

}  // namespace sublet::job
