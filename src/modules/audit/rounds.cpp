// rounds.cpp: how an audit goes on after each word: seats that are missing, seats that disagree, what arbiters rule.
// Deterministic. Spec: docs/spec/audits.md (rounds), T21, T22, T24.
#include <algorithm>

#include "modules/audit/process.hpp"

namespace sublet::audit {
namespace {

// A live seat of this round; the first two rounds belong together.
bool sits(const Audit& audit, const Seat& seat) {
    return seat.state <= SeatState::kShown && (seat.round == Round::kArbiters) == (audit.round == Round::kArbiters);
}

std::vector<Seat*> seats_of(Audit& audit) {
    std::vector<Seat*> out;
    for (Seat& each : audit.seats) {
        if (sits(audit, each)) {
            out.push_back(&each);
        }
    }
    return out;
}

std::size_t spent_by(const Audit& audit, Verdict verdict, bool arbiters_alone = false) {
    return static_cast<std::size_t>(std::ranges::count_if(audit.seats, [&](const Seat& each) {
        return each.state == SeatState::kSpent && each.verdict == verdict &&
               (!arbiters_alone || each.round == Round::kArbiters);
    }));
}

std::size_t silent_ones(const Audit& audit) {
    return static_cast<std::size_t>(std::ranges::count(audit.seats, SeatState::kSilent, &Seat::state));
}

void call_arbiters(Ledger& ledger, Audit& audit, const Block& block) {
    if (audit.unstable) {  // where machines disagree, so would they
        finish(ledger, audit, Outcome::kUndecided, block);
        return;
    }
    audit.round = Round::kArbiters;
    for (Seat& each : audit.seats) {
        each.due = LedgerTime{};
    }
    ledger.emit(audit_event("arbiters_called", audit));
    advance(ledger, audit, block);
}

// Nothing is shown before everybody is bound to a verdict: nobody can copy.
bool all_shown(const std::vector<Seat*>& seats, const Block& block) {
    bool all = true;
    for (Seat* each : seats) {
        if (each->state == SeatState::kJudged) {
            all = false;
            each->due = each->due.is_zero() ? after(block.now, Millis{block.params.audit_silence_ms}) : each->due;
        }
    }
    return all;
}

void weigh_second_look(Ledger& ledger, Audit& audit, const std::vector<Seat*>& seats, const Block& block) {
    const Seat* first_pass = nullptr;
    std::size_t fails = 0;
    bool same = true;
    for (const Seat* each : seats) {
        if (each->verdict == Verdict::kFail) {
            ++fails;
        } else {
            same = same && (first_pass == nullptr || each->answer == first_pass->answer);
            first_pass = each;
        }
    }
    if (fails >= 2 || !same) {
        call_arbiters(ledger, audit, block);
    } else {
        finish(ledger, audit, Outcome::kPass, block);
    }
}

void weigh_ruling(Ledger& ledger, Audit& audit, const Block& block) {
    const Seat* ruled = ruling(audit);
    Outcome outcome = Outcome::kUndecided;
    if (ruled != nullptr && ruled->verdict == Verdict::kPass) {
        outcome = Outcome::kPass;
    } else if (ruled != nullptr && ruled->verdict == Verdict::kFail) {
        outcome = Outcome::kFail;
    } else if (ruled != nullptr && ruled->verdict == Verdict::kUnstable) {
        outcome = Outcome::kUnstable;
    }
    finish(ledger, audit, outcome, block);
}

void after_first(Ledger& ledger, Audit& audit, Verdict verdict, const Block& block) {
    if (verdict == Verdict::kPass) {
        audit.stage = Stage::kLookAgain;
        audit.since = block.height;
        audit.due = after(block.now, Millis{1});
        return;
    }
    audit.round = Round::kAgain;
    advance(ledger, audit, block);
}

// The next moment at which something is due.
void arm(Audit& audit, const Block& block) {
    audit.due = LedgerTime{};
    if (missing(audit) > 0) {
        audit.due = after(block.now, Millis{1});  // drawn in the next block, whose hash nobody knows yet
        return;
    }
    for (const Seat& each : audit.seats) {
        if (is_open(each) && (audit.due.is_zero() || each.due < audit.due)) {
            audit.due = each.due;
        }
    }
}

bool gave_up(Ledger& ledger, Audit& audit, const Block& block) {
    if (spent_by(audit, Verdict::kUnserved) >= kUnservedSeats) {
        finish(ledger, audit, Outcome::kUnserved, block);
        return true;
    }
    const bool arbiters = audit.round == Round::kArbiters;
    if (silent_ones(audit) > kMaxSilent ||
        (arbiters && spent_by(audit, Verdict::kInconclusive, true) > kMaxInconclusive)) {
        finish(ledger, audit, Outcome::kUndecided, block);
        return true;
    }
    if (!arbiters && spent_by(audit, Verdict::kInconclusive) > kMaxInconclusive) {
        call_arbiters(ledger, audit, block);
        return true;
    }
    return false;
}

}  // namespace

std::size_t missing(const Audit& audit) {
    std::size_t there = 0;
    std::size_t fails = 0;
    for (const Seat& each : audit.seats) {
        if (sits(audit, each)) {
            ++there;
            fails += has_judged(each) && each.verdict == Verdict::kFail ? 1U : 0U;
        }
    }
    std::size_t wanted = 1;
    if (audit.round == Round::kArbiters) {
        wanted = kArbiterSeats;
    } else if (audit.round == Round::kAgain) {
        wanted = fails > 0 ? 3 : 2;
    }
    return wanted - std::min(wanted, there);
}

const Seat* alike(const Audit& audit, std::size_t least) {
    for (const Seat& each : audit.seats) {
        const auto same = std::ranges::count_if(audit.seats, [&](const Seat& other) {
            return other.round == Round::kArbiters && other.state == SeatState::kShown && other.answer == each.answer &&
                   other.verdict == each.verdict && other.wrong == each.wrong;
        });
        if (each.round == Round::kArbiters && each.state == SeatState::kShown &&
            static_cast<std::size_t>(same) >= least) {
            return &each;
        }
    }
    return nullptr;
}

void advance(Ledger& ledger, Audit& audit, const Block& block) {
    if (audit.stage != Stage::kSeats || gave_up(ledger, audit, block)) {
        return;
    }
    const std::vector<Seat*> seats = seats_of(audit);
    const bool judged = std::ranges::all_of(seats, [](const Seat* each) { return has_judged(*each); });
    if (missing(audit) == 0 && judged) {
        if (audit.round == Round::kFirst) {
            after_first(ledger, audit, seats.front()->verdict, block);
            return;
        }
        if (all_shown(seats, block)) {
            audit.round == Round::kAgain ? weigh_second_look(ledger, audit, seats, block)
                                         : weigh_ruling(ledger, audit, block);
            return;
        }
    }
    arm(audit, block);
}

}  // namespace sublet::audit
