// board.cpp: listings by price, and the search that opens the cheapest node first.
// Deterministic. Spec: docs/spec/market.md (matching), ADR 0010.
#include "ledger/board.hpp"

#include <algorithm>
#include <bit>

#include "base/must.hpp"
#include "base/units.hpp"

namespace sublet::ledger {
namespace {

constexpr unsigned kMantissaBits = 10;

// Order is kept, roughly: an exponent and ten more bits.
std::uint16_t rough(std::uint64_t amount) {
    const unsigned width = static_cast<unsigned>(std::bit_width(amount));
    if (width <= kMantissaBits) {
        return static_cast<std::uint16_t>(amount);
    }
    const unsigned exponent = width - kMantissaBits;
    const std::uint64_t mantissa = (amount >> (exponent - 1U)) & ((1U << kMantissaBits) - 1U);
    return static_cast<std::uint16_t>((exponent << kMantissaBits) | mantissa);
}

// The bits of the rough prices in turn, the highest first; then the id, which makes it one listing's own.
std::uint64_t turns_of(const Listing& listing) {
    std::uint64_t turns = 0;
    for (unsigned bit = 16; bit-- > 0;) {
        for (const std::uint64_t price : listing.prices) {
            turns = turns << 1U | (static_cast<std::uint64_t>(rough(price)) >> bit & 1U);
        }
    }
    return turns;
}
Bytes place_of(const Listing& listing) {
    Bytes key;
    append_be64(key, turns_of(listing));
    append_be64(key, listing.id);
    return key;
}

Bytes key_of(std::uint64_t id) {
    Bytes key;
    append_be64(key, id);
    return key;
}

// A listing in memory as it is: no byte of it is padding, and nobody else ever reads it.
static_assert(std::has_unique_object_representations_v<Listing>);
BytesView bytes_of(const Listing& listing) { return {reinterpret_cast<const char*>(&listing), sizeof listing}; }
Listing listing_of(BytesView bytes) {
    Listing listing;
    SUBLET_ASSERT(bytes.size() == sizeof listing);
    std::memcpy(&listing, bytes.data(), sizeof listing);
    return listing;
}

struct Step {
    std::uint64_t cost = 0;
    std::uint64_t id = 0;  // the least below
    const TrieNode* node = nullptr;
};
// A heap's top is its greatest.
bool is_later(const Step& a, const Step& b) { return std::pair{a.cost, a.id} > std::pair{b.cost, b.id}; }

}  // namespace

Listing Board::Summary::of_leaf(BytesView, BytesView value) { return listing_of(value); }

Listing Board::Summary::join(const Listing& left, const Listing& right) {
    Listing out;
    for (std::size_t i = 0; i < out.prices.size(); ++i) {
        out.prices[i] = std::min(left.prices[i], right.prices[i]);
        out.sizes[i] = std::max(left.sizes[i], right.sizes[i]);
    }
    out.id = std::min(left.id, right.id);
    out.until = std::max(left.until, right.until);
    out.tags = left.tags | right.tags;
    out.notice = std::max(left.notice, right.notice);
    return out;
}

std::optional<std::uint64_t> Search::least_cost(const Listing& summary) const {
    bool enough = summary.notice >= notice && summary.until > now && (summary.tags & all_tags) == all_tags &&
                  (any_tags == 0 || (summary.tags & any_tags) != 0);
    u128 sum = 0;
    for (std::size_t i = 0; i < sizes.size(); ++i) {
        enough = enough && summary.sizes[i] >= sizes[i];
        sum += u128{weights[i]} * summary.prices[i];
    }
    if (!enough) {
        return std::nullopt;
    }
    const u128 cost = (sum + divisor - 1) / divisor;
    return cost > limit ? std::nullopt : std::optional{std::max<std::uint64_t>(1, static_cast<std::uint64_t>(cost))};
}

Board::Board(std::vector<Listing> all) {
    std::ranges::sort(all, {}, &Listing::id);
    std::vector<std::pair<std::uint64_t, std::size_t>> places;  // turns, number: the order of the keys
    places.reserve(all.size());
    IndexTree::Builder ids;
    for (std::size_t i = 0; i < all.size(); ++i) {
        const bool taken = ids.append(key_of(all[i].id), place_of(all[i]));
        SUBLET_ASSERT(taken);
        places.emplace_back(turns_of(all[i]), i);
    }
    std::ranges::sort(places);
    Trie<Summary>::Builder prices;
    for (const auto& [turns, number] : places) {
        const bool taken = prices.append(place_of(all[number]), bytes_of(all[number]));
        SUBLET_ASSERT(taken);
    }
    by_id_ = ids.finish();
    by_price_ = prices.finish();
}

bool Board::list(const Listing& listing) {
    const Bytes place = place_of(listing);
    const Bytes id = key_of(listing.id);
    const std::optional<BytesView> before = by_id_.get(id);
    if (before == place && by_price_.get(place) == bytes_of(listing)) {
        return false;
    }
    if (before && *before != place) {
        by_price_.erase(*before);
    }
    if (before != place) {
        by_id_.put(id, place);
    }
    by_price_.put(place, bytes_of(listing));
    return true;
}

void Board::unlist(std::uint64_t id) {
    const Bytes key = key_of(id);
    if (const std::optional<BytesView> place = by_id_.get(key)) {
        by_price_.erase(*place);
        by_id_.erase(key);
    }
}

std::optional<Listing> Board::find(std::uint64_t id) const {
    const std::optional<BytesView> place = by_id_.get(key_of(id));
    return place ? std::optional{listing_of(must(by_price_.get(*place)))} : std::nullopt;
}

void Board::search(const Search& wanted, const std::function<bool(const Listing&, std::uint64_t)>& take) const {
    if (by_price_.empty()) {
        return;
    }
    std::vector<Step> heap;
    const auto push = [&](const TrieNode* node, const Listing& summary) {
        if (const std::optional<std::uint64_t> cost = wanted.least_cost(summary)) {
            heap.push_back({*cost, summary.id, node});
            std::ranges::push_heap(heap, is_later);
        }
    };
    push(by_price_.root(), by_price_.summary());
    for (std::size_t steps = 0; steps < kMaxBoardSteps && !heap.empty(); ++steps) {
        std::ranges::pop_heap(heap, is_later);
        const Step next = heap.back();
        heap.pop_back();
        if (next.node->is_leaf()) {
            if (take(listing_of(leaf_of(*next.node).value()), next.cost)) {
                return;
            }
            continue;
        }
        for (const auto& side : inner_of<Summary>(*next.node).sides) {
            push(side.node.get(), Trie<Summary>::summary_of(side));
        }
    }
}

bool Board::same_content(const Board& other) const {
    return by_price_.same_content(other.by_price_) && by_id_.same_content(other.by_id_);
}

}  // namespace sublet::ledger
