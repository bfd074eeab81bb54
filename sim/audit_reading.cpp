// audit_reading.cpp: rules 10 to 16 of docs/spec/audits.md, over lists of words.
#include "audit_reading.hpp"

#include <algorithm>
#include <array>

namespace sublet::sim {
namespace {

constexpr std::ptrdiff_t kMostSilent = 6, kMostInconclusive = 3, kUnservedForVoid = 2;
constexpr std::size_t kArbiters = 3;

using Seats = std::vector<const ModelSeat*>;

template <class Wanted>
Seats those(const ModelAudit& audit, const Wanted& wanted) {
    Seats out;
    for (const ModelSeat& each : audit.seats) {
        if (wanted(each)) {
            out.push_back(&each);
        }
    }
    return out;
}

template <class Wanted>
std::ptrdiff_t how_many(const ModelAudit& audit, const Wanted& wanted) {
    return std::ranges::count_if(audit.seats, wanted);
}

// Arbiters that have said everything.
Seats heard_arbiters(const ModelAudit& audit) {
    return those(audit, [](const ModelSeat& each) { return each.round == 3 && each.judged() && !each.answer.empty(); });
}

bool alike(const ModelSeat& one, const ModelSeat& other) {
    return one.answer == other.answer && one.word == other.word && one.wrong == other.wrong;
}

// Rule 13: all three or nobody.
const ModelSeat* ruling(const ModelAudit& audit) {
    const Seats heard = heard_arbiters(audit);
    const bool one_voice = heard.size() == kArbiters && alike(*heard[0], *heard[1]) && alike(*heard[1], *heard[2]);
    return one_voice ? heard[0] : nullptr;
}

// Rule 10; nothing: they may go on.
std::optional<Reading> gave_up(const ModelAudit& audit) {
    const bool arbiters = audit.round == 3;
    if (how_many(audit, [](const ModelSeat& each) { return each.word == Word::kUnserved; }) >= kUnservedForVoid) {
        return Reading{Reading::Next::kOver, 0, Found::kUnserved};
    }
    if (how_many(audit, [](const ModelSeat& each) { return each.silent; }) > kMostSilent) {
        return Reading{Reading::Next::kOver, 0, Found::kUndecided};
    }
    const auto inconclusive = how_many(audit, [&](const ModelSeat& each) {
        return each.word == Word::kInconclusive && (!arbiters || each.round == 3);
    });
    if (inconclusive <= kMostInconclusive) {
        return std::nullopt;
    }
    return arbiters ? Reading{Reading::Next::kOver, 0, Found::kUndecided} : Reading{Reading::Next::kArbiters};
}

// Rules 11 to 13.
std::size_t wanted_in(const ModelAudit& audit, const Seats& live) {
    if (audit.round == 3) {
        return kArbiters;
    }
    const bool doubted = std::ranges::any_of(live, [](const ModelSeat* each) { return each->word == Word::kFail; });
    return audit.round == 1 ? 1 : doubted ? 3 : 2;
}

// Rule 12.
Reading after_another_look(const Seats& seats) {
    std::vector<std::string> passed;
    for (const ModelSeat* each : seats) {
        if (each->word == Word::kPass) {
            passed.push_back(each->answer);
        }
    }
    const bool same = std::ranges::all_of(passed, [&](const std::string& each) { return each == passed.front(); });
    const bool passes = seats.size() - passed.size() <= 1 && same;
    return passes ? Reading{Reading::Next::kOver, 0, Found::kPass} : Reading{Reading::Next::kArbiters};
}

Found ruled(const ModelAudit& audit) {
    const ModelSeat* word = ruling(audit);
    if (word == nullptr) {
        return Found::kUndecided;
    }
    return word->word == Word::kPass ? Found::kPass : word->word == Word::kFail ? Found::kFail : Found::kUnstable;
}

}  // namespace

Reading read_seats(const ModelAudit& audit) {
    if (const std::optional<Reading> end = gave_up(audit)) {
        return *end;
    }
    const Seats live =
        those(audit, [&](const ModelSeat& each) { return !each.gone() && (each.round == 3) == (audit.round == 3); });
    const std::size_t wanted = wanted_in(audit, live);
    if (live.size() < wanted) {
        return {Reading::Next::kDraw, wanted - live.size()};
    }
    if (!std::ranges::all_of(live, [](const ModelSeat* each) { return each->judged(); })) {
        return {Reading::Next::kWait};
    }
    if (audit.round == 1) {
        return {live.front()->word == Word::kPass ? Reading::Next::kPassed : Reading::Next::kFailed};
    }
    if (!std::ranges::all_of(live, [](const ModelSeat* each) { return !each->answer.empty(); })) {
        return {Reading::Next::kShow};
    }
    return audit.round == 3 ? Reading{Reading::Next::kOver, 0, ruled(audit)} : after_another_look(live);
}

std::string name_of(Found found) {
    constexpr std::array kNames{"nothing",   "not drawn", "pass",     "fail",    "unserved",
                                "undecided", "too few",   "unstable", "no money"};
    return kNames.at(static_cast<std::size_t>(found));
}

Found found_without(const ModelAudit& audit) {
    const Reading reading = read_seats(audit);
    const bool doubted =
        how_many(audit, [](const ModelSeat& each) { return each.judged() && each.word == Word::kFail; }) > 0;
    if (audit.round == 2 && reading.lacking == 1 && !doubted) {
        return Found::kPass;  // somebody looked, and nobody doubts it
    }
    return audit.round == 1 ? Found::kTooFew : Found::kUndecided;
}

// Rules 15 and 16.
Due due_to(const ModelAudit& audit, std::size_t index) {
    const ModelSeat& seat = audit.seats[index];
    if (!seat.judged()) {
        return seat.word == Word::kUnserved && audit.found == Found::kUnserved ? Due::kPay : Due::kNothing;
    }
    const ModelSeat* word = ruling(audit);
    if (word != nullptr && (word->wrong >> index & 1U) != 0) {
        return Due::kAll;
    }
    const bool known = audit.found == Found::kPass || audit.found == Found::kFail;
    if (known && (seat.word == Word::kPass) != (audit.found == Found::kPass)) {
        return word != nullptr && seat.answer == word->answer ? Due::kAll : Due::kHundredth;
    }
    if (audit.found == Found::kUndecided && seat.round == 3) {
        const Seats heard = heard_arbiters(audit);
        for (const ModelSeat* one : heard) {
            const auto with_it =
                std::ranges::count_if(heard, [&](const ModelSeat* each) { return alike(*each, *one); });
            if (with_it == 2 && !alike(seat, *one)) {
                return Due::kHundredth;
            }
        }
    }
    return Due::kPay;
}

}  // namespace sublet::sim
