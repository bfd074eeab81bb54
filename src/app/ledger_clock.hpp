// ledger_clock.hpp: the record of how far ledger time has come, and at which block time: who begins with a state that
// others made moves L with the next block as they do.
// Deterministic. Spec: docs/spec/transactions.md (state).
#pragma once

#include "codec/fields.hpp"

namespace sublet::app {

struct LedgerClock {
    std::uint32_t version = 1;
    LedgerTime now;
    BlockTime time;  // of the last block, or of the genesis
    static constexpr auto fields() {
        return codec::list(codec::field(1, "version", &LedgerClock::version), codec::field(2, "now", &LedgerClock::now),
                           codec::field(3, "time", &LedgerClock::time));
    }
};

}  // namespace sublet::app
