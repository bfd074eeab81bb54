// keys.hpp: where proposals and upgrades stand in state and index.
// Deterministic. Spec: docs/spec/transactions.md (keys), docs/spec/governance.md.
#pragma once

#include "modules/gov/proposal.hpp"
#include "modules/keys.hpp"

namespace sublet::gov {

// State: 10/1 parameters, 10/2 counters, 10/3 proposals by id, 10/4 the upgrade that is ahead, 10/5 upgrades that were
// done, by name. Index: 9/6 timers: the end of a vote, the end of a record.
inline constexpr std::uint8_t kModule = 10;
inline Bytes plan_key() { return keys::table(kModule, 4); }
inline Bytes done_prefix() { return keys::table(kModule, 5); }
inline Bytes timers() { return keys::table(9, 6); }
inline Bytes timer(LedgerTime due, ProposalId id) { return keys::with(keys::with(timers(), due.value()), id.value()); }

}  // namespace sublet::gov
