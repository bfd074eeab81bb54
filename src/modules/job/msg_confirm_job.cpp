// msg_confirm_job.cpp: the creator takes a quote and brings its money.
// Deterministic. Spec: docs/spec/jobs.md (probes).
#include "base/must.hpp"
#include "modules/job/life.hpp"
#include "modules/job/messages.hpp"

namespace sublet::job {
namespace {

Amount budget_of(const MsgConfirmJob& message, const Job& job) {
    return message.budget.is_zero() ? job.needed : message.budget;
}

}  // namespace

Result<> check_static(const MsgConfirmJob& message) {
    TRY(owner, account::parse(message.owner, "owner"));
    (void)owner;
    const std::uint64_t timeout = message.task_timeout.value();
    if (timeout != 0 && (timeout < 10'000 || timeout > 86'400'000)) {
        return fail(Code::kOutOfRange, "task_timeout: 10000 to 86400000 ms, or zero");
    }
    return {};
}

Result<> check_state(const MsgConfirmJob& message, const View& view, const Block& block) {
    TRY(job, require_job(view, message.owner, message.job));
    if (job.state != JobState::kQuoted) {
        return fail(Code::kWrongJobState, "job " + std::to_string(job.id.value()) + " is " +
                                              std::string{to_name(job.state)} + ", not quoted");
    }
    const Amount budget = budget_of(message, job);
    if (budget < job.pay_cap || budget > job.needed) {
        return fail(Code::kOutOfRange, "budget: " + std::to_string(job.pay_cap.value()) + " (the dearest task) to " +
                                           std::to_string(job.needed.value()) + " ucredit (all of them)");
    }
    const Amount locked = saturating_add(budget, audit_fund(job.audit, budget));
    return bank::require(view, job.owner, saturating_add(locked, price_of_messages(job.tasks, block.params)));
}

void apply(const MsgConfirmJob& message, Ledger& ledger, const Block& block) {
    Job job = must(find_job(ledger, message.job));
    const Amount budget = budget_of(message, job);
    const Amount for_audits = audit_fund(job.audit, budget);
    bank::hold(ledger, job.owner, saturating_add(budget, for_audits));
    add_to_fund(job, for_audits);
    const Amount messages = price_of_messages(job.tasks, block.params);
    bank::pay_fee(ledger, job.owner, messages);
    job.free_messages += job.tasks * kMessagesPerTask;
    job.deposited = saturating_add(job.deposited, budget);
    job.state = JobState::kOpen;
    job.due = LedgerTime{};
    if (!message.task_timeout.is_zero()) {
        job.task_timeout = message.task_timeout;
    }
    save(ledger, job);
    ledger::Event event = job_event("job_confirmed", job);
    event.attributes.push_back({"budget", std::to_string(budget.value())});
    event.attributes.push_back({"messages_fee", std::to_string(messages.value())});
    ledger.emit(std::move(event));
}

}  // namespace sublet::job
