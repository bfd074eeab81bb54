// msg_commit_audit.cpp: an auditor commits to what it found.
// Deterministic. Spec: docs/spec/audits.md (rounds), T21.
#include "base/must.hpp"
#include "modules/audit/messages.hpp"

namespace sublet::audit {

Result<> check_static(const MsgCommitAudit& message) {
    TRY(operator_address, account::parse(message.operator_address, "operator_address"));
    (void)operator_address;
    return message.commitment.size() != 32 ? fail(Code::kBadField, "commitment has 32 bytes") : Result<>{};
}

Result<> check_state(const MsgCommitAudit& message, const View& view, const Block& /*block*/) {
    TRY(at, require_seat(view, {message.operator_address, message.job, message.task, message.attempt}));
    if (at.audit.seats[at.seat].state != SeatState::kDrawn) {
        return fail(Code::kNotAuditor, "this auditor has committed to what it found");
    }
    return {};
}

void apply(const MsgCommitAudit& message, Ledger& ledger, const Block& block) {
    SeatAt at = *require_seat(ledger, {message.operator_address, message.job, message.task, message.attempt});
    Seat& seat = at.audit.seats[at.seat];
    seat.state = SeatState::kCommitted;
    seat.commitment = *fixed_from<32>(message.commitment);
    seat.due = after(block.now, Millis{block.params.audit_silence_ms});
    ledger.emit(seat_event("audit_committed", at.audit, seat));
    advance(ledger, at.audit, block);
    save(ledger, at.audit);
}

}  // namespace sublet::audit
