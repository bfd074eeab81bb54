// worker_terms.cpp: which job comes first, and how long its tasks may take for what they pay.
// Spec: docs/spec/worker.md.
#include "agent/worker.hpp"

namespace sublet::agent {
namespace {

constexpr unsigned kLeastOverrun_percent = 150;  // the ledger takes no less
constexpr std::uint64_t kOverrunGrace_ms = 2'000;

}  // namespace

// A job's priority is what a task of it pays, in the mean where they differ. Of jobs alike the one comes first that has
// the smallest share of what it may have at once, then the older one.
Task<std::vector<JobId>> Worker::dearest_first() {
    std::vector<JobId> out = store_->ids();
    std::map<std::uint64_t, unsigned> alike;
    for (const JobId id : out) {
        if (!standing_[id].pay) {
            co_await learn_terms(id);
        }
        ++alike[standing_[id].pay.value_or(Amount{}).value()];
    }
    std::map<JobId, std::uint64_t> share;
    for (const JobId id : out) {
        if (alike[standing_[id].pay.value_or(Amount{}).value()] > 1) {
            const Result<std::optional<job::Job>> found = co_await core_.parts.ledger.job(id);
            share[id] = found && *found ? std::uint64_t{1'000} * (*found)->active / (*found)->at_once : 0;
        }
    }
    std::ranges::stable_sort(out, std::less{}, [&](JobId id) { return share[id]; });
    std::ranges::stable_sort(out, std::greater{}, [&](JobId id) { return standing_[id].pay.value_or(Amount{}); });
    co_return out;
}

Task<> Worker::learn_terms(JobId id) {
    const Result<std::optional<job::Job>> found = co_await core_.parts.ledger.job(id);
    if (!found || !*found || (*found)->state == job::JobState::kProbing || (*found)->state == job::JobState::kQuoted) {
        co_return;
    }
    standing_[id].pay = (*found)->pay;
    standing_[id].audit = (*found)->audit ? std::optional{(*found)->audit->how} : std::nullopt;
    if (!(*found)->work.empty()) {
        const Result<std::optional<job::Rates>> rates = co_await core_.parts.ledger.rates(core_.options.owner);
        standing_[id].rate = rates && *rates ? job::rate_in(**rates, (*found)->engine) : 0;
        standing_[id].by_work = **found;
    }
}

std::optional<std::uint64_t> Worker::overrun_ms(const AttemptId& id) const {
    const auto found = standing_.find(id.job);
    if (core_.options.overrun_percent == 0 || found == standing_.end() || !found->second.by_work ||
        found->second.rate == 0) {
        return std::nullopt;
    }
    // As the ledger counts it: docs/spec/jobs.md, rule 30.
    const job::Job& job = *found->second.by_work;
    const std::uint64_t rate = std::max<std::uint64_t>(1, std::min(job.rate, found->second.rate));
    const std::uint64_t predicted_ms = job::predicted_work(job, id.task) * 1'000 / (rate * std::max(1U, job.cores));
    return kOverrunGrace_ms + predicted_ms * std::max(kLeastOverrun_percent, core_.options.overrun_percent) / 100;
}

}  // namespace sublet::agent
