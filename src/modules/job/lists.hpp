// lists.hpp: jobs and tasks as clients and workers ask for them.
// Deterministic. Spec: docs/spec/transactions.md (queries).
#pragma once

#include "modules/job/task.hpp"

namespace sublet::job {

std::vector<JobId> jobs_of(const ledger::View& view, const Address& owner, JobId after, std::size_t most);
// Jobs with work, the dearest task first, among equals the oldest.
std::vector<JobId> jobs_on_offer(const ledger::View& view, std::size_t most);
// Tasks that were claimed at least once, from number `from` on.
std::vector<Task> tasks_of(const ledger::View& view, JobId job, std::uint32_t from, std::size_t most);
// Jobs that a worker was drawn to probe and has not shown.
std::vector<JobId> probes_in_hand(const ledger::View& view, const Address& worker, std::size_t most);
// By their numbers, those above `after`.
std::vector<Rates> all_rates(const ledger::View& view, std::uint64_t after, std::size_t most);
// What a worker has in hand: claimed, running or committed.
std::vector<Task> tasks_in_hand(const ledger::View& view, const Address& worker, std::size_t most);

}  // namespace sublet::job
