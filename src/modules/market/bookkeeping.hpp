// bookkeeping.hpp: the market's records that are no object: the last ids, and where the matcher goes on.
// Deterministic. Spec: docs/spec/transactions.md (state), docs/spec/market.md (matching).
#pragma once

#include "ledger/ledger.hpp"
#include "modules/keys.hpp"

namespace sublet::market {

struct LastId {
    std::uint32_t version = 1;
    std::uint64_t last = 0;
    static constexpr auto fields() {
        return codec::list(codec::field(1, "version", &LastId::version), codec::field(2, "last", &LastId::last));
    }
};

// Makes the next dense id of the table whose last one stands under `key`.
inline std::uint64_t next_id(ledger::Ledger& ledger, BytesView key) {
    LastId ids = ledger::load<LastId>(ledger, key).value_or(LastId{});
    ++ids.last;
    ledger::save(ledger, key, ids);
    return ids.last;
}

// There while a pass over the standing orders is in work.
struct MatchCursor {
    std::uint32_t version = 1;
    Bytes key;           // where it goes on in the index of open orders; empty: at its beginning
    bool again = false;  // another pass is owed after it
    static constexpr auto fields() {
        return codec::list(codec::field(1, "version", &MatchCursor::version),
                           codec::raw_field(2, "key", &MatchCursor::key),
                           codec::field(3, "again", &MatchCursor::again));
    }
};
inline Bytes match_cursor_key() { return keys::table(5, 5); }

}  // namespace sublet::market
