// tree.cpp: hashes and proofs of the state.
// Deterministic. Spec: docs/spec/transactions.md (state and proofs), ADR 0005.
#include "ledger/tree.hpp"

#include <algorithm>
#include <array>

#include "base/assert.hpp"
#include "crypto/sha256.hpp"

namespace sublet::ledger {
namespace {

constexpr unsigned kPartDepth = 8;     // of the subtrees that are hashed in parallel: at most 256
constexpr std::size_t kFewParts = 16;  // not worth waking anybody

// The places whose summaries are missing, `depth` levels down or where a path ends.
void stale_parts(const TriePlace<Merkle>& place, unsigned depth, std::vector<const TriePlace<Merkle>*>& parts) {
    if (place.known) {
        return;
    }
    if (depth == 0 || place.node->is_leaf()) {
        parts.push_back(&place);
        return;
    }
    for (const TriePlace<Merkle>& side : inner_of<Merkle>(*place.node.get()).sides) {
        stale_parts(side, depth - 1, parts);
    }
}

}  // namespace

Hash Merkle::of_leaf(BytesView key, BytesView value) {
    std::array<char, 12> head{};  // 0x00 and the varint
    std::size_t size = 1;
    for (std::size_t rest = key.size(); size == 1 || rest > 0; rest >>= 7U) {
        head[size++] = static_cast<char>((rest & 0x7fU) | (rest > 0x7fU ? 0x80U : 0U));
    }
    std::array<char, 1 + sizeof(Hash)> tail{'\x20'};
    std::ranges::copy(crypto::sha256(value), tail.begin() + 1);
    crypto::Sha256 hasher;
    hasher.update({head.data(), size}).update(key).update({tail.data(), tail.size()});
    return hasher.finish();
}

Hash Merkle::join(const Hash& left, const Hash& right) { return crypto::sha256_pair(0x01, left, right); }

Hash Tree::root_hash(const Parallel& parallel) const {
    if (empty()) {
        return crypto::sha256("");
    }
    if (parallel) {
        std::vector<const Place*> parts;
        stale_parts(root_place(), kPartDepth, parts);
        if (parts.size() > kFewParts) {
            parallel(parts.size(), [&](std::size_t i) { (void)summary_of(*parts[i]); });
        }
    }
    return summary();
}

LeafProof Tree::prove_leaf(BytesView key) const {
    LeafProof proof;
    const TrieNode* node = root();
    while (!node->is_leaf()) {
        const bool to_right = bit_at(key, node->bit);
        const Inner& inner = inner_of<Merkle>(*node);
        proof.path.push_back({to_right, summary_of(inner.sides[to_right ? 0 : 1])});
        node = inner.sides[to_right ? 1 : 0].node.get();
    }
    std::ranges::reverse(proof.path);
    proof.key = leaf_of(*node).key();
    proof.value = leaf_of(*node).value();
    return proof;
}

Proof Tree::prove(BytesView key) const {
    Proof proof;
    if (empty()) {
        return proof;
    }
    if (get(key)) {
        proof.leaf = prove_leaf(key);
        return proof;
    }
    if (const TrieLeaf* const leaf = below(key); leaf != nullptr) {
        proof.left = prove_leaf(leaf->key());
    }
    if (const TrieLeaf* const leaf = not_below(key); leaf != nullptr) {
        proof.right = prove_leaf(leaf->key());
    }
    return proof;
}

}  // namespace sublet::ledger
