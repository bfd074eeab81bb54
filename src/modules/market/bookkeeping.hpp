// bookkeeping.hpp: the market's records that are no object: the last ids, and where the matcher goes on.
// Deterministic. Spec: docs/spec/transactions.md (state), docs/spec/market.md (matching).
#pragma once

#include "codec/fields.hpp"

namespace sublet::market {

struct LastId {
    std::uint32_t version = 1;
    std::uint64_t last = 0;
    static constexpr auto fields() {
        return std::tuple{codec::field(1, "version", &LastId::version), codec::field(2, "last", &LastId::last)};
    }
};

struct MatchCursor {
    std::uint32_t version = 1;
    Bytes key;  // of the index of open orders; empty: from its beginning
    static constexpr auto fields() {
        return std::tuple{codec::field(1, "version", &MatchCursor::version),
                          codec::raw_field(2, "key", &MatchCursor::key)};
    }
};

}  // namespace sublet::market
