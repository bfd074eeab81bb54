// job.cpp: jobs: keys, names, where they are listed.
// Deterministic. Spec: docs/spec/jobs.md.
#include "modules/job/job.hpp"

#include "modules/job/keys.hpp"

namespace sublet::job {

bool valid(JobState state) { return state >= JobState::kOpen && state <= JobState::kDone; }

std::string_view to_name(JobState state) {
    switch (state) {
        case JobState::kOpen:
            return "open";
        case JobState::kPaused:
            return "paused";
        case JobState::kCancelled:
            return "cancelled";
        case JobState::kDone:
            return "done";
    }
    SUBLET_UNREACHABLE();
}

Bytes job_prefix() { return keys::table(6, 1); }
Bytes job_key(JobId id) { return keys::with(job_prefix(), id.value()); }

std::optional<Job> find_job(const ledger::View& view, JobId id) { return ledger::load<Job>(view, job_key(id)); }

ledger::IndexEntries index_entries(const Job& job, const ledger::Params& params) {
    ledger::IndexEntries entries;
    entries.emplace(of_owner(job.owner, job.id), "1");
    if (has_work(job)) {
        entries.emplace(on_offer(job), "1");
    }
    if (!job.closed_at.is_zero()) {
        entries.emplace(timer(after(job.closed_at, Millis{params.archive_after_ms}), Timer::kArchive, job.id), "1");
    } else if (!job.closes_at.is_zero()) {
        entries.emplace(timer(job.closes_at, Timer::kClose, job.id), "1");
    }
    return entries;
}

void save(ledger::Ledger& ledger, const Job& job) {
    const std::optional<Job> before = find_job(ledger, job.id);
    const ledger::Params& params = ledger.params();
    ledger::save(ledger, job_key(job.id), job);
    ledger::replace_index(ledger, before ? index_entries(*before, params) : ledger::IndexEntries{},
                          index_entries(job, params));
}

Amount held(const Job& job) { return saturating_sub(job.deposited, saturating_add(job.paid, job.refunded)); }

Amount price_of_messages(std::uint32_t tasks, const ledger::Params& params) {
    const u128 nano = u128{tasks} * kMessagesPerTask * kTaskMessageGas * params.gas_price_nano;
    return Amount{static_cast<std::uint64_t>((nano + 999'999'999) / 1'000'000'000)};
}

bool has_work(const Job& job) {
    return job.state == JobState::kOpen && job.active < job.at_once && (job.waiting > 0 || job.fresh < job.tasks);
}

}  // namespace sublet::job
