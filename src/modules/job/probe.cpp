// probe.cpp: rates of providers, and what a prober commits to.
// Deterministic. Spec: docs/spec/jobs.md (probes).
#include "modules/job/probe.hpp"

#include <algorithm>

#include "base/must.hpp"
#include "crypto/sha256.hpp"
#include "modules/job/keys.hpp"
#include "modules/market/bookkeeping.hpp"

namespace sublet::job {

Bytes rates_prefix() { return keys::table(6, 4); }
Bytes rates_key(const Address& worker) { return keys::with(rates_prefix(), worker); }

std::optional<Rates> find_rates(const ledger::View& view, const Address& worker) {
    return ledger::load<Rates>(view, rates_key(worker));
}

std::uint64_t rate_in(const Rates& rates, std::string_view engine) {
    const auto found = std::ranges::find(rates.engines, engine, &EngineRate::engine);
    return found == rates.engines.end() ? 0 : found->rate;
}

std::uint64_t rate_of(const ledger::View& view, const Address& worker, std::string_view engine) {
    const std::optional<Rates> rates = find_rates(view, worker);
    return rates ? rate_in(*rates, engine) : 0;
}

ledger::IndexEntries index_entries(const Rates& rates) {
    ledger::IndexEntries entries;
    entries.emplace(by_number(rates.number), Bytes{rates.worker.view()});
    LedgerTime newest;
    for (const EngineRate& each : rates.engines) {
        newest = std::max(newest, each.at);
    }
    entries.emplace(timer(after(newest, Millis{kRateLife_ms}), Timer::kRate, JobId{rates.number}), "1");
    return entries;
}

void save(ledger::Ledger& ledger, const Rates& rates) {
    const std::optional<Rates> before = find_rates(ledger, rates.worker);
    ledger::save(ledger, rates_key(rates.worker), rates);
    ledger::replace_index(ledger, before ? index_entries(*before) : ledger::IndexEntries{}, index_entries(rates));
}

std::optional<Address> worker_number(const ledger::View& view, std::uint64_t number) {
    std::optional<Address> out;
    const Bytes key = by_number(number);
    view.visit_index(key, key, [&](BytesView, BytesView value) {
        out = Address{*fixed_from<20>(value)};
        return false;
    });
    return out;
}

// Numbers stay dense: draws find nobody in the places of those who have left.
void forget_rates(ledger::Ledger& ledger, std::uint64_t number) {
    const Rates gone = must(find_rates(ledger, must(worker_number(ledger, number))));
    market::LastId last = must(ledger::load<market::LastId>(ledger, last_worker()));
    Rates moved = must(find_rates(ledger, must(worker_number(ledger, last.last))));
    ledger::replace_index(ledger, index_entries(gone), {});
    ledger.erase(rates_key(gone.worker));
    if (moved.worker != gone.worker) {
        ledger::replace_index(ledger, index_entries(moved), {});
        moved.number = number;
        ledger::save(ledger, rates_key(moved.worker), moved);
        ledger::replace_index(ledger, {}, index_entries(moved));
    }
    --last.last;
    ledger::save(ledger, last_worker(), last);
}

Hash probe_commitment(const Address& worker, JobId job, const std::vector<std::uint64_t>& work, BytesView nonce) {
    Bytes what;
    for (const std::uint64_t each : work) {
        append_be64(what, each);
    }
    what += worker.view();
    append_be64(what, job.value());
    crypto::Sha256 hasher;
    hasher.update(what).update(nonce);
    return hasher.finish();
}

}  // namespace sublet::job
