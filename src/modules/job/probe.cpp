// probe.cpp: rates of providers, and what a prober commits to.
// Deterministic. Spec: docs/spec/jobs.md (probes).
#include "modules/job/probe.hpp"

#include <algorithm>

#include "crypto/sha256.hpp"
#include "modules/job/keys.hpp"

namespace sublet::job {

Bytes rates_prefix() { return keys::table(6, 4); }
Bytes rates_key(const Address& worker) { return keys::with(rates_prefix(), worker); }

std::optional<Rates> find_rates(const ledger::View& view, const Address& worker) {
    return ledger::load<Rates>(view, rates_key(worker));
}

std::uint64_t rate_of(const ledger::View& view, const Address& worker, std::string_view engine) {
    const std::optional<Rates> rates = find_rates(view, worker);
    if (!rates) {
        return 0;
    }
    const auto found = std::ranges::find(rates->engines, engine, &EngineRate::engine);
    return found == rates->engines.end() ? 0 : found->rate;
}

ledger::IndexEntries index_entries(const Rates& rates) {
    ledger::IndexEntries entries;
    entries.emplace(by_number(rates.number), Bytes{rates.worker.view()});
    return entries;
}

bool is_engine(std::string_view name) {
    return !name.empty() && name.size() <= kMaxEngineBytes && std::ranges::all_of(name, [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '.';
    });
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
