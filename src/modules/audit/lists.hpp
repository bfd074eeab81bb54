// lists.hpp: audits and standings as clients and auditors ask for them.
// Deterministic. Spec: docs/spec/transactions.md (queries).
#pragma once

#include "modules/audit/audit.hpp"

namespace sublet::audit {

// Of a job, from this one on, by task and attempt; results that were not drawn have none.
std::vector<Audit> audits_from(const ledger::View& view, const AuditId& first, std::size_t most);
// Those in which an auditor owes a word.
std::vector<Audit> audits_in_hand(const ledger::View& view, const Address& auditor, std::size_t most);
// Of owners that may be drawn, by their numbers, those above `after`.
std::vector<Standing> all_standings(const ledger::View& view, std::uint64_t after, std::size_t most);

}  // namespace sublet::audit
