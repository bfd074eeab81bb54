// board_test.cpp: the board against a list that is read from its beginning to its end.
#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <set>

#include "ledger/board.hpp"

namespace sublet::ledger {
namespace {

// A small fixed generator: tests must repeat.
struct Numbers {
    std::uint64_t state = 7;
    std::uint64_t next(std::uint64_t below) {
        state = state * 6364136223846793005ULL + 1442695040888963407ULL;
        return (state >> 33U) % below;
    }
};

// Few prices, so that there are ties, next to each other, so that rough prices are the same; and some far away.
Listing random_listing(Numbers& dice, std::uint64_t id) {
    Listing out;
    out.id = id;
    for (std::uint64_t& price : out.prices) {
        price = dice.next(4) == 0 ? dice.next(1ULL << 50U) : 1'000'000'000 + dice.next(5);
    }
    for (std::uint32_t& size : out.sizes) {
        size = 1U << dice.next(6);
    }
    out.until = dice.next(3) == 0 ? 1 + dice.next(100) : ~std::uint64_t{0};
    out.notice = dice.next(2) == 0 ? 0 : 30'000;
    out.tags = 1ULL << dice.next(4) | 1ULL << dice.next(64);
    return out;
}

Search random_search(Numbers& dice) {
    Search out;
    for (std::uint64_t& weight : out.weights) {
        weight = dice.next(1ULL << 31U) << dice.next(20);
    }
    out.divisor = 1'000'000'007;
    out.limit = dice.next(3) == 0 ? 1ULL << (20 + dice.next(43)) : out.limit;
    for (std::uint32_t& size : out.sizes) {
        size = 1U << dice.next(6);
    }
    out.now = dice.next(100);
    out.notice = dice.next(2) == 0 ? 0 : 30'000;
    out.all_tags = dice.next(3) == 0 ? 1ULL << dice.next(4) : 0;
    out.any_tags = dice.next(4) == 0 ? 3ULL << dice.next(63) : 0;
    return out;
}

using Shown = std::vector<std::pair<std::uint64_t, std::uint64_t>>;  // cost, id

Shown shown_by(const Board& board, const Search& wanted) {
    Shown out;
    board.search(wanted, [&](const Listing& listing, std::uint64_t cost) {
        out.emplace_back(cost, listing.id);
        return false;
    });
    return out;
}

// The words of board.hpp, read anew.
Shown expected(const std::map<std::uint64_t, Listing>& model, const Search& wanted) {
    Shown out;
    for (const auto& [id, listing] : model) {
        bool will_do = listing.notice >= wanted.notice && listing.until > wanted.now;
        for (std::size_t i = 0; i < 4; ++i) {
            will_do = will_do && listing.sizes[i] >= wanted.sizes[i];
        }
        for (unsigned bit = 0; bit < 64; ++bit) {
            will_do = will_do && ((wanted.all_tags >> bit & 1U) == 0 || (listing.tags >> bit & 1U) != 0);
        }
        will_do = will_do && (wanted.any_tags == 0 || (wanted.any_tags & listing.tags) != 0);
        unsigned __int128 cost = wanted.divisor - 1;
        for (std::size_t i = 0; i < 4; ++i) {
            cost += (unsigned __int128){wanted.weights[i]} * listing.prices[i];
        }
        cost /= wanted.divisor;
        if (will_do && cost <= wanted.limit) {
            out.emplace_back(std::max<std::uint64_t>(1, static_cast<std::uint64_t>(cost)), id);
        }
    }
    std::ranges::sort(out);
    return out;
}

TEST(Board, ShowsWhatAListWouldInOrder) {
    Numbers dice;
    Board board;
    std::map<std::uint64_t, Listing> model;
    std::size_t shown = 0;
    for (int step = 0; step < 4'000; ++step) {
        const std::uint64_t id = 1 + dice.next(400);
        if (dice.next(4) == 0) {
            board.unlist(id);
            model.erase(id);
        } else {
            const Listing listing = random_listing(dice, id);
            EXPECT_TRUE(board.list(listing));
            EXPECT_FALSE(board.list(listing));
            model[id] = listing;
        }
        if (step % 10 == 0) {
            const Search wanted = random_search(dice);
            const Shown all = shown_by(board, wanted);
            EXPECT_EQ(all, expected(model, wanted)) << step;
            shown += all.size();
        }
    }
    EXPECT_EQ(board.size(), model.size());
    EXPECT_GT(shown, 1'000U);
    std::vector<Listing> all;
    for (const auto& [id, listing] : model) {
        all.push_back(listing);
    }
    Board again{all};
    for (const auto& [id, listing] : model) {
        EXPECT_EQ(board.find(id), listing);
    }
    EXPECT_TRUE(again.same_content(board));
    again.unlist(model.begin()->first);
    EXPECT_FALSE(again.same_content(board));
}

TEST(Board, StopsWhenOneIsTaken) {
    Board board;
    for (std::uint64_t id = 1; id <= 100'000; ++id) {
        board.list({.prices = {5, 5, 5, 5}, .id = id, .until = 1, .sizes = {1, 1, 1, 1}});
    }
    std::set<std::uint64_t> seen;
    board.search({.weights = {1, 1, 1, 1}, .sizes = {1, 1, 1, 1}}, [&](const Listing& listing, std::uint64_t cost) {
        EXPECT_EQ(cost, 20U);
        seen.insert(listing.id);
        return seen.size() == 2;
    });
    EXPECT_EQ(seen, (std::set<std::uint64_t>{1, 2}));
}

// A hundred thousand that are cheaper, each too small in one of two ways, so that no node can be passed by at once.
TEST(Board, OpensSoManyNodesAndNoMore) {
    Board board;
    for (std::uint64_t id = 1; id <= 100'000; ++id) {
        board.list({.prices = {5, 5, 5, 5},
                    .id = id,
                    .until = 1,
                    .sizes = {id % 2 == 0 ? 1U : 2U, id % 2 == 0 ? 2U : 1U, 1, 1}});
    }
    const Search wanted{.weights = {1, 1, 1, 1}, .sizes = {2, 2, 1, 1}};
    EXPECT_TRUE(shown_by(board, wanted).empty());
    board.list({.prices = {6, 6, 6, 6}, .id = 200'000, .until = 1, .sizes = {2, 2, 1, 1}});
    EXPECT_TRUE(shown_by(board, wanted).empty()) << "it stands behind more nodes than a search may open";
    board.list({.prices = {4, 6, 5, 4}, .id = 200'001, .until = 1, .sizes = {2, 2, 1, 1}});
    EXPECT_EQ(shown_by(board, wanted), (Shown{{19, 200'001}}));
}

}  // namespace
}  // namespace sublet::ledger
