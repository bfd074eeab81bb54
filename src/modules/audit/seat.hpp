// seat.hpp: an auditor of a result: why it was drawn, what it has said, what it gets.
// Deterministic. Spec: docs/spec/audits.md (rounds), T21.
#pragma once

#include "modules/audit/terms.hpp"

namespace sublet::audit {

// What an auditor says of a result.
enum class Verdict : std::uint8_t {
    kNone = 0,
    kPass = 1,
    kFail = 2,
    kInconclusive = 3,  // the fault is on the auditor's side
    kUnserved = 4,      // its worker does not give it
    kUnstable = 5,      // arbiters: machines disagree about what it should be (T24)
};
bool valid(Verdict verdict);
std::string_view to_name(Verdict verdict);

// The first, one that looks again at what passed or failed, one of three that decide.
enum class Round : std::uint8_t { kFirst = 1, kAgain = 2, kArbiters = 3 };
bool valid(Round round);
std::string_view to_name(Round round);

enum class SeatState : std::uint8_t {
    kDrawn = 1,
    kCommitted = 2,  // to what it found, and has not seen the worker's (T21)
    kJudged = 3,
    kShown = 4,   // what it was committed to; asked for only where there are several
    kSpent = 5,   // inconclusive or unserved
    kSilent = 6,  // too long
};
bool valid(SeatState state);
std::string_view to_name(SeatState state);

struct Seat {
    Address auditor;
    Round round = Round::kFirst;
    SeatState state = SeatState::kDrawn;
    Hash commitment{};
    Hash answer{};  // of the pixels or the bytes that it found
    Verdict verdict = Verdict::kNone;
    std::uint32_t wrong = 0;  // arbiters: a bit for each earlier seat whose pieces are not what they should be
    LedgerTime due;           // of its next word; zero: none is asked for
    Amount paid;              // once the audit is over
    static constexpr auto fields() {
        using codec::field;
        return codec::list(field(1, "auditor", &Seat::auditor), field(2, "round", &Seat::round),
                           field(3, "state", &Seat::state), field(4, "commitment", &Seat::commitment),
                           field(5, "answer", &Seat::answer), field(6, "verdict", &Seat::verdict),
                           field(7, "wrong", &Seat::wrong), field(8, "due", &Seat::due), field(9, "paid", &Seat::paid));
    }
};

// Open, and the auditor owes a word.
bool is_open(const Seat& seat);
// Judged: it has said what it thinks.
bool has_judged(const Seat& seat);

}  // namespace sublet::audit
