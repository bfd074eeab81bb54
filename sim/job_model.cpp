// job_model.cpp: what messages and time do to a job, rule by rule of docs/spec/jobs.md.
#include "job_model.hpp"

#include <algorithm>

namespace sublet::sim {

using properties::Time;

namespace {

constexpr std::size_t kMostDue = 1'000;  // timers of a block
constexpr std::size_t kMostTries = 3;
constexpr std::size_t kMostBarred = 64;
constexpr std::uint64_t kMessagesOfTask = 8;
constexpr properties::Wide kMessageFee = 50;  // ucredit: 50,000 gas at a thousandth of one

}  // namespace

properties::Wide JobTerms::price() const {
    const properties::Wide messages = properties::Wide{tasks} * kMessageFee * properties::Wide{kMessagesOfTask};
    return for_tasks() + for_audits() + properties::kBond + messages;
}

// ───── what messages do ─────

bool JobModel::take_free_messages(std::uint64_t id, std::uint64_t count) {
    const auto job = jobs.find(id);
    if (job == jobs.end() || job->second.free_messages < count) {
        return false;
    }
    job->second.free_messages -= count;
    return true;
}

void JobModel::apply(const JobAct& act) {
    using Kind = JobAct::Kind;
    const auto report = [&](TaskStep next) -> ModelTask& { return move(act.job, act.task, next); };
    switch (act.kind) {
        case Kind::kCreate:
            return create(act);
        case Kind::kPause:
        case Kind::kResume:
            jobs.at(act.job).step = act.kind == Kind::kPause ? JobStep::kPaused : JobStep::kOpen;
            return;
        case Kind::kCancel:
            return cancel(act.job);
        case Kind::kApprove:
            return approve(act);
        case Kind::kReject:
            return reject(act.job, act.task);
        case Kind::kDispute:
            return dispute(act);
        case Kind::kRetry:
            report(TaskStep::kWaiting).tried.clear();
            jobs.at(act.job).closes_at.reset();
            return;
        case Kind::kClaim:
            return claim(act);
        case Kind::kStart:
            report(TaskStep::kRunning).due = money_.now + jobs.at(act.job).terms.task_timeout;
            return;
        case Kind::kFail:
            count_try(act.job, act.task);
            return close_if_over(act.job);
        case Kind::kCommit: {
            ModelTask& task = report(TaskStep::kCommitted);
            task.commitment = act.commitment;
            task.due = money_.now + jobs.at(act.job).terms.task_timeout;
            if (!jobs.at(act.job).terms.audit) {  // else it stays until the result counts (11)
                money_.balances[task.worker] += std::exchange(task.stake, 0);
            }
            return;
        }
        case Kind::kOpen:
            return open(act);
    }
}

void JobModel::create(const JobAct& act) {
    ModelJob job;
    job.owner = act.who;
    job.terms = act.terms;
    job.audit_fund = act.terms.for_audits();
    job.deposited = act.terms.for_tasks() + job.audit_fund;
    job.bond = properties::kBond;
    job.free_messages = act.terms.tasks * kMessagesOfTask;
    money_.balances[act.who] -= act.terms.price();
    if (job.terms.audit && !job.terms.audit->tip.empty()) {
        audits.chains.emplace(next_id(), std::pair{job.owner, job.terms.audit->tip});
    }
    jobs.emplace(next_id(), std::move(job));
}

void JobModel::claim(const JobAct& act) {
    ModelJob& job = jobs.at(act.job);
    const std::uint32_t index = *picked(job, act.who);
    if (index == job.tasks.size()) {
        job.tasks.emplace_back().pay = job.terms.pay;
        job.waiting.insert(index);
    }
    ModelTask& task = move(act.job, index, act.ready ? TaskStep::kRunning : TaskStep::kClaimed);
    ++task.attempt;
    task.worker = act.who;
    task.stake = job.stake_for(task.pay);
    task.due = money_.now + (act.ready ? job.terms.task_timeout : job.terms.start_timeout);
    money_.balances[act.who] -= task.stake;
    expose(job, task, 1);
}

// Rule 14.
void JobModel::cancel(std::uint64_t id) {
    ModelJob& job = jobs.at(id);
    job.step = JobStep::kCancelled;
    const std::set<std::uint32_t> in_hand = job.in_hand;
    for (const std::uint32_t index : in_hand) {
        ModelTask& task = job.tasks[index];
        if (task.step == TaskStep::kCommitted) {
            continue;
        }
        if (task.step == TaskStep::kRunning) {
            pay(job, task.worker, (task.pay + 1) / 2);
            ++marks_["a task that ran was paid half when its job was cancelled"];
        }
        money_.balances[task.worker] += std::exchange(task.stake, 0);
        expose(job, task, -1);
        wait_again(id, index);
    }
    const std::set<std::uint32_t> waiting = job.waiting;
    for (const std::uint32_t index : waiting) {
        if (job.tasks[index].rejected) {
            wait_again(id, index);
        }
    }
    close_if_over(id);
}

void JobModel::approve(const JobAct& act) {
    const std::set<std::uint32_t> in_review = jobs.at(act.job).in_review;
    for (const std::uint32_t index : in_review) {
        if (index >= act.task && index - act.task < act.count) {
            accept(act.job, index);
        }
    }
    close_if_over(act.job);
}

// Rule 12.
void JobModel::reject(std::uint64_t id, std::uint32_t index) {
    ModelJob& job = jobs.at(id);
    ModelTask& task = move(id, index, TaskStep::kWaiting);
    money_.balances[job.owner] -= job.terms.pay_cap;
    job.deposited += job.terms.pay_cap;
    task.rejected = ModelResult{task.worker, std::exchange(task.digest, {}), task.pay};
}

void JobModel::open(const JobAct& act) {
    ModelJob& job = jobs.at(act.job);
    ModelTask& task = job.tasks[act.task];
    task.digest = act.digest;
    task.shown_at = money_.now;
    if (job.terms.audit) {
        begin_audit(act.job, act.task, {});
    } else if (task.rejected || job.step == JobStep::kCancelled) {
        accept(act.job, act.task);
    } else {
        move(act.job, act.task, TaskStep::kReview).due = money_.now + job.terms.window;
    }
    close_if_over(act.job);
}

ModelTask& JobModel::move(std::uint64_t id, std::uint32_t index, TaskStep next) {
    ModelJob& job = jobs.at(id);
    ModelTask& task = job.tasks.at(index);
    changed.emplace(id, index);
    job.waiting.erase(index);
    job.in_hand.erase(index);
    job.in_review.erase(index);
    job.in_audit.erase(index);
    job.failed -= task.step == TaskStep::kFailed ? 1 : 0;
    task.step = next;
    task.due.reset();
    task.commitment.clear();
    switch (next) {
        case TaskStep::kWaiting:
            job.waiting.insert(index);
            break;
        case TaskStep::kReview:
            job.in_review.insert(index);
            break;
        case TaskStep::kAudit:
            job.in_audit.insert(index);
            break;
        case TaskStep::kAccepted:
            ++job.accepted;
            break;
        case TaskStep::kFailed:
            ++job.failed;
            break;
        default:
            job.in_hand.insert(index);
    }
    return task;
}

// Somebody else may do it, unless three could not or nobody may any more: then a rejected result counts (12, 14).
void JobModel::wait_again(std::uint64_t id, std::uint32_t index) {
    const ModelJob& job = jobs.at(id);
    ModelTask& task = jobs.at(id).tasks[index];
    if (task.tried.size() < kMostTries && job.step != JobStep::kCancelled) {
        move(id, index, TaskStep::kWaiting);
    } else if (task.rejected) {
        const ModelResult first = *task.rejected;
        task.rejected.reset();
        task.worker = first.worker;
        task.digest = first.digest;
        task.pay = first.pay;
        ++marks_["a rejected result counted for want of another"];
        accept(id, index);
    } else {
        move(id, index, TaskStep::kFailed);
    }
}

// Rule 9, and 10 for what was not shown.
void JobModel::count_try(std::uint64_t id, std::uint32_t index) {
    ModelTask& task = jobs.at(id).tasks[index];
    money_.balances[task.worker] += std::exchange(task.stake, 0);
    expose(jobs.at(id), task, -1);
    task.tried.push_back(task.worker);
    ++workers[task.worker].failed;
    wait_again(id, index);
}

// Rule 8.
void JobModel::time_out(std::uint64_t id, std::uint32_t index) {
    ModelJob& job = jobs.at(id);
    ModelTask& task = job.tasks[index];
    money_.burnt += std::exchange(task.stake, 0);
    ++workers[task.worker].timed_out;
    expose(job, task, -1);
    bar(job, task.worker);
    task.pay = std::min(job.terms.pay_cap, task.pay + task.pay / 4);
    wait_again(id, index);
}

void JobModel::bar(ModelJob& job, const std::string& worker) {
    if (std::ranges::find(job.barred, worker) == job.barred.end()) {
        job.barred.push_back(worker);
        if (job.barred.size() > kMostBarred) {
            job.barred.erase(job.barred.begin());
        }
    }
}

// Rules 11 and 12.
void JobModel::accept(std::uint64_t id, std::uint32_t index) {
    ModelJob& job = jobs.at(id);
    ModelTask& task = move(id, index, TaskStep::kAccepted);
    if (job.terms.audit) {
        money_.balances[task.worker] += std::exchange(task.stake, 0);
        expose(job, task, -1);
    }
    pay(job, task.worker, task.pay);
    ++workers[task.worker].accepted;
    if (task.rejected && task.rejected->digest == task.digest) {
        pay(job, task.rejected->worker, task.rejected->pay);
        ++workers[task.rejected->worker].accepted;
        job.may_reject = false;
        ++marks_["a rejected result was given again by somebody else"];
    } else if (task.rejected) {
        ++marks_["a rejected result was replaced by another"];
    }
}

void JobModel::pay(ModelJob& job, const std::string& worker, Wide amount) {
    job.paid += amount;
    money_.balances[worker] += amount;
}

// ───── the end ─────

// Rule 15.
void JobModel::close_if_over(std::uint64_t id) {
    ModelJob& job = jobs.at(id);
    const bool all = job.accepted + job.failed == job.terms.tasks;
    const bool quiet = job.in_hand.empty() && job.in_review.empty() && job.in_audit.empty();
    if (job.closed_at || !quiet || (!all && job.step != JobStep::kCancelled)) {
        return;
    }
    if (job.failed == 0 || job.step == JobStep::kCancelled) {
        close(id);
    } else if (!job.closes_at) {
        job.closes_at = money_.now + job.terms.window;
    }
}

void JobModel::close(std::uint64_t id) {
    ModelJob& job = jobs.at(id);
    const Wide rest = job.held();
    job.refunded += rest;
    job.audit_fund = 0;
    money_.balances[job.owner] += rest + std::exchange(job.bond, 0);
    job.step = job.step == JobStep::kCancelled ? JobStep::kCancelled : JobStep::kDone;
    job.closes_at.reset();
    job.closed_at = money_.now;
}

void JobModel::begin_block(std::uint64_t height, std::string before) {
    audits.begin_block(height, std::move(before));
    while (const std::optional<AuditName> over = audits.next_over()) {
        settle(*over);
    }
    for (std::size_t i = 0; i < kMostDue && run_one_timer(); ++i) {
    }
}

// The earliest thing that is due; false when nothing is.
bool JobModel::run_one_timer() {
    struct Due {
        Time at;
        bool closing;
        std::uint64_t job;
        std::uint32_t task;
        auto operator<=>(const Due&) const = default;
    };
    std::optional<Due> first;
    const auto offer = [&](const Due& due) {
        if (due.at <= money_.now && (!first || due < *first)) {
            first = due;
        }
    };
    for (const auto& [id, job] : jobs) {
        for (const std::set<std::uint32_t>* list : {&job.in_hand, &job.in_review}) {
            for (const std::uint32_t index : *list) {
                offer({job.tasks[index].due.value(), false, id, index});
            }
        }
        if (job.closes_at) {
            offer({*job.closes_at, true, id, 0});
        }
    }
    if (!first) {
        return false;
    }
    if (first->closing) {
        close(first->job);
    } else {
        fall_due(first->job, first->task);
    }
    return true;
}

void JobModel::fall_due(std::uint64_t id, std::uint32_t index) {
    switch (jobs.at(id).tasks[index].step) {
        case TaskStep::kReview:
            if (is_suspect(id, index)) {
                ++marks_["a result of an owner who was found out was audited late"];
                return begin_audit(id, index, {.forced = true});
            }
            ++marks_["a window passed and the result was accepted"];
            accept(id, index);
            break;
        case TaskStep::kCommitted:
            ++marks_["a result was never shown"];
            count_try(id, index);
            break;
        default:
            ++marks_["a claim timed out"];
            time_out(id, index);
    }
    close_if_over(id);
}

}  // namespace sublet::sim
