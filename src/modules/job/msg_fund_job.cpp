// msg_fund_job.cpp: more money for a job whose budget does not do.
// Deterministic. Spec: docs/spec/jobs.md (money).
#include "base/must.hpp"
#include "modules/job/life.hpp"
#include "modules/job/messages.hpp"

namespace sublet::job {

Result<> check_static(const MsgFundJob& message) {
    TRY(owner, account::parse(message.owner, "owner"));
    (void)owner;
    if (message.amount.is_zero()) {
        return fail(Code::kOutOfRange, "amount: at least 1 ucredit");
    }
    return {};
}

Result<> check_state(const MsgFundJob& message, const View& view, const Block& /*block*/) {
    TRY(job, require_job(view, message.owner, message.job));
    if (job.state != JobState::kOpen && job.state != JobState::kPaused) {
        return fail(Code::kWrongJobState,
                    "job " + std::to_string(job.id.value()) + " is " + std::string{to_name(job.state)});
    }
    const Amount lacks = saturating_sub(job.needed, free_money(job));
    if (message.amount > lacks) {
        return fail(Code::kOutOfRange, "amount: job " + std::to_string(job.id.value()) + " lacks " +
                                           std::to_string(lacks.value()) + " ucredit");
    }
    return bank::require(view, job.owner, saturating_add(message.amount, audit_fund(job.audit, message.amount)));
}

void apply(const MsgFundJob& message, Ledger& ledger, const Block& /*block*/) {
    Job job = must(find_job(ledger, message.job));
    const Amount for_audits = audit_fund(job.audit, message.amount);
    bank::hold(ledger, job.owner, saturating_add(message.amount, for_audits));
    add_to_fund(job, for_audits);
    job.deposited = saturating_add(job.deposited, message.amount);
    save(ledger, job);
    ledger::Event event = job_event("job_funded", job);
    event.attributes.push_back({"amount", std::to_string(message.amount.value())});
    ledger.emit(std::move(event));
}

}  // namespace sublet::job
