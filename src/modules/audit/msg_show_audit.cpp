// msg_show_audit.cpp: an auditor shows what it was committed to.
// Deterministic. Spec: docs/spec/audits.md (rounds), T21.
#include "modules/audit/messages.hpp"

namespace sublet::audit {

Result<> check_static(const MsgShowAudit& message) {
    TRY(operator_address, account::parse(message.operator_address, "operator_address"));
    (void)operator_address;
    if (message.answer.size() != 32 || message.nonce.size() < 16 || message.nonce.size() > 32) {
        return fail(Code::kBadField, "answer has 32 bytes, nonce 16 to 32");
    }
    return {};
}

Result<> check_state(const MsgShowAudit& message, const View& view, const Block& /*block*/) {
    TRY(at, require_seat(view, {message.operator_address, message.job, message.task, message.attempt}));
    const Seat& seat = at.audit.seats[at.seat];
    if (seat.state != SeatState::kJudged) {
        return fail(Code::kTooEarly, "judge first: answers are shown when all have judged");
    }
    if (answer_commitment(*fixed_from<32>(message.answer), seat.auditor, at.audit, message.nonce) != seat.commitment) {
        return fail(Code::kWrongResult, "answer and nonce are not what this auditor was committed to");
    }
    return {};
}

void apply(const MsgShowAudit& message, Ledger& ledger, const Block& block) {
    SeatAt at = *require_seat(ledger, {message.operator_address, message.job, message.task, message.attempt});
    Seat& seat = at.audit.seats[at.seat];
    seat.state = SeatState::kShown;
    seat.answer = *fixed_from<32>(message.answer);
    seat.due = LedgerTime{};
    ledger.emit(seat_event("audit_shown", at.audit, seat));
    advance(ledger, at.audit, block);
    save(ledger, at.audit);
}

}  // namespace sublet::audit
