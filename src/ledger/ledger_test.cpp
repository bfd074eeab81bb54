// ledger_test.cpp: the tree against std::map, its proofs against a naive verifier, the way back after a mark.
#include <gtest/gtest.h>

#include <map>
#include <set>

#include "crypto/sha256.hpp"
#include "ledger/index_builder.hpp"

namespace sublet::ledger {
namespace {

// A small fixed generator: tests must repeat.
struct Dice {
    std::uint64_t state = 1;
    std::uint64_t next() {
        state = state * 6364136223846793005ULL + 1442695040888963407ULL;
        return state >> 33U;
    }
};

Bytes key_of(std::uint64_t number) {
    Bytes key(1, static_cast<char>(number % 3));
    append_be64(key, number * 0x9e3779b97f4a7c15ULL);
    return key;
}

Hash leaf_hash(const LeafProof& leaf) {
    const Bytes value_hash{view_of(crypto::sha256(leaf.value))};
    Bytes bytes(1, '\0');
    bytes += static_cast<char>(leaf.key.size());
    return crypto::sha256(bytes + leaf.key + Bytes(1, 32) + value_hash);
}

Hash root_of(const LeafProof& leaf) {
    Hash hash = leaf_hash(leaf);
    for (const PathStep& step : leaf.path) {
        const Bytes own{view_of(hash)};
        const Bytes sibling{view_of(step.sibling)};
        hash = crypto::sha256("\x01" + (step.sibling_is_left ? sibling + own : own + sibling));
    }
    return hash;
}

TEST(Tree, IsAnOrderedMapWithSnapshots) {
    Dice numbers;
    Tree tree;
    std::map<Bytes, Bytes> model;
    std::vector<std::pair<Tree, std::map<Bytes, Bytes>>> snapshots;
    for (int step = 0; step < 6'000; ++step) {
        const Bytes key = key_of(numbers.next() % 700);
        if (numbers.next() % 3 == 0) {
            EXPECT_EQ(tree.erase(key), model.erase(key) == 1);
        } else {
            const Bytes value = std::to_string(numbers.next());
            tree.put(key, value);
            model[key] = value;
        }
        if (step % 500 == 0) {
            snapshots.emplace_back(tree, model);
        }
    }
    snapshots.emplace_back(tree, model);
    for (const auto& [snapshot, expected] : snapshots) {
        EXPECT_EQ(snapshot.size(), expected.size());
        auto next = expected.begin();
        snapshot.visit("", "", [&](BytesView key, BytesView value) {
            EXPECT_EQ(key, next->first);
            EXPECT_EQ(value, next->second);
            ++next;
            return true;
        });
        EXPECT_TRUE(next == expected.end());
    }
}

TEST(Tree, VisitsFromAnyKeyWithinAPrefix) {
    Dice numbers;
    Tree tree;
    std::map<Bytes, Bytes> model;
    for (int i = 0; i < 300; ++i) {
        const Bytes key = key_of(numbers.next() % 5'000);
        tree.put(key, "v");
        model[key] = "v";
    }
    for (int i = 0; i < 500; ++i) {
        const Bytes from = key_of(numbers.next() % 5'000);
        const Bytes prefix = from.substr(0, 1 + numbers.next() % 2);
        std::vector<Bytes> expected;
        for (auto at = model.lower_bound(from); at != model.end() && at->first.starts_with(prefix); ++at) {
            expected.push_back(at->first);
        }
        std::vector<Bytes> got;
        tree.visit(prefix, from, [&](BytesView key, BytesView) {
            got.emplace_back(key);
            return true;
        });
        EXPECT_EQ(got, expected);
    }
}

TEST(Tree, RootDependsOnContentAlone) {
    Tree forward;
    Tree backward;
    for (std::uint64_t i = 0; i < 200; ++i) {
        forward.put(key_of(i), std::to_string(i));
        backward.put(key_of(199 - i), std::to_string(199 - i));
        backward.put(key_of(1'000 + i), "gone");
    }
    for (std::uint64_t i = 0; i < 200; ++i) {
        backward.erase(key_of(1'000 + i));
    }
    EXPECT_EQ(forward.root_hash(), backward.root_hash());
    forward.put(key_of(7), "other");
    EXPECT_NE(forward.root_hash(), backward.root_hash());
    EXPECT_EQ(Tree{}.root_hash(), crypto::sha256(""));
}

TEST(Tree, ProvesWhatIsThereAndWhatIsNot) {
    Tree tree;
    std::map<Bytes, Bytes> model;
    for (std::uint64_t i = 0; i < 100; i += 2) {
        tree.put(key_of(i), std::to_string(i));
        model[key_of(i)] = std::to_string(i);
    }
    for (std::uint64_t i = 0; i < 100; ++i) {
        const Bytes key = key_of(i);
        const Proof proof = tree.prove(key);
        ASSERT_EQ(proof.leaf.has_value(), i % 2 == 0);
        if (proof.leaf) {
            EXPECT_EQ(root_of(*proof.leaf), tree.root_hash());
            EXPECT_EQ(proof.leaf->value, std::to_string(i));
            continue;
        }
        const auto above = model.lower_bound(key);
        ASSERT_EQ(proof.right.has_value(), above != model.end());
        if (proof.right) {
            EXPECT_EQ(proof.right->key, above->first);
            EXPECT_EQ(root_of(*proof.right), tree.root_hash());
        }
        ASSERT_EQ(proof.left.has_value(), above != model.begin());
        if (proof.left) {
            EXPECT_EQ(proof.left->key, std::prev(above)->first);
            EXPECT_EQ(root_of(*proof.left), tree.root_hash());
        }
    }
}

// Keys that a key of the tree starts with, that start with one, or that differ from one in zero bytes at the end alone.
TEST(Tree, ProvesThatPrefixesAndExtensionsAreAbsent) {
    Tree tree;
    std::set<Bytes> present;
    for (const BytesView key : {"aaa", "aab", "b\x01\x01", "b\x01\x02", "c"}) {
        present.insert(Bytes{key});
    }
    present.insert(Bytes("b\0\0", 3));
    present.insert(Bytes("d\0\0\0", 4));
    std::set<Bytes> absent = {Bytes(1, '\0'), "\xff", Bytes(100, '\xff')};
    for (const Bytes& key : present) {
        tree.put(key, "v");
        for (std::size_t size = 1; size < key.size(); ++size) {
            absent.insert(key.substr(0, size));
        }
        for (const char last : {'\0', '\1', '\xff'}) {
            absent.insert(key + last);
            absent.insert(key + Bytes(9, last));
        }
    }
    for (const Bytes& key : absent) {
        const Proof proof = tree.prove(key);
        ASSERT_FALSE(proof.leaf) << to_hex(key);
        const auto above = present.lower_bound(key);
        ASSERT_EQ(proof.right.has_value(), above != present.end()) << to_hex(key);
        ASSERT_EQ(proof.left.has_value(), above != present.begin()) << to_hex(key);
        EXPECT_TRUE(!proof.right || (proof.right->key == *above && root_of(*proof.right) == tree.root_hash()));
        EXPECT_TRUE(!proof.left || (proof.left->key == *std::prev(above) && root_of(*proof.left) == tree.root_hash()));
        std::optional<Bytes> first;
        tree.visit("", key, [&](BytesView each, BytesView) {
            first = Bytes{each};
            return false;
        });
        EXPECT_EQ(first.value_or(""), above == present.end() ? "" : *above) << to_hex(key);
    }
}

TEST(Tree, IsBuiltFromSortedKeysAsOneByOne) {
    Dice numbers;
    for (const std::size_t count : {0U, 1U, 2U, 3U, 100U, 2'000U}) {
        std::map<Bytes, Bytes> all;
        while (all.size() < count) {
            all[key_of(numbers.next() % 100'000)] = std::to_string(numbers.next());
        }
        Tree one_by_one;
        Tree::Builder builder;
        for (const auto& [key, value] : all) {
            one_by_one.put(key, value);
            EXPECT_TRUE(builder.append(key, value));
        }
        Tree built{builder.finish()};
        EXPECT_EQ(built.size(), count);
        EXPECT_TRUE(built.same_content(one_by_one));
        EXPECT_EQ(built.root_hash(), one_by_one.root_hash());
        built.put("zz", "new");  // and can be written to
        one_by_one.put("zz", "new");
        EXPECT_EQ(built.root_hash(), one_by_one.root_hash());
    }
}

TEST(Tree, IsBuiltOnlyFromWhatAscends) {
    Tree::Builder builder;
    EXPECT_FALSE(builder.append("", "value"));
    EXPECT_TRUE(builder.append("b", "1"));
    EXPECT_FALSE(builder.append("b", "2"));
    EXPECT_FALSE(builder.append("a", "2"));
    EXPECT_FALSE(builder.append("c", ""));
    EXPECT_FALSE(builder.append(Bytes("b\0", 2), "2"));  // the same bits: it would not be found
    EXPECT_TRUE(builder.append("c", "3"));
    EXPECT_EQ(builder.finish().size(), 2U);
    EXPECT_EQ(builder.finish().size(), 0U);
}

TEST(Index, PartsMakeWhatEntriesOneByOneMake) {
    Dice numbers;
    IndexTree one_by_one;
    std::vector<IndexPart> parts(3);
    for (std::uint64_t i = 0; i < 3'000; ++i) {
        IndexEntries entries;
        for (std::uint64_t n = 0; n < 1 + i % 3; ++n) {
            Bytes key{static_cast<char>(5), static_cast<char>(n)};
            append_be64(key, numbers.next() % 5);  // most comparisons go past the first ten bytes
            append_be64(key, numbers.next());      // and find no order there
            append_be64(key, i);
            const Bytes value = std::to_string(numbers.next() % 2);
            one_by_one.put(key, value);
            entries.emplace(std::move(key), value);
        }
        parts[numbers.next() % parts.size()].add(entries);
    }
    for (IndexPart& part : parts) {
        part.sort();
    }
    EXPECT_TRUE(join(std::move(parts)).same_content(one_by_one));
    EXPECT_TRUE(join({}).empty());
}

TEST(Ledger, RevertLeavesNothingBehind) {
    Ledger ledger;
    ledger.put("aa", "1");
    ledger.put_index("ia", "1");
    const Ledger::Mark mark = ledger.mark();
    const Hash before = ledger.state().root_hash();
    ledger.put("aa", "2");
    ledger.put("ab", "2");
    ledger.archive("aa");
    ledger.put_index("ib", "1");
    ledger.emit({"x", {}});
    ledger.revert(mark);
    EXPECT_EQ(ledger.state().root_hash(), before);
    EXPECT_EQ(ledger.get_index("ib"), std::nullopt);
    EXPECT_TRUE(ledger.take_events().empty());
    EXPECT_TRUE(ledger.take_archived().empty());
    EXPECT_EQ(ledger.take_touched(), std::vector<Bytes>{"aa"});
}

}  // namespace
}  // namespace sublet::ledger
