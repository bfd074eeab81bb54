// board.hpp: what is for hire now, so that the cheapest that is large enough is found among a million in a few steps.
// Derived from records, never hashed, never stored, and not part of a snapshot. Deterministic. Spec:
// docs/spec/market.md (matching), ADR 0010.
//
// A trie whose keys interleave the bits of the prices, so that what is priced alike stands together; each node knows
// the least price of every kind below it, the largest size of every kind, the latest end, the least id and which tags
// occur at all. From that follows what anything below it costs at least, so the search opens the most promising node
// first and stops at the first listing that is taken.
#pragma once

#include <array>
#include <functional>
#include <limits>
#include <vector>

#include "ledger/trie.hpp"

namespace sublet::ledger {

inline constexpr std::size_t kMaxBoardSteps = 4'096;  // nodes that one search opens

// Of one listing, or of all below a node: `prices`, `id` the least, `sizes`, `notice`, `until` the greatest, `tags` the
// union. Sizes are rounded up where 32 bits want it: a search may show what is a little too small, never hide what
// fits.
struct Listing {
    std::array<std::uint64_t, 4> prices{};
    std::uint64_t id = 0;
    std::uint64_t until = 0;  // the instant from which it is not to be had
    std::uint64_t tags = 0;
    std::array<std::uint32_t, 4> sizes{};
    std::uint32_t notice = 0;
    std::uint32_t mark = 0;  // whatever else a reader wants to know of a change; no search looks at it
    bool operator==(const Listing&) const = default;
};

// What is looked for. A listing costs ⌈Σ weights × prices ÷ divisor⌉, at least 1.
struct Search {
    std::array<std::uint64_t, 4> weights{};  // with prices below 2^51, each below 2^64: sums fit 128 bits
    std::uint64_t divisor = 1;
    std::uint64_t limit = std::numeric_limits<std::uint64_t>::max();  // the most it may cost
    std::array<std::uint32_t, 4> sizes{};
    std::uint32_t notice = 0;
    std::uint64_t now = 0;  // `until` lies behind it
    std::uint64_t all_tags = 0;
    std::uint64_t any_tags = 0;  // one of these; zero: none is asked for

    // The least that anything of this summary costs; nothing when none of it will do.
    [[nodiscard]] std::optional<std::uint64_t> least_cost(const Listing& summary) const;
};

class Board {
public:
    Board() = default;
    explicit Board(std::vector<Listing> all);  // ids differ
    // Puts a listing up, or in the place of the one with the same id. False when that one was the same.
    bool list(const Listing& listing);
    void unlist(std::uint64_t id);
    [[nodiscard]] std::optional<Listing> find(std::uint64_t id) const;
    [[nodiscard]] std::uint64_t size() const { return by_id_.size(); }

    // Calls `take` with listings that will do, in ascending order of (cost, id), until it answers true. After
    // kMaxBoardSteps nodes it is as if there were no others.
    void search(const Search& wanted, const std::function<bool(const Listing&, std::uint64_t cost)>& take) const;
    [[nodiscard]] bool same_content(const Board& other) const;

private:
    struct Summary {
        using Value = Listing;
        static Listing of_leaf(BytesView key, BytesView value);
        static Listing join(const Listing& left, const Listing& right);
    };
    Trie<Summary> by_price_;
    IndexTree by_id_;  // to the key in by_price_
};

}  // namespace sublet::ledger
