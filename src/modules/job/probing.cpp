// probing.cpp: who probes a job, when they are passed over, and what follows from what they found.
// Deterministic. Spec: docs/spec/jobs.md (probes), T18.
#include <algorithm>

#include "base/must.hpp"
#include "crypto/sha256.hpp"
#include "modules/job/keys.hpp"
#include "modules/job/life.hpp"
#include "modules/market/bookkeeping.hpp"

namespace sublet::job {
namespace {

constexpr std::uint64_t kMaxDraws = 64;      // numbers that are looked at until nobody is found
constexpr Millis kQuoteLife{3'600'000};      // then a quote that was not confirmed is void
constexpr std::uint64_t kAgreeQuarters = 5;  // works that differ by more than 5/4 do not agree

std::uint64_t total(const Probe& probe) {
    std::uint64_t sum = 0;
    for (const std::uint64_t each : probe.work) {
        sum += each;  // at most kMaxProbeTasks times kMaxWork
    }
    return sum;
}

bool agree(std::uint64_t a, std::uint64_t b) { return std::max(a, b) * 4 <= std::min(a, b) * kAgreeQuarters; }

bool knows(const Job& job, const Address& worker) {
    return worker == job.owner || std::ranges::find(job.probes, worker, &Probe::worker) != job.probes.end() ||
           std::ranges::find(job.passed_over, worker) != job.passed_over.end();
}

bool may_probe(const View& view, const Job& job, const Address& worker) {
    return !knows(job, worker) && must(provider::find(view, worker)).beating && rate_of(view, worker, job.engine) != 0;
}

// Somebody whom neither the job's creator nor anybody else could choose: the hash was not known when the job was made.
std::optional<Address> draw(const View& view, const Job& job, const Block& block) {
    const std::uint64_t last = ledger::load<market::LastId>(view, last_worker()).value_or(market::LastId{}).last;
    for (std::uint64_t turn = 0; last > 0 && turn < kMaxDraws; ++turn) {
        Bytes what;
        append_be64(what, job.id.value());
        append_be64(what, job.probes.size() + job.passed_over.size());
        append_be64(what, turn);
        crypto::Sha256 hasher;
        const Hash seed = hasher.update(view_of(block.app_hash)).update(what).finish();
        const std::optional<Address> found = worker_number(view, 1 + read_be64(view_of(seed)) % last);
        if (found && may_probe(view, job, *found)) {
            return found;
        }
    }
    return std::nullopt;
}

// All at once and before anybody shows anything, so that nobody can copy.
void draw_probers(Ledger& ledger, Job& job, const Block& block) {
    while (job.probes.size() < kProbers && job.passed_over.size() < kMaxPassedOver) {
        const std::optional<Address> found = draw(ledger, job, block);
        if (!found) {
            break;
        }
        job.probes.push_back({.worker = *found, .commitment = {}, .work = {}});
        ledger::Event event = job_event("prober_drawn", job);
        event.attributes.push_back({"worker", crypto::to_bech32(*found)});
        ledger.emit(std::move(event));
    }
}

bool none_shown(const Job& job) {
    return std::ranges::all_of(job.probes, [](const Probe& each) { return each.work.empty(); });
}
bool all_shown(const Job& job) {
    return std::ranges::none_of(job.probes, [](const Probe& each) { return each.work.empty(); });
}

// The middle of three, the lower of two.
Probe choose(const Job& job) {
    std::vector<Probe> shown = job.probes;
    std::ranges::sort(shown, {}, [](const Probe& each) { return total(each); });
    return shown[(shown.size() - 1) / 2];
}

// What overdue work is measured by: nobody's word for his own speed alone.
std::uint64_t slowest_rate(const View& view, const Job& job) {
    std::uint64_t out = kMaxRate;
    for (const Probe& each : job.probes) {
        out = std::min(out, std::max<std::uint64_t>(1, rate_of(view, each.worker, job.engine)));
    }
    return out;
}

void pay_prober(Ledger& ledger, Job& job, const Address& worker, Amount amount) {
    pay_out(ledger, job, worker, amount);
    ledger::Event event = job_event("prober_paid", job);
    event.attributes.push_back({"worker", crypto::to_bech32(worker)});
    event.attributes.push_back({"amount", std::to_string(amount.value())});
    ledger.emit(std::move(event));
}

void pay_probers(Ledger& ledger, Job& job, std::uint64_t chosen) {
    for (const Probe& each : job.probes) {
        if (agree(total(each), chosen)) {
            pay_prober(ledger, job, each.worker, job.probe_pay);
        }
    }
    const Amount rest = held(job);
    bank::release(ledger, job.owner, rest);
    job.refunded = saturating_add(job.refunded, rest);
}

void settle(Ledger& ledger, Job job, const Block& block) {
    const Probe chosen = choose(job);
    const std::uint64_t sum = total(chosen);
    job.work = chosen.work;
    job.rate = slowest_rate(ledger, job);
    pay_probers(ledger, job, sum);
    u128 pay = 0;
    for (std::uint32_t task = 0; task < job.tasks; ++task) {
        pay += pay_of(job, task).value();
        need(job, task);
    }
    job.pay = Amount{static_cast<std::uint64_t>(pay / job.tasks)};
    for (const std::uint32_t task : job.probe_tasks) {  // between them nothing is dearer
        job.pay_cap = std::max(job.pay_cap, cap_of(job, task));
    }
    job.state = JobState::kQuoted;
    job.due = after(block.now, kQuoteLife);
    ledger::Event event = job_event("job_quoted", job);
    event.attributes.push_back({"pay", std::to_string(static_cast<std::uint64_t>(pay))});
    event.attributes.push_back({"most", std::to_string(job.needed.value())});
    ledger.emit(std::move(event));
    save(ledger, job);
}

}  // namespace

void go_on_probing(Ledger& ledger, Job job, const Block& block) {
    if (none_shown(job)) {
        const std::size_t before = job.probes.size();
        draw_probers(ledger, job, block);
        if (job.probes.empty()) {
            ledger.emit(job_event("nobody_probes", job));
            close(ledger, std::move(job), block);
            return;
        }
        if (job.probes.size() != before || job.due <= block.now) {
            job.due = after(block.now, saturating_add(job.start_timeout, job.task_timeout));
        }
    } else if (all_shown(job)) {
        settle(ledger, std::move(job), block);
        return;
    }
    save(ledger, job);
}

void end_probing(Ledger& ledger, Job& job) {
    const std::vector<Probe> probes = job.probes;
    for (const Probe& each : probes) {
        const std::uint64_t whole = job.probe_pay.value();
        pay_prober(ledger, job, each.worker, Amount{each.commitment == Hash{} ? whole - whole / 2 : whole});
    }
}

void on_probe_due(Ledger& ledger, Job job, const Block& block) {
    if (job.state != JobState::kProbing) {  // a quote that nobody confirmed
        close(ledger, std::move(job), block);
        return;
    }
    // Nobody shows anything before all have committed: who has is not to blame for who has not.
    const bool committing = !all_committed(job);
    const auto silent = [&](const Probe& each) { return committing ? each.commitment == Hash{} : each.work.empty(); };
    for (const Probe& each : job.probes) {
        if (silent(each)) {
            job.passed_over.push_back(each.worker);
            ledger::Event event = job_event("prober_silent", job);
            event.attributes.push_back({"worker", crypto::to_bech32(each.worker)});
            ledger.emit(std::move(event));
        }
    }
    std::erase_if(job.probes, silent);
    go_on_probing(ledger, std::move(job), block);
}

}  // namespace sublet::job
