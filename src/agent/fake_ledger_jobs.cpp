// fake_ledger_jobs.cpp: jobs in memory: tasks are given out in order, one attempt each, and no money moves.
#include "agent/fake_ledger.hpp"

namespace sublet::agent {

Task<Result<std::optional<job::Job>>> FakeLedger::job(JobId id) {
    const auto found = all_jobs.find(id);
    co_return found == all_jobs.end() ? std::nullopt : std::optional{found->second};
}

Task<Result<std::optional<job::Task>>> FakeLedger::task(JobId id, std::uint32_t index) {
    const auto found = all_tasks.find({id, index});
    co_return found == all_tasks.end() ? std::nullopt : std::optional{found->second};
}

Task<Result<std::vector<job::Task>>> FakeLedger::tasks_in_hand(crypto::Address owner) {
    std::vector<job::Task> out;
    for (const auto& [key, task] : all_tasks) {
        if (task.worker == owner && job::is_active(task.state)) {
            out.push_back(task);
        }
    }
    co_return out;
}

Task<Result<job::Task>> FakeLedger::claim(JobId id) {
    const auto found = all_jobs.find(id);
    if (found == all_jobs.end()) {
        co_return fail(Code::kJobUnknown, "there is no such job");
    }
    if (found->second.fresh == found->second.tasks) {
        co_return fail(Code::kNoTask, "the job has no task now");
    }
    job::Task task{.job = id,
                   .index = found->second.fresh++,
                   .state = job::TaskState::kRunning,
                   .attempt = 1,
                   .worker = owner_,
                   .deadline = LedgerTime{now().value() + found->second.task_timeout.value()}};
    all_tasks[{id, task.index}] = task;
    claims.push_back(id);
    if (lost_answers > 0) {
        --lost_answers;
        co_return fail(Code::kTimeout, "no answer");
    }
    co_return task;
}

Task<Result<std::vector<job::Job>>> FakeLedger::probes(crypto::Address owner) {
    std::vector<job::Job> out;
    for (const auto& [id, job] : all_jobs) {
        for (const job::Probe& each : job.probes) {
            if (job.state == job::JobState::kProbing && each.worker == owner && each.work.empty()) {
                out.push_back(job);
            }
        }
    }
    co_return out;
}

Task<Result<std::optional<job::Rates>>> FakeLedger::rates(crypto::Address /*owner*/) { co_return own_rates; }

Task<Result<RecentBlock>> FakeLedger::recent_block() { co_return RecentBlock{height, std::string(64, 'a')}; }

Result<> FakeLedger::take(const job::MsgPostRate& message) {
    own_rates = job::Rates{.worker = owner_, .number = 1, .engines = {}};
    own_rates->engines.push_back(
        {.engine = message.engine, .rate = message.rate, .height = message.height, .at = now()});
    return {};
}

Result<> FakeLedger::take(const job::MsgCommitProbe& message) {
    for (job::Probe& each : all_jobs[message.job].probes) {
        if (each.worker == owner_) {
            each.commitment = *fixed_from<32>(message.commitment);
        }
    }
    return {};
}

Result<> FakeLedger::take(const job::MsgOpenProbe& message) {
    job::Job& job = all_jobs[message.job];
    for (job::Probe& each : job.probes) {
        if (each.worker == owner_ &&
            job::probe_commitment(owner_, message.job, message.work, message.nonce) != each.commitment) {
            return fail(Code::kWrongResult, "not what was committed to");
        }
        each.work = each.worker == owner_ ? message.work : each.work;
    }
    return {};
}

Task<Result<std::vector<audit::Audit>>> FakeLedger::audits_in_hand(crypto::Address owner) {
    std::vector<audit::Audit> out;
    for (const auto& [id, audit] : all_audits) {
        if (std::ranges::any_of(
                audit.seats, [&](const audit::Seat& each) { return each.auditor == owner && audit::is_open(each); })) {
            out.push_back(audit);
        }
    }
    co_return out;
}

Task<Result<std::optional<audit::Audit>>> FakeLedger::audit(audit::AuditId id) {
    const auto found = all_audits.find(id);
    co_return found == all_audits.end() ? std::nullopt : std::optional{found->second};
}

audit::Seat* FakeLedger::seat(const audit::AuditId& id) {
    auto& seats = all_audits[id].seats;
    const auto found = std::ranges::find(seats, owner_, &audit::Seat::auditor);
    return found == seats.end() ? nullptr : &*found;
}

Result<> FakeLedger::take(const audit::MsgCommitAudit& message) {
    audit::Seat* mine = seat({message.job, message.task, message.attempt});
    if (mine == nullptr || mine->state != audit::SeatState::kDrawn) {
        return fail(Code::kNotAuditor, "not drawn");
    }
    mine->state = audit::SeatState::kCommitted;
    mine->commitment = *fixed_from<32>(message.commitment);
    return {};
}

Result<> FakeLedger::take(const audit::MsgJudgeAudit& message) {
    audit::Seat* mine = seat({message.job, message.task, message.attempt});
    if (mine == nullptr ||
        (mine->state != audit::SeatState::kCommitted && message.verdict != audit::Verdict::kInconclusive)) {
        return fail(Code::kTooEarly, "commit first");
    }
    mine->state = audit::SeatState::kJudged;
    mine->verdict = message.verdict;
    mine->wrong = message.wrong;
    mine->due = LedgerTime{};
    return {};
}

Result<> FakeLedger::take(const audit::MsgShowAudit& message) {
    audit::Seat* mine = seat({message.job, message.task, message.attempt});
    const audit::Audit& audit = all_audits[{message.job, message.task, message.attempt}];
    if (mine == nullptr ||
        audit::answer_commitment(*fixed_from<32>(message.answer), owner_, audit, message.nonce) != mine->commitment) {
        return fail(Code::kWrongResult, "not what was committed to");
    }
    mine->state = audit::SeatState::kShown;
    mine->answer = *fixed_from<32>(message.answer);
    mine->due = LedgerTime{};
    return {};
}

Result<job::Task*> FakeLedger::attempt(JobId id, std::uint32_t index, std::uint32_t number, job::TaskState state) {
    ++asked;
    if (refusals > 0) {
        --refusals;
        return fail(Code::kFeeUnpayable, "the operator has no credits");
    }
    const auto found = all_tasks.find({id, index});
    if (found == all_tasks.end() || found->second.attempt != number) {
        return fail(Code::kWrongAttempt, "not this attempt");
    }
    if (found->second.state != state) {
        return fail(Code::kWrongTaskState, "the task is " + std::string{to_name(found->second.state)});
    }
    return &found->second;
}

Result<> FakeLedger::take(const job::MsgFailTask& message) {
    TRY(task, attempt(message.job, message.task, message.attempt, job::TaskState::kRunning));
    task->state = job::TaskState::kFailed;
    return {};
}

Result<> FakeLedger::take(const job::MsgCommitTask& message) {
    TRY(task, attempt(message.job, message.task, message.attempt, job::TaskState::kRunning));
    task->state = job::TaskState::kCommitted;
    task->commitment = *fixed_from<32>(message.commitment);
    return {};
}

Result<> FakeLedger::take(const job::MsgOpenTask& message) {
    TRY(task, attempt(message.job, message.task, message.attempt, job::TaskState::kCommitted));
    task->digest = *fixed_from<32>(message.digest);
    if (job::commitment_of(*task, task->digest, message.nonce) != task->commitment) {
        return fail(Code::kWrongResult, "another result was committed to");
    }
    task->state = job::TaskState::kReview;
    return {};
}

}  // namespace sublet::agent
