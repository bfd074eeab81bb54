// tree_range_test.cpp: ranges of random trees put together again, and every way to bend one refused.
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <map>

#include "codec/wire.hpp"
#include "crypto/sha256.hpp"
#include "ledger/tree_range.hpp"

namespace sublet::ledger {
namespace {

constexpr std::size_t kSmallTarget = 400;  // bytes of leaves

using Rows = std::map<Bytes, Bytes>;

Tree cut_tree(const Rows& rows) {
    Tree out = *tree_of(rows);
    (void)out.root_hash();
    return out;
}

// Keys of two tables of one length each, as the ledger has them.
Rows rows_of(std::uint64_t seed, std::size_t count) {
    Rows out;
    std::uint64_t state = seed;
    for (std::size_t i = 0; i < count; ++i) {
        state = state * 6364136223846793005ULL + 1442695040888963407ULL;
        Bytes key(1, static_cast<char>(state >> 62U));
        append_be64(key, i % 2 == 0 ? i : state);
        out[key] = Bytes(1 + (state >> 57U), static_cast<char>('a' + i % 26));
    }
    return out;
}

std::vector<Bytes> cut(const Tree& tree, std::size_t target = kSmallTarget) {
    RangeMaker maker{tree, target};
    std::vector<Bytes> out;
    while (true) {
        auto next = maker.next();
        if (!next || !*next) {
            EXPECT_TRUE(next);
            EXPECT_EQ(maker.leaves(), tree.size());
            return out;
        }
        out.push_back(**std::move(next));
    }
}

// A taker that has the first `count` of them.
RangeTaker taken(const Tree& tree, const std::vector<Bytes>& ranges, std::size_t count) {
    RangeTaker taker{tree.root_hash(), kSmallTarget};
    for (std::size_t i = 0; i < count; ++i) {
        EXPECT_TRUE(taker.take(ranges[i]));
    }
    return taker;
}

// A range taken apart by hand.
struct Bent {
    std::vector<Bytes> left;
    std::vector<Bytes> right;
    std::vector<std::pair<Bytes, Bytes>> leaves;

