// rater.hpp: finds how fast this machine renders and tells the ledger, now and then. Spec: docs/spec/work.md.
#pragma once

#include "agent/worker.hpp"

namespace sublet::agent {

inline constexpr std::uint64_t kRateLife_ms = 86'400'000;        // an older rate is found anew at the start
inline constexpr std::uint64_t kRateAgainLeast_ms = 43'200'000;  // and later between this
inline constexpr std::uint64_t kRateAgainMost_ms = 129'600'000;  // and this, at a moment that it draws
inline constexpr std::uint64_t kMaxBenchmark_ms = 600'000;
inline constexpr std::uint64_t kBenchmarkMemory = 1ULL << 30U;

// The references outlive it; what it does ends with core.stopping.
class Rater {
public:
    Rater(Core& core, Worker& worker) : core_(core), worker_(worker) {}
    Task<> run();

private:
    // When the next one is due; monotonic.
    Task<std::uint64_t> first_due();
    [[nodiscard]] std::uint64_t drawn_due();
    Task<Result<>> find_and_tell();
    Task<Result<>> run_container(std::string seed);
    Task<Result<>> wait_for_end(std::string container);

    Core& core_;
    Worker& worker_;
};

}  // namespace sublet::agent
