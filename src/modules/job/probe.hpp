// probe.hpp: what providers that probe a job found, and how fast each computes (T18).
// Deterministic. Spec: docs/spec/jobs.md (probes).
#pragma once

#include "modules/audit/standing.hpp"

namespace sublet::job {

// Work is counted in mRWU: thousandths of a reference work unit, which is what one core of the reference machine does
// in a second (docs/spec/work.md).
inline constexpr std::uint64_t kMaxWork = 1'000'000'000'000;       // mRWU of a task: a core for thirty years
inline constexpr std::uint64_t kMaxRate = 1'000'000;               // mRWU a second
inline constexpr std::uint64_t kMaxPrice = 1'000'000'000'000'000;  // nano-ucredit for each RWU: one credit
inline constexpr std::size_t kMaxProbeTasks = 8;
inline constexpr std::uint32_t kMaxCores = 1'024;           // of a task
inline constexpr std::size_t kProbers = 3;                  // drawn at once, where there are so many
inline constexpr std::size_t kMaxPassedOver = 6;            // silent ones until which others are drawn
inline constexpr std::uint64_t kRateLife_ms = 259'200'000;  // three days; who has not said it again is forgotten
using audit::kMaxEngines;

// A provider that was drawn for a job.
struct Probe {
    Address worker;
    Hash commitment{};                // SHA-256(work, 8 bytes each ‖ worker ‖ job ‖ nonce); zero: not yet
    std::vector<std::uint64_t> work;  // of each probe task, mRWU; empty: not shown yet
    static constexpr auto fields() {
        using codec::field;
        return codec::list(field(1, "worker", &Probe::worker), field(2, "commitment", &Probe::commitment),
                           field(3, "work", &Probe::work));
    }
};

// How fast a provider is at something, by its own word: it sets when tasks end, and who may be drawn.
struct EngineRate {
    std::string engine;
    std::uint64_t rate = 0;    // mRWU a second on one core
    std::uint64_t height = 0;  // the block whose hash chose what was computed
    Hash digest{};             // of what came out
    LedgerTime at;
    static constexpr auto fields() {
        using codec::field;
        return codec::list(field(1, "engine", &EngineRate::engine), field(2, "rate", &EngineRate::rate),
                           field(3, "height", &EngineRate::height), field(4, "digest", &EngineRate::digest),
                           field(5, "at", &EngineRate::at));
    }
};

struct Rates {
    std::uint32_t version = 1;
    Address worker;            // owner of the provider
    std::uint64_t number = 0;  // dense, from 1: what is drawn
    std::vector<EngineRate> engines;
    static constexpr auto fields() {
        using codec::field;
        return codec::list(field(1, "version", &Rates::version), field(2, "worker", &Rates::worker),
                           field(3, "number", &Rates::number), field(4, "engines", &Rates::engines));
    }
};

// Whom a draw of this number finds.
std::optional<Address> worker_number(const ledger::View& view, std::uint64_t number);
Bytes rates_prefix();
Bytes rates_key(const Address& worker);
std::optional<Rates> find_rates(const ledger::View& view, const Address& worker);
// mRWU a second; zero: it never said.
std::uint64_t rate_in(const Rates& rates, std::string_view engine);
std::uint64_t rate_of(const ledger::View& view, const Address& worker, std::string_view engine);
ledger::IndexEntries index_entries(const Rates& rates);
void save(ledger::Ledger& ledger, const Rates& rates);
// The newest of its rates is over: it is forgotten, and the last one gets its number.
void forget_rates(ledger::Ledger& ledger, std::uint64_t number);

Hash probe_commitment(const Address& worker, JobId job, const std::vector<std::uint64_t>& work, BytesView nonce);

}  // namespace sublet::job
