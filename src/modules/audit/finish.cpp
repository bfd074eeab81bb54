// finish.cpp: an audit's end: who is paid, who loses what.
// Deterministic. Spec: docs/spec/audits.md (money), T21, T22, T25.
#include <algorithm>

#include "base/must.hpp"
#include "modules/audit/keys.hpp"
#include "modules/audit/process.hpp"

namespace sublet::audit {
namespace {

bool decisive(Outcome outcome) { return outcome == Outcome::kPass || outcome == Outcome::kFail; }

// The one of three arbiters whose word is another than that of the two others.
bool stands_alone(const Audit& audit, const Seat& seat) {
    const Seat* two = alike(audit, kArbiterSeats - 1);
    return audit.round == Round::kArbiters && audit.outcome == Outcome::kUndecided && two != nullptr &&
           seat.round == Round::kArbiters &&
           (seat.answer != two->answer || seat.verdict != two->verdict || seat.wrong != two->wrong);
}

// Its word went with what came out; where nobody knows what is right, everybody did the work.
bool was_right(const Audit& audit, const Seat& seat, bool marked) {
    if (seat.state == SeatState::kSpent) {
        return seat.verdict == Verdict::kUnserved && audit.outcome == Outcome::kUnserved;
    }
    if (!has_judged(seat) || marked || stands_alone(audit, seat)) {
        return false;
    }
    const Verdict right = audit.outcome == Outcome::kPass ? Verdict::kPass : Verdict::kFail;
    return !decisive(audit.outcome) || seat.verdict == right;
}

Amount slash_auditor(Ledger& ledger, const Audit& audit, const Seat& seat, Amount amount) {
    Standing standing = standing_of(ledger, seat.auditor);
    ++standing.audits_wrong;
    const Amount taken = take(ledger, standing, amount);
    ledger::Event event = seat_event("auditor_slashed", audit, seat);
    event.attributes.push_back({"amount", std::to_string(taken.value())});
    ledger.emit(std::move(event));
    return taken;
}

// Pays are set, not paid: the job has the money. Answers what was slashed.
Amount judge_auditors(Ledger& ledger, Audit& audit) {
    Amount slashed;
    const Seat* found = audit.round == Round::kArbiters ? ruling(audit) : nullptr;
    const std::optional<Seat> ruled = found == nullptr ? std::nullopt : std::optional{*found};
    for (std::size_t i = 0; i < audit.seats.size(); ++i) {
        Seat& seat = audit.seats[i];
        const bool marked = ruled && (ruled->wrong >> i & 1U) != 0;
        if (was_right(audit, seat, marked)) {
            seat.paid = audit.pay;
            Standing standing = standing_of(ledger, seat.auditor);
            ++standing.audits_given;
            save(ledger, standing);
        } else if (has_judged(seat)) {
            // Who found the same as the arbiters and said otherwise lied; what is marked was never rendered. Anybody
            // else may have met with a fault of its machine.
            const bool lied = ruled && (marked || (seat.state == SeatState::kShown && seat.answer == ruled->answer));
            const Standing standing = standing_of(ledger, seat.auditor);
            slashed = saturating_add(slashed, slash_auditor(ledger, audit, seat, lied ? kAll : hundredth_of(standing)));
        }
    }
    return slashed;
}

Amount judge_worker(Ledger& ledger, const Audit& audit, const Block& block) {
    Amount slashed;
    Standing worker = standing_of(ledger, audit.worker);
    if (audit.outcome == Outcome::kPass) {
        ++worker.passes;
        ++worker.results_right;
    } else if (audit.outcome == Outcome::kUnserved) {
        worker.passes = 0;
    } else if (audit.outcome == Outcome::kFail) {
        worker.passes = 0;
        ++worker.results_wrong;
        worker.failed_at = block.now;
        slashed = take(ledger, worker, kAll);
        ledger::Event event = audit_event("worker_slashed", audit);
        event.attributes.push_back({"amount", std::to_string(slashed.value())});
        ledger.emit(std::move(event));
        return slashed;  // take() has saved it
    }
    save(ledger, worker);
    return slashed;
}

// What it cost to find out, beside the first look: who was wrong makes it good, and no more: the rest is burnt.
Amount cost_of_finding_out(const Audit& audit) {
    Amount cost;
    for (const Seat& each : audit.seats) {
        cost = each.round == Round::kFirst ? cost : saturating_add(cost, each.paid);
    }
    return cost;
}

}  // namespace

void finish(Ledger& ledger, Audit& audit, Outcome outcome, const Block& block) {
    audit.outcome = outcome;
    // One after the other, not as arguments of one call: who leaves the draws first decides who gets whose number.
    const Amount of_auditors = judge_auditors(ledger, audit);
    const Amount slashed = saturating_add(of_auditors, judge_worker(ledger, audit, block));
    audit.from_loser = std::min(slashed, cost_of_finding_out(audit));
    bank::burn_held(ledger, saturating_sub(slashed, audit.from_loser));
    audit.stage = Stage::kOver;
    audit.over_at = block.now;
    audit.due = LedgerTime{};
    for (Seat& each : audit.seats) {
        each.due = LedgerTime{};
    }
    ledger::Event event = audit_event("audit_over", audit);
    event.attributes.push_back({"creator", crypto::to_bech32(audit.creator)});
    event.attributes.push_back({"outcome", std::string{to_name(outcome)}});
    event.attributes.push_back({"burnt", std::to_string(saturating_sub(slashed, audit.from_loser).value())});
    event.attributes.push_back({"from_loser", std::to_string(audit.from_loser.value())});
    ledger.emit(std::move(event));
}

std::optional<Audit> next_over(const View& view) {
    std::optional<Audit> out;
    view.visit_index(over(), over(), [&](BytesView key, BytesView) {
        out = must(find_audit(view, id_at_end(key)));
        return false;
    });
    return out;
}

void settle(Ledger& ledger, Audit audit) {
    audit.stage = Stage::kSettled;
    audit.from_loser = Amount{};
    if (audit.outcome == Outcome::kNotDrawn) {
        erase(ledger, audit);
    } else {
        save(ledger, audit);
    }
}

std::size_t archive(Ledger& ledger, JobId job, std::uint32_t task) {
    std::vector<AuditId> attempts;
    const Bytes prefix = with_task(audit_prefix(), job, task);
    ledger.visit(prefix, prefix, [&](BytesView key, BytesView) {
        attempts.push_back(id_at_end(key));
        return true;
    });
    for (const AuditId& each : attempts) {
        ledger::replace_index(ledger, index_entries(must(find_audit(ledger, each))), {});
        ledger.archive(audit_key(each));
    }
    return attempts.size();
}

ledger::Event audit_event(std::string_view fact, const Audit& audit) {
    return {"sublet.audit." + std::string{fact},
            {{"job", std::to_string(audit.job.value())},
             {"task", std::to_string(audit.task)},
             {"attempt", std::to_string(audit.attempt)},
             {"worker", crypto::to_bech32(audit.worker)}}};
}

ledger::Event seat_event(std::string_view fact, const Audit& audit, const Seat& seat) {
    ledger::Event event = audit_event(fact, audit);
    event.attributes.push_back({"auditor", crypto::to_bech32(seat.auditor)});
    event.attributes.push_back({"round", std::string{to_name(seat.round)}});
    return event;
}

}  // namespace sublet::audit
