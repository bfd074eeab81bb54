// audit_reading.hpp: what the seats of an audit say by themselves, read from their words alone, anew each time: rules
// 10 to 16 of docs/spec/audits.md as one table.
#pragma once

#include "audit_model.hpp"

namespace sublet::sim {

struct Reading {
    enum class Next {
        kDraw,      // `lacking` seats
        kWait,      // for a word
        kShow,      // all are bound: answers are asked for
        kPassed,    // the first look; the dice come next
        kFailed,    // the first look; two more
        kArbiters,  // three
        kOver
    };
    Next next = Next::kWait;
    std::size_t lacking = 0;
    Found found = Found::kNothing;
};
Reading read_seats(const ModelAudit& audit);

// What a seat has coming once the audit is over.
enum class Due { kNothing, kPay, kHundredth, kAll };
Due due_to(const ModelAudit& audit, std::size_t seat);

std::string name_of(Found found);

// Nobody else could be drawn for those that lack.
Found found_without(const ModelAudit& audit);

}  // namespace sublet::sim
