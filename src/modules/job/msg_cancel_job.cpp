// msg_cancel_job.cpp: a creator ends a job before it is done.
// Deterministic. Spec: docs/spec/jobs.md (cancelling), T17.
#include "base/must.hpp"
#include "modules/job/keys.hpp"
#include "modules/job/life.hpp"
#include "modules/job/messages.hpp"

namespace sublet::job {
namespace {

// At most kMaxAtOnce + kMaxRejections of them.
std::vector<std::uint32_t> listed(const View& view, std::uint8_t table, JobId job) {
    std::vector<std::uint32_t> out;
    const Bytes prefix = task_list(table, job);
    view.visit_index(prefix, prefix, [&](BytesView key, BytesView) {
        out.push_back(index_at_end(key));
        return true;
    });
    return out;
}

}  // namespace

Result<> check_static(const MsgCancelJob& message) {
    TRY(owner, account::parse(message.owner, "owner"));
    (void)owner;
    return {};
}

Result<> check_state(const MsgCancelJob& message, const View& view, const Block& /*block*/) {
    TRY(job, require_job(view, message.owner, message.job));
    if (job.state == JobState::kCancelled) {
        return fail(Code::kJobClosed, "job " + std::to_string(job.id.value()) + " is cancelled already");
    }
    return {};
}

void apply(const MsgCancelJob& message, Ledger& ledger, const Block& block) {
    Job job = must(find_job(ledger, message.job));
    if (job.state == JobState::kProbing) {
        end_probing(ledger, job);
    }
    job.state = JobState::kCancelled;
    job.due = LedgerTime{};
    save(ledger, job);
    ledger.emit(job_event("job_cancelled", job));
    for (const std::uint32_t index : listed(ledger, kActiveList, job.id)) {
        Work work{must(find_job(ledger, job.id)), must(find_task(ledger, job.id, index))};
        if (work.task.state != TaskState::kCommitted) {  // what is committed may still be shown
            end_for_creator(ledger, work.job, work.task);
            save(ledger, work);
        }
    }
    // Nobody will give a rejected result once more: it counts.
    for (const std::uint32_t index : listed(ledger, kRejectedList, job.id)) {
        Work work{must(find_job(ledger, job.id)), must(find_task(ledger, job.id, index))};
        if (work.task.state == TaskState::kWaiting) {
            --work.job.waiting;
            put_up_again(ledger, work.job, work.task);
            save(ledger, work);
        }
    }
    close_if_done(ledger, job.id, block);
}

}  // namespace sublet::job
