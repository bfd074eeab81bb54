// ics23_test.cpp: proofs of random trees, and lies about them: other keys, other values, neighbours that are none.
#include "ledger/ics23.hpp"

#include <gtest/gtest.h>
#include <rapidcheck.h>

#include <map>

namespace sublet::ledger {
namespace {

using Model = std::map<Bytes, Bytes>;

// Keys of two bytes: none is the beginning of another.
Model random_model() {
    Model out;
    const auto keys =
        *rc::gen::nonEmpty(rc::gen::container<std::vector<std::uint16_t>>(rc::gen::inRange<std::uint16_t>(0, 300)));
    for (const std::uint16_t key : keys) {
        out[{static_cast<char>(key >> 8U), static_cast<char>(key)}] = Bytes(1 + key % 7, static_cast<char>(key));
    }
    return out;
}

Tree tree_of_model(const Model& model) {
    Tree out;
    for (const auto& [key, value] : model) {
        out.put(key, value);
    }
    return out;
}

Bytes random_key() {
    const auto key = *rc::gen::inRange<std::uint16_t>(0, 300);
    return {static_cast<char>(key >> 8U), static_cast<char>(key)};
}

struct Verdict {
    bool proved = false;
    bool is_there = false;
    Bytes value;
};
Verdict verdict_of(const Proof& proof, const Bytes& key, const Hash& root) {
    Verdict out;
    const Result<std::optional<Bytes>> found = check_ics23(encode_ics23(proof, key), key, root);
    out.proved = found.has_value();
    if (found && *found) {
        out.is_there = true;
        out.value = **found;
    }
    return out;
}

TEST(Ics23, ProofsOfRandomTreesSayTheTruth) {
    rc::check("what is there is proved, what is not is proved to be absent", [] {
        const Model model = random_model();
        const Tree tree = tree_of_model(model);
        const Bytes key = random_key();
        const Verdict verdict = verdict_of(tree.prove(key), key, tree.root_hash());
        RC_ASSERT(verdict.proved);
        const auto found = model.find(key);
        RC_ASSERT(verdict.is_there == (found != model.end()));
        RC_ASSERT(verdict.value == (found == model.end() ? Bytes{} : found->second));
    });
}

TEST(Ics23, NeighboursThatAreNoneProveNothing) {
    rc::check("absence needs the very next keys on both sides", [] {
        const Model model = random_model();
        const Tree tree = tree_of_model(model);
        const Bytes key = random_key();
        const auto leaf_of = [&](const Bytes& each) { return tree.prove(each).leaf; };
        const auto pick = [&]() -> std::optional<LeafProof> {
            const auto at = *rc::gen::inRange<std::size_t>(0, model.size() + 1);
            return at == model.size() ? std::nullopt
                                      : leaf_of(std::next(model.begin(), static_cast<std::ptrdiff_t>(at))->first);
        };
        Proof forged;
        forged.left = pick();
        forged.right = pick();
        const Verdict verdict = verdict_of(forged, key, tree.root_hash());
        // Whatever convinces says the truth: the key is absent.
        RC_ASSERT(!verdict.proved || (!verdict.is_there && !model.contains(key)));
        const auto next = model.lower_bound(key);
        const bool right = forged.right ? next != model.end() && forged.right->key == next->first : next == model.end();
        const bool left =
            forged.left ? next != model.begin() && forged.left->key == std::prev(next)->first : next == model.begin();
        RC_ASSERT(verdict.proved == (left && right && !model.contains(key)));
    });
}

TEST(Ics23, IsOfThisKeyAndThisState) {
    Tree tree;
    for (const char* key : {"aa", "ab", "b", "c"}) {
        tree.put(key, "value of " + Bytes{key});
    }
    const Hash root = tree.root_hash();
    const Bytes proof = encode_ics23(tree.prove("ab"), "ab");
    EXPECT_EQ(check_ics23(proof, "ab", root)->value_or(""), "value of ab");
    EXPECT_EQ(check_ics23(proof, "aa", root).error().code, Code::kBadField);
    EXPECT_EQ(check_ics23(proof, "ab", Hash{}).error().code, Code::kBadField);
    EXPECT_EQ(check_ics23(proof, "", root).error().code, Code::kBadField);
    EXPECT_FALSE(check_ics23("", "ab", root));
    EXPECT_FALSE(check_ics23(proof + proof, "ab", root));
    Tree later = tree;
    later.put("ab", "another");
    EXPECT_FALSE(check_ics23(proof, "ab", later.root_hash()));
    LeafProof other = *tree.prove("ab").leaf;
    other.value = "changed";
    EXPECT_FALSE(check_ics23(encode_ics23(Proof{.leaf = other}, "ab"), "ab", root));
    other = *tree.prove("ab").leaf;
    std::swap(other.path.front().sibling_is_left, other.path.back().sibling_is_left);
    other.path.resize(kMaxProofSteps + 1);
    EXPECT_NE(check_ics23(encode_ics23(Proof{.leaf = other}, "ab"), "ab", root).error().message.find("longer"),
              std::string::npos);
}

}  // namespace
}  // namespace sublet::ledger
