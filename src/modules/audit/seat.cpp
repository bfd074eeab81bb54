// seat.cpp: seats: names, and what they wait for.
// Deterministic. Spec: docs/spec/audits.md (rounds).
#include "modules/audit/seat.hpp"

namespace sublet::audit {

bool valid(Verdict verdict) { return verdict <= Verdict::kUnstable; }
std::string_view to_name(Verdict verdict) {
    switch (verdict) {
        case Verdict::kNone:
            return "none";
        case Verdict::kPass:
            return "pass";
        case Verdict::kFail:
            return "fail";
        case Verdict::kInconclusive:
            return "inconclusive";
        case Verdict::kUnserved:
            return "unserved";
        case Verdict::kUnstable:
            return "unstable";
    }
    SUBLET_UNREACHABLE();
}

bool valid(Round round) { return round >= Round::kFirst && round <= Round::kArbiters; }
std::string_view to_name(Round round) {
    switch (round) {
        case Round::kFirst:
            return "first";
        case Round::kAgain:
            return "again";
        case Round::kArbiters:
            return "arbiters";
    }
    SUBLET_UNREACHABLE();
}

bool valid(SeatState state) { return state >= SeatState::kDrawn && state <= SeatState::kSilent; }
std::string_view to_name(SeatState state) {
    switch (state) {
        case SeatState::kDrawn:
            return "drawn";
        case SeatState::kCommitted:
            return "committed";
        case SeatState::kJudged:
            return "judged";
        case SeatState::kShown:
            return "shown";
        case SeatState::kSpent:
            return "spent";
        case SeatState::kSilent:
            return "silent";
    }
    SUBLET_UNREACHABLE();
}

bool is_open(const Seat& seat) { return !seat.due.is_zero(); }
bool has_judged(const Seat& seat) { return seat.state == SeatState::kJudged || seat.state == SeatState::kShown; }

}  // namespace sublet::audit
