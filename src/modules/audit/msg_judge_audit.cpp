// msg_judge_audit.cpp: an auditor's verdict.
// Deterministic. Spec: docs/spec/audits.md (rounds), T21, T22, T24.
#include "modules/audit/messages.hpp"

namespace sublet::audit {
namespace {

bool known_to(const Seat& seat, Verdict verdict) {
    return verdict != Verdict::kNone && (verdict != Verdict::kUnstable || seat.round == Round::kArbiters);
}

// Bits of the seats that others had before arbiters were called.
std::uint32_t earlier_seats(const Audit& audit) {
    std::uint32_t bits = 0;
    for (std::size_t i = 0; i < audit.seats.size(); ++i) {
        bits |= audit.seats[i].round == Round::kArbiters ? 0U : 1U << i;
    }
    return bits;
}

}  // namespace

Result<> check_static(const MsgJudgeAudit& message) {
    TRY(operator_address, account::parse(message.operator_address, "operator_address"));
    (void)operator_address;
    return message.verdict == Verdict::kNone ? fail(Code::kOutOfRange, "verdict: pass, fail or why there is none")
                                             : Result<>{};
}

Result<> check_state(const MsgJudgeAudit& message, const View& view, const Block& /*block*/) {
    TRY(at, require_seat(view, {message.operator_address, message.job, message.task, message.attempt}));
    const Seat& seat = at.audit.seats[at.seat];
    if (!known_to(seat, message.verdict)) {
        return fail(Code::kOutOfRange, "verdict: arbiters alone find that machines disagree");
    }
    if (seat.state == SeatState::kDrawn && message.verdict != Verdict::kInconclusive) {
        return fail(Code::kTooEarly, "commit to what you found before you judge");
    }
    if (seat.state != SeatState::kDrawn && seat.state != SeatState::kCommitted) {
        return fail(Code::kNotAuditor, "this auditor has judged");
    }
    const std::uint32_t may_be_wrong = seat.round == Round::kArbiters ? earlier_seats(at.audit) : 0;
    if ((message.wrong & ~may_be_wrong) != 0) {
        return fail(Code::kOutOfRange, "wrong: bits of seats that others had before arbiters were called");
    }
    return {};
}

void apply(const MsgJudgeAudit& message, Ledger& ledger, const Block& block) {
    SeatAt at = *require_seat(ledger, {message.operator_address, message.job, message.task, message.attempt});
    Seat& seat = at.audit.seats[at.seat];
    const bool spent = message.verdict == Verdict::kInconclusive || message.verdict == Verdict::kUnserved;
    seat.state = spent ? SeatState::kSpent : SeatState::kJudged;
    seat.verdict = message.verdict;
    seat.wrong = message.wrong;
    seat.due = LedgerTime{};
    ledger::Event event = seat_event("audit_judged", at.audit, seat);
    event.attributes.push_back({"verdict", std::string{to_name(message.verdict)}});
    ledger.emit(std::move(event));
    advance(ledger, at.audit, block);
    save(ledger, at.audit);
}

}  // namespace sublet::audit
