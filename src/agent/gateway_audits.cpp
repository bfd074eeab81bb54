// gateway_audits.cpp: who beside a job's creator may have what is here of its tasks: auditors, once they are bound to
// what they found themselves. Spec: docs/spec/audits.md, T21.
#include "agent/gateway.hpp"
#include "agent/worker_parts.hpp"

namespace sublet::agent {

Task<bool> Gateway::is_auditor(crypto::Address caller, JobTarget target) {
    const bool pieces = target.what == "pieces";
    // Of the attempt itself, or what was rendered here of it.
    const audit::AuditId id{target.job, target.task, target.attempt & ~kAuditBit};
    const Result<std::optional<audit::Audit>> audit = co_await core_->parts.ledger.audit(id);
    const bool of_auditor = (target.attempt & kAuditBit) != 0;
    if (!audit || !*audit || of_auditor != pieces || ((*audit)->worker != core_->options.owner) != pieces) {
        co_return false;
    }
    for (const audit::Seat& each : (*audit)->seats) {
        const bool bound = each.state == audit::SeatState::kCommitted && audit::is_open(each);
        if (!bound || (pieces && each.round != audit::Round::kArbiters)) {
            continue;
        }
        const Result<std::optional<provider::Provider>> auditor = co_await core_->parts.ledger.provider(each.auditor);
        if (auditor && *auditor && (*auditor)->operator_address == caller) {
            co_return true;
        }
    }
    co_return false;
}

}  // namespace sublet::agent
