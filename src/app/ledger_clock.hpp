// ledger_clock.hpp: the record of how far ledger time has come.
// Deterministic. Spec: docs/spec/transactions.md (state).
#pragma once

#include "codec/fields.hpp"

namespace sublet::app {

struct LedgerClock {
    std::uint32_t version = 1;
    LedgerTime now;
    static constexpr auto fields() {
        return codec::list(codec::field(1, "version", &LedgerClock::version),
                           codec::field(2, "now", &LedgerClock::now));
    }
};

}  // namespace sublet::app
