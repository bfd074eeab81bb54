// parties.cpp: who may act on a job or an attempt.
// Deterministic. Spec: docs/spec/jobs.md.
#include <algorithm>

#include "modules/job/life.hpp"
#include "modules/market/parties.hpp"

namespace sublet::job {

Result<Job> require_job(const View& view, std::string_view owner, JobId id) {
    std::optional<Job> job = find_job(view, id);
    if (!job) {
        return fail(Code::kJobUnknown, "there is no job " + std::to_string(id.value()));
    }
    if (job->owner != account::parsed(owner)) {
        return fail(Code::kNotJobOwner,
                    "job " + std::to_string(id.value()) + " belongs to " + crypto::to_bech32(job->owner));
    }
    if (!job->closed_at.is_zero()) {
        return fail(Code::kJobClosed, "job " + std::to_string(id.value()) + " is over");
    }
    return std::move(*job);
}

Result<Work> require_task(const View& view, std::string_view owner, JobId id, std::uint32_t index, TaskState state) {
    TRY(job, require_job(view, owner, id));
    if (job.state == JobState::kCancelled) {
        return fail(Code::kJobClosed, "job " + std::to_string(id.value()) + " was cancelled");
    }
    std::optional<Task> task = find_task(view, id, index);
    if (!task) {
        return fail(Code::kTaskUnknown,
                    "task " + std::to_string(index) + " of job " + std::to_string(id.value()) + " was never claimed");
    }
    if (task->state != state) {
        return fail(Code::kWrongTaskState, "task " + std::to_string(index) + " is " +
                                               std::string{to_name(task->state)} + ", not " +
                                               std::string{to_name(state)});
    }
    return Work{std::move(job), std::move(*task)};
}

Result<Work> require_attempt(const View& view, const AttemptOf& whose, std::initializer_list<TaskState> states) {
    TRY(provider, market::require_operator(view, whose.operator_address));
    std::optional<Job> job = find_job(view, whose.job);
    if (!job) {
        return fail(Code::kJobUnknown, "there is no job " + std::to_string(whose.job.value()));
    }
    std::optional<Task> task = find_task(view, whose.job, whose.task);
    if (!task) {
        return fail(Code::kTaskUnknown, "task " + std::to_string(whose.task) + " was never claimed");
    }
    // The fence: whoever lost the attempt, to a time-out or a cancellation, changes nothing any more.
    if (task->attempt != whose.attempt || task->worker != provider.owner) {
        return fail(Code::kWrongAttempt, "task " + std::to_string(whose.task) + " is at attempt " +
                                             std::to_string(task->attempt) + " of " + crypto::to_bech32(task->worker) +
                                             ", not at attempt " + std::to_string(whose.attempt) + " of yours");
    }
    if (std::ranges::find(states, task->state) == states.end()) {
        return fail(Code::kWrongTaskState,
                    "task " + std::to_string(whose.task) + " is " + std::string{to_name(task->state)});
    }
    return Work{std::move(*job), std::move(*task)};
}

Result<Drawn> require_probe(const View& view, std::string_view operator_address, JobId id) {
    TRY(provider, market::require_operator(view, operator_address));
    std::optional<Job> job = find_job(view, id);
    if (!job) {
        return fail(Code::kJobUnknown, "there is no job " + std::to_string(id.value()));
    }
    if (job->state != JobState::kProbing) {
        return fail(Code::kWrongJobState,
                    "job " + std::to_string(id.value()) + " is " + std::string{to_name(job->state)} + ", not probing");
    }
    const auto found = std::ranges::find(job->probes, provider.owner, &Probe::worker);
    if (found == job->probes.end() || !found->work.empty()) {
        return fail(Code::kNotDrawn, "this provider has no probe of job " + std::to_string(id.value()) + " to give");
    }
    Probe probe = *found;
    return Drawn{std::move(*job), std::move(probe)};
}

}  // namespace sublet::job
