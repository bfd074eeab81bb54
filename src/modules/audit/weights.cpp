// weights.cpp: a Fenwick tree over dense numbers: node i holds the sum of the i & -i numbers that end with i.
// Deterministic. Spec: docs/spec/audits.md (draws).
#include "modules/audit/weights.hpp"

#include "base/must.hpp"
#include "modules/audit/keys.hpp"

namespace sublet::audit {
namespace {

std::uint64_t lowest_bit(std::uint64_t number) { return number & (~number + 1); }

std::uint64_t node(const ledger::View& view, std::uint64_t number) {
    return must(ledger::load<WeightNode>(view, weight_node(number))).sum;
}
void set_node(ledger::Ledger& ledger, std::uint64_t number, std::uint64_t sum) {
    ledger::save(ledger, weight_node(number), WeightNode{.sum = sum});
}

}  // namespace

Weights weights(const ledger::View& view) { return ledger::load<Weights>(view, weights_key()).value_or(Weights{}); }

void append_weight(ledger::Ledger& ledger, std::uint64_t weight) {
    Weights all = weights(ledger);
    const std::uint64_t number = ++all.count;
    std::uint64_t sum = weight;
    for (std::uint64_t below = 1; below < lowest_bit(number); below <<= 1U) {
        sum += node(ledger, number - below);
    }
    set_node(ledger, number, sum);
    all.total += weight;
    ledger::save(ledger, weights_key(), all);
}

void change_weight(ledger::Ledger& ledger, std::uint64_t number, std::uint64_t from, std::uint64_t to) {
    Weights all = weights(ledger);
    SUBLET_ASSERT(number >= 1 && number <= all.count && all.total >= from);
    for (std::uint64_t at = number; at <= all.count; at += lowest_bit(at)) {
        set_node(ledger, at, node(ledger, at) - from + to);
    }
    all.total = all.total - from + to;
    ledger::save(ledger, weights_key(), all);
}

void drop_last_weight(ledger::Ledger& ledger) {
    Weights all = weights(ledger);
    SUBLET_ASSERT(all.count > 0);
    ledger.erase(weight_node(all.count));
    --all.count;
    ledger::save(ledger, weights_key(), all);
}

std::uint64_t number_at(const ledger::View& view, std::uint64_t point) {
    const Weights all = weights(view);
    SUBLET_ASSERT(point < all.total);
    std::uint64_t step = 1;
    while (step <= all.count / 2) {
        step <<= 1U;
    }
    std::uint64_t before = 0;
    for (; step > 0; step >>= 1U) {
        if (before + step <= all.count && node(view, before + step) <= point) {
            before += step;
            point -= node(view, before);
        }
    }
    return before + 1;
}

}  // namespace sublet::audit
