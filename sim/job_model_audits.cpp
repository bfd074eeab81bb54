// job_model_audits.cpp: results of jobs that are audited: how an audit begins, and what follows from it;
// docs/spec/audits.md.
#include "job_model.hpp"

#include <algorithm>

#include "audit_reading.hpp"

namespace sublet::sim {

void JobModel::expose(const ModelJob& job, const ModelTask& task, int sign) {
    if (job.terms.audit) {  // rule 4
        audits.standings[task.worker].exposure += sign * task.pay;
    }
}

void JobModel::begin_audit(std::uint64_t id, std::uint32_t index, How how) {
    const ModelTask& task = move(id, index, TaskStep::kAudit);
    const ModelJob& job = jobs.at(id);
    ModelAudit audit;
    audit.creator = job.owner;
    audit.worker = task.worker;
    audit.digest = task.digest;
    audit.terms = *job.terms.audit;
    audit.pay = job.terms.audit->pay(job.terms.pay_cap);
    audit.collateral = task.stake;
    audit.task_timeout = job.terms.task_timeout;
    audit.forced = how.forced;
    audit.disputed = how.disputed;
    const bool funded = job.audit_fund >= audit.pay;
    audits.begin({id, index, task.attempt}, std::move(audit), funded);
}

// ───── disputes ─────

// Rule 20.
std::string JobModel::against_dispute(const ModelJob& job, const JobAct& act) const {
    const ModelTask& task = job.tasks.at(act.task);
    if (task.step != TaskStep::kReview || !job.terms.audit) {
        return "the result is not in review, or nobody audits it (20)";
    }
    if (job.terms.audit->unstable) {
        return "machines disagree about this job (20)";
    }
    const auto earlier = audits.audits.find({act.job, act.task, task.attempt});
    if (earlier != audits.audits.end() && earlier->second.disputed) {
        return "it was disputed before (20)";
    }
    const Wide locked = 3 * job.terms.audit->pay(job.terms.pay_cap);
    return money_.balances.at(job.owner) >= locked ? "" : "there is not the money for three arbiters (20)";
}

void JobModel::dispute(const JobAct& act) {
    ModelJob& job = jobs.at(act.job);
    const Wide locked = 3 * job.terms.audit->pay(job.terms.pay_cap);
    money_.balances[job.owner] -= locked;
    job.deposited += locked;
    job.audit_fund += locked;
    begin_audit(act.job, act.task, {.disputed = true});
}

// Rule 19.
bool JobModel::is_suspect(std::uint64_t id, std::uint32_t index) const {
    const ModelTask& task = jobs.at(id).tasks.at(index);
    if (!jobs.at(id).terms.audit || audits.audits.contains({id, index, task.attempt})) {
        return false;
    }
    const std::optional<properties::Time> failed_at = audits.standings.at(task.worker).failed_at;
    return failed_at && *failed_at >= *task.shown_at;
}

// ───── what follows ─────

// Rules 15 and 18.
void JobModel::settle(const AuditName& name) {
    const auto& [id, index, attempt] = name;
    ModelAudit& audit = audits.audits.at(name);
    ModelJob& job = jobs.at(id);
    job.deposited += audit.made_good;
    job.audit_fund += audit.made_good;
    for (ModelSeat& each : audit.seats) {
        each.paid = std::min(each.paid, job.audit_fund);
        job.audit_fund -= each.paid;
        pay(job, each.who, each.paid);
    }
    const Found found = audit.found;
    const std::optional<properties::Time> failed_at = audits.standings.at(audit.worker).failed_at;
    const bool passed_by_too_early = found == Found::kNotDrawn && failed_at && *failed_at >= audit.over_at;  // rule 19
    marks_["an audit ended: " + name_of(found)] += 1;
    audits.settle(name);
    if (found == Found::kUnstable) {
        job.terms.audit->unstable = true;
    }
    if (found == Found::kPass || found == Found::kUnstable) {
        accept(id, index);
    } else if (found == Found::kFail || found == Found::kUnserved) {
        make_void(id, index);
    } else if (passed_by_too_early) {
        ++marks_["a result was audited that was passed by in the block of a ruling"];
        begin_audit(id, index, {.forced = true});
    } else {
        move(id, index, TaskStep::kReview).due = money_.now + job.terms.window;
    }
    close_if_over(id);
}

// Somebody else does it, and no try is counted.
void JobModel::make_void(std::uint64_t id, std::uint32_t index) {
    ModelJob& job = jobs.at(id);
    ModelTask& task = job.tasks.at(index);
    money_.burnt += std::exchange(task.stake, 0);
    expose(job, task, -1);
    ++workers[task.worker].failed;
    bar(job, task.worker);
    task.digest.clear();
    wait_again(id, index);
}

}  // namespace sublet::sim
