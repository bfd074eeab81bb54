// audits.cpp: results of jobs that are audited: how an audit begins, and what follows from what came of it.
// Deterministic. Spec: docs/spec/audits.md, docs/spec/jobs.md (results).
#include <algorithm>

#include "base/must.hpp"
#include "modules/job/keys.hpp"
#include "modules/job/life.hpp"

namespace sublet::job {
namespace {

using audit::Audit;
using audit::Outcome;

// As far as what was set aside for them goes.
void pay_auditors(Ledger& ledger, Job& job, Audit& audit) {
    add_to_fund(job, audit.from_loser);  // it was held with a stake, and is with the job now
    for (audit::Seat& each : audit.seats) {
        const Amount amount = std::min(each.paid, job.audit_fund);
        each.paid = amount;
        if (amount.is_zero()) {
            continue;
        }
        job.audit_fund = saturating_sub(job.audit_fund, amount);
        job.bound = saturating_sub(job.bound, amount);
        pay_out(ledger, job, each.auditor, amount);
        ledger::Event event = job_event("auditor_paid", job);
        event.attributes.push_back({"task", std::to_string(audit.task)});
        event.attributes.push_back({"auditor", crypto::to_bech32(each.auditor)});
        event.attributes.push_back({"amount", std::to_string(amount.value())});
        ledger.emit(std::move(event));
    }
}

// The result is void: not paid, its claim stake burnt, its worker barred. No try of the task is counted.
void void_result(Ledger& ledger, Work& work) {
    ledger::Event event = task_event("task_void", work.task);
    event.attributes.push_back({"burnt", std::to_string(work.task.stake.value())});
    ledger.emit(std::move(event));
    audit::expose_no_more(ledger, work.task.worker, work.task.pay);
    bank::burn_held(ledger, work.task.stake);
    work.task.stake = Amount{};
    provider::Provider worker = must(provider::find(ledger, work.task.worker));
    ++worker.counters.tasks_failed;
    provider::save(ledger, worker);
    bar(work.job, work.task.worker);
    work.task.digest = Hash{};
    let_go(work.job, work.task.index);
    need(work.job, work.task.index);
    put_up_again(ledger, work.job, work.task);
}

void await_creator(Ledger& ledger, Work& work, const Block& block) {
    work.task.state = TaskState::kReview;
    work.task.deadline = after(block.now, work.job.window);
    ++work.job.in_review;
    ledger.emit(task_event("task_in_review", work.task));
}

// The dice passed this one by in a block that went on to find another of its worker's wrong: its window begins after
// that and will not see it, so it is looked at now.
bool was_passed_by_too_early(const View& view, const Audit& over) {
    const LedgerTime failed_at = audit::standing_of(view, over.worker).failed_at;
    return over.outcome == Outcome::kNotDrawn && !failed_at.is_zero() && failed_at >= over.over_at;
}

void follow(Ledger& ledger, Work& work, const Audit& over, const Block& block) {
    --work.job.in_audit;
    if (was_passed_by_too_early(ledger, over)) {
        begin_audit(ledger, work, {.forced = true, .evidence = {}}, block);
        return;
    }
    switch (over.outcome) {
        case Outcome::kUnstable:
            if (work.job.audit) {  // it is there: an audit is over
                work.job.audit->unstable = true;
            }
            [[fallthrough]];
        case Outcome::kPass:
            accept(ledger, work.job, work.task);
            ledger.emit(task_event("task_accepted", work.task));
            break;
        case Outcome::kFail:
        case Outcome::kUnserved:
            void_result(ledger, work);
            break;
        case Outcome::kNotDrawn:
        case Outcome::kUndecided:
        case Outcome::kTooFew:
        case Outcome::kNoMoney:
            await_creator(ledger, work, block);
            break;
        case Outcome::kNone:
            SUBLET_UNREACHABLE();
    }
}

}  // namespace

Amount audit_fund(const std::optional<audit::Terms>& terms, Amount for_tasks) {
    return terms ? audit::fund_of(*terms, for_tasks) : Amount{};
}

void add_to_fund(Job& job, Amount amount) {
    job.deposited = saturating_add(job.deposited, amount);
    job.audit_fund = saturating_add(job.audit_fund, amount);
    job.bound = saturating_add(job.bound, amount);
}

void begin_audit(Ledger& ledger, Work& work, const Dispute& how, const Block& block) {
    const audit::Terms& terms = must(work.job.audit);
    const Amount pay = audit::audit_pay(terms, cap_of(work.job, work.task.index));
    work.task.state = TaskState::kAudit;
    work.task.deadline = LedgerTime{};
    ++work.job.in_audit;
    audit::begin(ledger,
                 {.job = work.job.id,
                  .task = work.task.index,
                  .attempt = work.task.attempt,
                  .creator = work.job.owner,
                  .worker = work.task.worker,
                  .digest = work.task.digest,
                  .pay = pay,
                  .collateral = work.task.stake,
                  .task_timeout = work.job.task_timeout,
                  .terms = terms,
                  .forced = how.forced,
                  .disputed = how.disputed,
                  .funded = work.job.audit_fund >= pay,
                  .evidence = how.evidence},
                 block);
}

std::size_t settle_audits(Ledger& ledger, const Block& block, std::size_t budget) {
    std::size_t handled = 0;
    for (; handled < budget; ++handled) {
        std::optional<Audit> over = audit::next_over(ledger);
        if (!over) {
            break;
        }
        Work work{must(find_job(ledger, over->job)), must(find_task(ledger, over->job, over->task))};
        SUBLET_ASSERT(work.task.state == TaskState::kAudit && work.task.attempt == over->attempt);
        pay_auditors(ledger, work.job, *over);
        audit::settle(ledger, *over);
        follow(ledger, work, *over, block);
        save(ledger, work);
        close_if_done(ledger, over->job, block);
    }
    return handled;
}

bool is_suspect(const View& view, const Work& work) {
    if (!work.job.audit || audit::find_audit(view, {work.job.id, work.task.index, work.task.attempt})) {
        return false;  // it was audited, or looked at as far as anybody could
    }
    const LedgerTime shown{work.task.deadline.value() - work.job.window.value()};
    const LedgerTime failed_at = audit::standing_of(view, work.task.worker).failed_at;
    return !failed_at.is_zero() && failed_at >= shown;
}

}  // namespace sublet::job
