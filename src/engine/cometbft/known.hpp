// known.hpp: transactions that were taken apart and judged once: the mempool asks about each of them when it is new and
// again after every block, and then it is in one.
#pragma once

#include <deque>
#include <map>

#include "app/ante.hpp"
#include "base/bytes.hpp"

namespace sublet::engine {

inline constexpr std::size_t kMaxKnown = 20'000;            // twice what a mempool takes
inline constexpr std::size_t kMaxKnownBytes = 128U << 20U;  // of transactions

// For one thread; find() from several while nothing is kept or forgotten.
class KnownTransactions {
public:
    // Nothing where it is not known.
    [[nodiscard]] app::PreparedPtr find(const Hash& hash) const;
    // The oldest make room.
    void keep(const Hash& hash, std::size_t bytes, app::PreparedPtr prepared);
    void forget(const Hash& hash);

private:
    struct Known {
        app::PreparedPtr prepared;
        std::size_t bytes = 0;
    };
    std::map<Hash, Known> all_;
    std::deque<Hash> order_;  // of keeping; some are forgotten
    std::size_t bytes_ = 0;
};

}  // namespace sublet::engine
