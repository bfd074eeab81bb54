// counts.hpp: what an engine counts of its blocks for /metrics. The owner locks.
#pragma once

#include <map>

#include "engine/engine.hpp"

namespace sublet::engine {

class Counts {
public:
    void add(const store::FullBlock& block, double seconds, double commit_seconds) {
        ++counters_.blocks;
        counters_.block_seconds.add(seconds);
        counters_.commit_seconds.add(commit_seconds);
        for (const store::StoredTx& tx : block.transactions) {
            ++(tx.code == 0 ? counters_.transactions_ok : counters_.transactions_failed);
            ++by_code_[tx.code];
        }
    }
    void add_refused() { ++counters_.checks_refused; }
    void add_check(double seconds) { counters_.check_seconds.add(seconds); }
    [[nodiscard]] EngineCounters so_far(std::uint64_t subscribers_dropped) const {
        EngineCounters out = counters_;
        out.subscribers_dropped = subscribers_dropped;
        out.by_code.assign(by_code_.begin(), by_code_.end());
        return out;
    }

private:
    EngineCounters counters_;
    std::map<std::uint32_t, std::uint64_t> by_code_;
};

}  // namespace sublet::engine
