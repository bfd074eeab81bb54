// weights.hpp: sums of weights by dense number, so that a draw as wide as each weight costs a few reads: a Fenwick tree
// whose nodes are records.
// Deterministic. Spec: docs/spec/audits.md (draws).
#pragma once

#include "ledger/ledger.hpp"
#include "modules/keys.hpp"

namespace sublet::audit {

struct Weights {
    std::uint32_t version = 1;
    std::uint64_t count = 0;
    std::uint64_t total = 0;
    static constexpr auto fields() {
        using codec::field;
        return codec::list(field(1, "version", &Weights::version), field(2, "count", &Weights::count),
                           field(3, "total", &Weights::total));
    }
};

struct WeightNode {
    std::uint32_t version = 1;
    std::uint64_t sum = 0;  // of the numbers that this node is for
    static constexpr auto fields() {
        return codec::list(codec::field(1, "version", &WeightNode::version), codec::field(2, "sum", &WeightNode::sum));
    }
};

Weights weights(const ledger::View& view);
// The next number, count + 1, gets a weight.
void append_weight(ledger::Ledger& ledger, std::uint64_t weight);
// `number` is 1 to count; its weight was `from`.
void change_weight(ledger::Ledger& ledger, std::uint64_t number, std::uint64_t from, std::uint64_t to);
// The last number goes; its weight was made 0 before.
void drop_last_weight(ledger::Ledger& ledger);
// The number whose weight covers `point`, which is below the total.
std::uint64_t number_at(const ledger::View& view, std::uint64_t point);

}  // namespace sublet::audit
