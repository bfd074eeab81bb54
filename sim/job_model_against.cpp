// job_model_against.cpp: what the rules of docs/spec/jobs.md forbid, with the rule's number.
#include "job_model.hpp"

#include <algorithm>

#include "base/bytes.hpp"
#include "crypto/sha256.hpp"

namespace sublet::sim {
namespace {

constexpr std::size_t kMostPassedBy = 64;  // waiting tasks that a claim looks at
constexpr std::size_t kMostInHand = 64;    // of a provider
constexpr std::uint64_t kNewUntil = 5;     // accepted results, until which it has one
constexpr std::size_t kMostRejected = 16;  // being given again

template <class T>
bool has(const std::vector<T>& all, const T& one) {
    return std::ranges::find(all, one) != all.end();
}

// Rule 10. Addresses are hex here.
std::string promise(const ModelTask& task, const JobAct& act) {
    Bytes all = act.digest + *from_hex(task.worker);
    append_be64(all, act.job);
    append_be32(all, act.task);
    append_be32(all, task.attempt);
    return Bytes{view_of(crypto::sha256(all + act.nonce))};
}

}  // namespace

std::string JobModel::against(const JobAct& act) const {
    using Kind = JobAct::Kind;
    if (act.kind == Kind::kCreate) {
        const auto purse = money_.balances.find(act.who);
        const bool enough = purse != money_.balances.end() && purse->second >= act.terms.price();
        return enough ? "" : "a job is funded before it starts (1)";
    }
    if (!jobs.contains(act.job)) {
        return "there is no such job";
    }
    switch (act.kind) {
        case Kind::kClaim:
            return against_claim(act);
        case Kind::kStart:
        case Kind::kFail:
        case Kind::kCommit:
        case Kind::kOpen:
            return against_report(act);
        default:
            return against_creator(act);
    }
}

std::string JobModel::against_creator(const JobAct& act) const {
    using Kind = JobAct::Kind;
    const ModelJob& job = jobs.at(act.job);
    if (job.owner != act.who) {
        return "it is another's job";
    }
    if (job.closed_at) {
        return "the job is over (15)";
    }
    if (act.kind == Kind::kPause || act.kind == Kind::kResume) {
        const JobStep from = act.kind == Kind::kPause ? JobStep::kOpen : JobStep::kPaused;
        return job.step == from ? "" : "it is so already, or was cancelled (13)";
    }
    if (act.kind == Kind::kCancel) {
        return job.step == JobStep::kCancelled ? "it was cancelled before (14)" : "";
    }
    if (act.kind == Kind::kApprove) {
        const auto first = job.in_review.lower_bound(act.task);
        const bool one = first != job.in_review.end() && *first - act.task < act.count;
        return one && act.task < job.terms.tasks ? "" : "none of these results waits for its creator (11)";
    }
    if (job.step == JobStep::kCancelled || act.task >= job.tasks.size()) {
        return "the job was cancelled, or nobody ever had the task";
    }
    const ModelTask& task = job.tasks[act.task];
    if (act.kind == Kind::kDispute) {
        return against_dispute(job, act);
    }
    if (act.kind == Kind::kRetry) {
        return task.step == TaskStep::kFailed ? "" : "the task has not failed (9)";
    }
    if (job.terms.audit) {
        return "results of an audited job are disputed, not rejected (20 of audits.md)";
    }
    const auto again = std::ranges::count_if(
        job.tasks, [](const ModelTask& each) { return each.rejected.has_value() && each.step != TaskStep::kAccepted; });
    if (task.step != TaskStep::kReview || !job.may_reject || static_cast<std::size_t>(again) >= kMostRejected) {
        return "this result may not be rejected (12)";
    }
    return money_.balances.at(job.owner) >= job.terms.pay_cap ? "" : "a rejection locks another pay_cap (12)";
}

std::string JobModel::against_claim(const JobAct& act) const {
    const ModelJob& job = jobs.at(act.job);
    if (job.step != JobStep::kOpen) {
        return "nothing is given out (13)";
    }
    if (has(job.barred, act.who)) {
        return "the worker is barred (8)";
    }
    const auto known = workers.find(act.who);
    const bool is_new = known == workers.end() || known->second.accepted < kNewUntil;
    if (in_hand_of(act.who) >= (is_new ? 1 : kMostInHand)) {
        return "the worker has enough in hand (5)";
    }
    if (job.in_hand.size() >= job.terms.at_once) {
        return "the job has given out as many as it may at once (5)";
    }
    const std::optional<std::uint32_t> index = picked(job, act.who);
    if (!index) {
        return "there is no task for this worker (3)";
    }
    const Wide pay = *index < job.tasks.size() ? job.tasks[*index].pay : job.terms.pay;
    const auto purse = money_.balances.find(act.who);
    const Wide there = purse == money_.balances.end() ? 0 : purse->second;
    return there >= job.stake_for(pay) ? "" : "there is not the money for the stake (4)";
}

std::string JobModel::against_report(const JobAct& act) const {
    using Kind = JobAct::Kind;
    const ModelJob& job = jobs.at(act.job);
    if (act.task >= job.tasks.size()) {
        return "nobody ever had the task";
    }
    const ModelTask& task = job.tasks[act.task];
    if (task.worker != act.who || task.attempt != act.attempt) {
        return "it is of another attempt or another owner (6)";
    }
    switch (act.kind) {
        case Kind::kStart:
            return task.step == TaskStep::kClaimed ? "" : "the task is not to be started (7)";
        case Kind::kFail:
            return task.step == TaskStep::kClaimed || task.step == TaskStep::kRunning ? "" : "it is not in work (9)";
        case Kind::kCommit:
            return task.step == TaskStep::kRunning ? "" : "the task is not running (10)";
        default:
            break;
    }
    if (task.step != TaskStep::kCommitted) {
        return "nothing was committed to (10)";
    }
    return promise(task, act) == task.commitment ? "" : "that is not what was committed to (10)";
}

// Rule 3.
std::optional<std::uint32_t> JobModel::picked(const ModelJob& job, const std::string& worker) const {
    std::size_t passed_by = 0;
    for (const std::uint32_t index : job.waiting) {
        const ModelTask& task = job.tasks[index];
        if (!has(task.tried, worker) && !(task.rejected && task.rejected->worker == worker)) {
            return index;
        }
        if (++passed_by == kMostPassedBy) {
            break;
        }
    }
    const auto fresh = static_cast<std::uint32_t>(job.tasks.size());
    return fresh < job.terms.tasks ? std::optional{fresh} : std::nullopt;
}

std::size_t JobModel::in_hand_of(const std::string& worker) const {
    std::size_t out = 0;
    for (const auto& [id, job] : jobs) {
        out += static_cast<std::size_t>(
            std::ranges::count_if(job.in_hand, [&](std::uint32_t index) { return job.tasks[index].worker == worker; }));
    }
    return out;
}

}  // namespace sublet::sim
