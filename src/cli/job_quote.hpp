// job_quote.hpp: what a job costs: by a price a task, or by the work that drawn providers found.
// Spec: docs/spec/jobs.md (work and probes), docs/spec/work.md.
#pragma once

#include "cli/new_job.hpp"

namespace sublet::cli {

// What the cheapest offer that has room would take for this much machine, with room over it. Errors: kUsage (none).
Result<Rate> cheapest_rate(Context& context, client::Chain& chain, const jobs::Package& package);
// So many credits for a core of the reference machine and an hour, as nano-ucredit for each RWU; where nothing is said
// by the cheapest offer. Errors: kUsage.
Result<std::uint64_t> price_of_work(Context& context, client::Chain& chain, const jobs::Package& package,
                                    const std::string& core_hour);
// Beating providers whose rate for this engine is known.
Result<std::vector<std::uint64_t>> rates_for(Context& context, client::Chain& chain, std::string_view engine);
// First, middle, last and two between that `random` draws; fewer where there are fewer.
std::vector<std::uint32_t> choose_probe_tasks(std::uint32_t tasks, net::Random& random);

struct WorkQuote {
    Amount pay;                    // of all tasks, to the unit
    double work = 0;               // RWU of all tasks
    double dearest = 0;            // of the task with the most
    double error = 0;              // a part of the work: 0.1 is ±10 %
    std::uint64_t seconds = 0;     // with all providers that are there, one task each at a time
    std::uint64_t timeout_ms = 0;  // twice what the dearest task takes the slowest, and two minutes; 0: unknown
};
// Of a quoted job. `rates`: mRWU a second, none of them zero.
WorkQuote work_quote(const job::Job& job, const std::vector<std::uint64_t>& rates);
void print_work_quote(const job::Job& job, const WorkQuote& quote);
// Locks the money of a quoted job: all of it, or `budget` if that is less. Errors: kUsage (it does not even do for the
// dearest task), the ledger's own.
Result<> confirm_job(Context& context, const job::Job& job, Amount budget, std::uint64_t timeout_ms);

}  // namespace sublet::cli
