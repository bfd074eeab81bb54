// ids_under.hpp: the dense ids at the end of an index's keys, in order.
// Deterministic. Spec: docs/spec/transactions.md (queries).
#pragma once

#include <vector>

#include "ledger/ledger.hpp"
#include "modules/keys.hpp"

namespace sublet::keys {

// Those above `after`; at most `limit`.
template <class Id>
std::vector<Id> ids_under(const ledger::View& view, const Bytes& prefix, std::uint64_t after, std::size_t limit) {
    std::vector<Id> ids;
    if (after == ~std::uint64_t{0} || limit == 0) {
        return ids;
    }
    view.visit_index(prefix, with(prefix, after + 1), [&](BytesView key, BytesView) {
        ids.push_back(Id{read_be64(key.substr(prefix.size()))});
        return ids.size() < limit;
    });
    return ids;
}

}  // namespace sublet::keys
