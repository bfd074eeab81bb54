// msg_claim_task.cpp: a worker asks for a task; the ledger picks it.
// Deterministic. Spec: docs/spec/jobs.md (claims), T19.
#include <algorithm>

#include "base/must.hpp"
#include "modules/job/life.hpp"
#include "modules/job/messages.hpp"
#include "modules/market/parties.hpp"

namespace sublet::job {
namespace {

Result<> check_claims(const View& view, const provider::Provider& provider) {
    const bool newcomer = provider.counters.tasks_accepted < kNewcomerTasks;
    const std::uint64_t most = newcomer ? 1 : kMaxClaims;
    if (claims_of(view, provider.owner, most) >= most) {
        return fail(Code::kTooManyClaims,
                    newcomer ? "a provider has one task at a time until five of its results were accepted"
                             : "a provider has at most 64 tasks at a time");
    }
    return {};
}

}  // namespace

Result<> check_static(const MsgClaimTask& message) {
    TRY(operator_address, account::parse(message.operator_address, "operator_address"));
    (void)operator_address;
    return {};
}

Result<> check_state(const MsgClaimTask& message, const View& view, const Block& /*block*/) {
    TRY(provider, market::require_operator(view, message.operator_address));
    if (!provider.beating) {
        return fail(Code::kProviderDown, "the provider is silent: send a heartbeat first");
    }
    const std::optional<Job> job = find_job(view, message.job);
    if (!job) {
        return fail(Code::kJobUnknown, "there is no job " + std::to_string(message.job.value()));
    }
    if (job->state == JobState::kPaused) {
        return fail(Code::kWrongJobState, "job " + std::to_string(job->id.value()) + " is paused");
    }
    if (job->state == JobState::kProbing || job->state == JobState::kQuoted) {
        return fail(Code::kWrongJobState, "job " + std::to_string(job->id.value()) + " is " +
                                              std::string{to_name(job->state)} + ": its creator has not confirmed it");
    }
    if (job->state != JobState::kOpen) {
        return fail(Code::kJobClosed,
                    "job " + std::to_string(job->id.value()) + " is " + std::string{to_name(job->state)});
    }
    if (std::ranges::find(job->barred, provider.owner) != job->barred.end()) {
        return fail(Code::kBarred,
                    "a task of job " + std::to_string(job->id.value()) + " timed out with this provider");
    }
    TRY_OK(check_claims(view, provider));
    const std::optional<Task> task = has_work(*job) ? pick(view, *job, provider.owner) : std::nullopt;
    if (!task) {
        return fail(Code::kNoTask,
                    "job " + std::to_string(job->id.value()) +
                        (is_short(*job) ? " has used up its budget" : " has no task for this provider now"));
    }
    return bank::require(view, provider.owner, stake_of(*job, task->pay));
}

void apply(const MsgClaimTask& message, Ledger& ledger, const Block& block) {
    const provider::Provider provider =
        must(provider::find_by_operator(ledger, account::parsed(message.operator_address)));
    Job job = must(find_job(ledger, message.job));
    Task task = must(pick(ledger, job, provider.owner));
    if (task.index == job.fresh) {
        ++job.fresh;
    } else {
        --job.waiting;
    }
    ++job.active;
    bind(job, task.index);
    task.state = message.ready ? TaskState::kRunning : TaskState::kClaimed;
    ++task.attempt;
    task.worker = provider.owner;
    task.stake = stake_of(job, task.pay);
    task.deadline = after(block.now, message.ready ? job.task_timeout : job.start_timeout);
    bank::hold(ledger, provider.owner, task.stake);
    if (job.audit) {
        audit::expose(ledger, provider.owner, task.pay);
    }
    ledger.emit(task_event("task_claimed", task));
    if (message.ready) {
        ledger.emit(task_event("task_started", task));
    }
    save(ledger, {std::move(job), std::move(task)});
}

}  // namespace sublet::job
