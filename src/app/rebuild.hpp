// rebuild.hpp: what is derived as a function of the state, and the sums that must always hold.
// Deterministic. Spec: docs/spec/money.md (conservation), docs/spec/market.md (invariants).
#pragma once

#include "modules/job/task.hpp"
#include "modules/keys.hpp"
#include "modules/market/listing.hpp"
#include "modules/market/market.hpp"

namespace sublet::app {

// Index and board recomputed from every record.
ledger::Derived rebuild(const ledger::Tree& state, const ledger::Parallel& parallel = {});

// L of a committed state, and the time of its last block.
LedgerTime ledger_time(const ledger::View& view);
BlockTime block_time(const ledger::View& view);

// The first broken invariant as a sentence: conservation per denomination, held = Σ its parts, capacity, counts, one
// billing stream per order, index and board = recomputation.
std::optional<std::string> first_broken_invariant(const ledger::Ledger& ledger);

}  // namespace sublet::app
