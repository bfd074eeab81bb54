// job.cpp: jobs: keys, names, where they are listed.
// Deterministic. Spec: docs/spec/jobs.md.
#include "modules/job/job.hpp"

#include <algorithm>

#include "modules/job/keys.hpp"

namespace sublet::job {

bool valid(JobState state) { return state >= JobState::kOpen && state <= JobState::kQuoted; }

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
        case JobState::kProbing:
            return "probing";
        case JobState::kQuoted:
            return "quoted";
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
    for (const Probe& each : job.probes) {
        if (job.state == JobState::kProbing && each.work.empty()) {
            entries.emplace(keys::with(probes_of(each.worker), job.id.value()), "1");
        }
    }
    if (!job.due.is_zero()) {
        entries.emplace(timer(job.due, Timer::kProbe, job.id), "1");
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

namespace {

constexpr std::uint64_t kNanoMilli = 1'000'000'000'000;  // nano-ucredit for each RWU × mRWU in a ucredit
constexpr std::uint64_t kMaxPay = std::uint64_t{1} << 40U;

// Straight between two probed tasks, level before the first and behind the last.
std::uint64_t work_of(const Job& job, std::uint32_t task) {
    const auto& at = job.probe_tasks;
    std::size_t next = 0;
    while (next < at.size() && at[next] < task) {
        ++next;
    }
    if (next == 0 || next == at.size()) {
        return job.work[next == 0 ? 0 : next - 1];
    }
    const std::uint64_t from = job.work[next - 1];
    const std::uint64_t to = job.work[next];
    const u128 gone = task - at[next - 1];
    const std::uint32_t whole = at[next] - at[next - 1];
    return to >= from ? from + static_cast<std::uint64_t>(gone * (to - from) / whole)
                      : from - static_cast<std::uint64_t>(gone * (from - to) / whole);
}

}  // namespace

Amount pay_of(const Job& job, std::uint32_t task) {
    if (job.work.empty()) {
        return job.pay;
    }
    const u128 exact = (u128{job.price} * work_of(job, task) + (kNanoMilli - 1)) / kNanoMilli;
    return Amount{static_cast<std::uint64_t>(std::clamp<u128>(exact, 1, kMaxPay))};
}

Amount cap_of(const Job& job, std::uint32_t task) {
    if (job.work.empty()) {
        return job.pay_cap;
    }
    const Amount pay = pay_of(job, task);
    return saturating_add(pay, Amount{pay.value() / 4});
}

std::uint64_t predicted_work(const Job& job, std::uint32_t task) { return job.work.empty() ? 0 : work_of(job, task); }

bool all_committed(const Job& job) {
    return std::ranges::all_of(job.probes, [](const Probe& each) { return each.commitment != Hash{}; });
}

Amount free_money(const Job& job) { return saturating_sub(held(job), job.bound); }

// No task needs more than the dearest, nor more than all together.
bool is_short(const Job& job) { return free_money(job) < std::min(job.pay_cap, job.needed); }

bool has_work(const Job& job) {
    return job.state == JobState::kOpen && job.active < job.at_once && (job.waiting > 0 || job.fresh < job.tasks) &&
           !is_short(job);
}

}  // namespace sublet::job