    explicit Bent(BytesView range) {
        const auto count = [&range] {  // below 128 in these trees
            const auto out = static_cast<std::size_t>(range.front());
            range.remove_prefix(1);
            return out;
        };
        range.remove_prefix(1);
        for (auto* side : {&left, &right}) {
            for (std::size_t i = count(); i > 0; --i) {
                side->emplace_back(range.substr(0, kRangeStepBytes));
                range.remove_prefix(kRangeStepBytes);
            }
        }
        codec::Reader reader{range};
        while (!reader.done()) {
            const Bytes key{*reader.length()};
            leaves.emplace_back(key, *reader.length());
        }
    }
    [[nodiscard]] Bytes whole() const {
        Bytes out(1, '\1');
        for (const auto* side : {&left, &right}) {
            codec::write_varint(out, side->size());
            for (const Bytes& step : *side) {
                out += step;
            }
        }
        for (const auto& [key, value] : leaves) {
            codec::write_length(out, key);
            codec::write_length(out, value);
        }
        return out;
    }
};

TEST(TreeRange, RangesGiveTheTreeThatTheyWereCutFrom) {
    for (const std::size_t count : {1U, 2U, 3U, 40U, 1'000U}) {
        const Tree tree = cut_tree(rows_of(count, count));
        const std::vector<Bytes> ranges = cut(tree);
        RangeTaker taker = taken(tree, ranges, ranges.size());
        ASSERT_TRUE(taker.complete());
        const Tree again = taker.finish();
        EXPECT_TRUE(again.same_content(tree));
        EXPECT_EQ(again.root_hash(), tree.root_hash());
        EXPECT_EQ(cut(again), ranges);  // the state alone decides
    }
    EXPECT_GT(cut(cut_tree(rows_of(1, 1'000))).size(), 100U);
}

TEST(TreeRange, ALeafThatNoRangeTakesIsSaid) {
    const Tree tree = cut_tree({{"a", "1"}, {"b", Bytes(kMaxLeafBytes, 'x')}});
    RangeMaker maker{tree};
    EXPECT_EQ(maker.next().error().code, Code::kTooLarge);
    EXPECT_EQ(RangeMaker{cut_tree({{Bytes(kMaxLeafKeyBytes + 1, 'k'), "1"}})}.next().error().code, Code::kTooLarge);
}

TEST(TreeRange, EachWayToBendOneIsRefused) {
    const Tree tree = cut_tree(rows_of(7, 300));
    const std::vector<Bytes> ranges = cut(tree);
    constexpr std::size_t kAt = 5;
    struct Row {
        const char* name;
        std::function<void(Bent&)> bend;
        const char* says;
    };
    const Bent next{ranges[kAt + 1]};
    const Bent before{ranges[kAt - 1]};
    const std::vector<Row> rows = {
        {"a value changed", [](Bent& b) { b.leaves[2].second += 'x'; }, "not of the state"},
        {"a key changed", [](Bent& b) { b.leaves.back().first.back() ^= 1; }, "not of the state"},
        {"a leaf missing in the middle", [](Bent& b) { b.leaves.erase(b.leaves.begin() + 2); }, ""},
        {"the first leaf missing", [](Bent& b) { b.leaves.erase(b.leaves.begin()); }, ""},
        {"the last leaf missing", [](Bent& b) { b.leaves.pop_back(); }, "ends too early"},
        {"one more leaf", [&](Bent& b) { b.leaves.push_back(next.leaves[0]); }, "goes on behind its end"},
        {"a leaf before", [&](Bent& b) { b.leaves.insert(b.leaves.begin(), before.leaves.back()); }, ""},
        {"a leaf twice", [](Bent& b) { b.leaves.insert(b.leaves.begin(), b.leaves[0]); }, ""},
        {"two leaves the other way round", [](Bent& b) { std::swap(b.leaves[1], b.leaves[2]); }, "do not ascend"},
        {"an empty value", [](Bent& b) { b.leaves[0].second.clear(); }, "empty or too long"},
        {"no leaves", [](Bent& b) { b.leaves.clear(); }, "no leaves"},
        {"a path without its top", [](Bent& b) { b.right.erase(b.right.begin()); }, "not of the state"},
        {"a sibling changed", [](Bent& b) { b.right[0].back() ^= 1; }, "not of the state"},
        {"a sibling on the left changed", [](Bent& b) { b.left[0].back() ^= 1; }, "does not begin where"},
        {"no way to the left", [](Bent& b) { b.left.clear(); }, "does not begin where"},
        {"no way to the right: it were the last", [](Bent& b) { b.right.clear(); }, "not of the state"},
        {"steps that do not descend", [](Bent& b) { std::swap(b.right[0], b.right[1]); }, "do not descend"},
        {"an absurd path", [](Bent& b) { b.right.assign(5'000, b.right[0]); }, "too long"},
        {"another range", [&](Bent& b) { b = next; }, "does not begin where"},
        {"the one before again", [&](Bent& b) { b = before; }, "do not ascend"},
    };
    for (const Row& row : rows) {
        RangeTaker taker = taken(tree, ranges, kAt);
        Bent bent{ranges[kAt]};
        ASSERT_EQ(bent.whole(), ranges[kAt]);
        row.bend(bent);
        const Result<> refused = taker.take(bent.whole());
        ASSERT_FALSE(refused) << row.name;
        EXPECT_NE(refused.error().message.find(row.says), std::string::npos)
            << row.name << ": " << refused.error().message;
        for (std::size_t i = kAt; i < ranges.size(); ++i) {  // and nothing of it was taken
            ASSERT_TRUE(taker.take(ranges[i])) << row.name;
        }
        EXPECT_TRUE(taker.finish().same_content(tree)) << row.name;
    }
}

TEST(TreeRange, ADifferentSplitIsRefusedThoughEveryLeafIsTrue) {
    const Tree tree = cut_tree(rows_of(9, 300));
    for (const std::size_t other : {kSmallTarget / 2, kSmallTarget - 150, kSmallTarget + 150, kSmallTarget * 2}) {
        RangeTaker taker{tree.root_hash(), kSmallTarget};
        bool refused = false;
        for (const Bytes& range : cut(tree, other)) {
            refused = refused || !taker.take(range);
        }
        EXPECT_TRUE(refused) << other;
        EXPECT_FALSE(taker.complete()) << other;
    }
}

TEST(TreeRange, RangesOfAnotherStateAreRefused) {
    Rows rows = rows_of(3, 200);
    const Tree tree = cut_tree(rows);
    rows.begin()->second += 'x';
    const Tree other = cut_tree(rows);
    RangeTaker taker{tree.root_hash(), kSmallTarget};
    EXPECT_FALSE(taker.take(cut(other)[0]));
    EXPECT_FALSE(taker.take(cut(other)[1]));
    EXPECT_TRUE(taker.take(cut(tree)[0]));
}

TEST(TreeRange, BytesThatAreNoRangeAreRefused) {
    const Tree tree = cut_tree(rows_of(3, 200));
    const Bytes good = cut(tree)[0];
    RangeTaker taker{tree.root_hash(), kSmallTarget};
    for (std::size_t size = 0; size < good.size(); size += 7) {
        EXPECT_FALSE(taker.take(BytesView{good}.substr(0, size)));
    }
    EXPECT_FALSE(taker.take(Bytes(1, '\2') + good.substr(1)));
    EXPECT_FALSE(taker.take(good + '\0'));
    EXPECT_FALSE(taker.take(Bytes("\x01\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01", 11)));  // a count of 2^64 - 1
    EXPECT_FALSE(taker.take(Bytes("\x01\x80\x00", 3)));                                   // longer than it needs to be
    EXPECT_EQ(taker.take(Bytes(kMaxRangeBytes + 1, '\1')).error().code, Code::kTooLarge);
    EXPECT_TRUE(taker.take(good));
}

// Any byte changed, put in or taken out: refused, or it was the same range (there is no such change).
RC_GTEST_PROP(TreeRange, NoChangedByteIsTaken, ()) {
    const auto count = *rc::gen::inRange<std::size_t>(1, 120);
    const Tree tree = cut_tree(rows_of(*rc::gen::arbitrary<std::uint64_t>(), count));
    const std::vector<Bytes> ranges = cut(tree);
    const auto which = *rc::gen::inRange<std::size_t>(0, ranges.size());
    RangeTaker taker = taken(tree, ranges, which);
    Bytes bent = ranges[which];
    const auto at = *rc::gen::inRange<std::size_t>(0, bent.size());
    const auto byte = *rc::gen::arbitrary<char>();
    switch (*rc::gen::inRange(0, 4)) {
        case 0:
            bent[at] = byte;
            break;
        case 1:
            bent.insert(at, 1, byte);
            break;
        case 2:
            bent.erase(at, 1);
            break;
        default:
            bent = bent.substr(0, at) + ranges[*rc::gen::inRange<std::size_t>(0, ranges.size())].substr(at / 2);
            break;
    }
    if (taker.take(bent)) {
        // The bits of the path to the right are not hashed; what follows is held to them by the next range.
        RC_ASSERT(bent.size() == ranges[which].size());
        RC_ASSERT(Bent{bent}.leaves == Bent{ranges[which]}.leaves);
    } else {
        RC_ASSERT(taker.take(ranges[which]));
    }
    for (std::size_t i = which + 1; i < ranges.size(); ++i) {
        RC_ASSERT(taker.take(ranges[i]));
    }
    RC_ASSERT(taker.complete());
    RC_ASSERT(taker.finish().same_content(tree));
}

}  // namespace
}  // namespace sublet::ledger
