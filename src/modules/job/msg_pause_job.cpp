// msg_pause_job.cpp: no more tasks are given out, or again.
// Deterministic. Spec: docs/spec/jobs.md (a job's life).
#include "base/must.hpp"
#include "modules/job/life.hpp"
#include "modules/job/messages.hpp"

namespace sublet::job {

Result<> check_static(const MsgPauseJob& message) {
    TRY(owner, account::parse(message.owner, "owner"));
    (void)owner;
    return {};
}

Result<> check_state(const MsgPauseJob& message, const View& view, const Block& /*block*/) {
    TRY(job, require_job(view, message.owner, message.job));
    if (job.state != (message.paused ? JobState::kOpen : JobState::kPaused)) {
        return fail(Code::kWrongJobState,
                    "job " + std::to_string(job.id.value()) + " is " + std::string{to_name(job.state)});
    }
    return {};
}

void apply(const MsgPauseJob& message, Ledger& ledger, const Block& /*block*/) {
    Job job = must(find_job(ledger, message.job));
    job.state = message.paused ? JobState::kPaused : JobState::kOpen;
    save(ledger, job);
    ledger.emit(job_event(message.paused ? "job_paused" : "job_resumed", job));
}

}  // namespace sublet::job
