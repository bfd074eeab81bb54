// tree.hpp: the state: a trie that is also a Merkle tree. Deterministic. Spec: docs/spec/transactions.md (state and
// proofs), ADR 0005.
//
// Hashes are those of ICS-23's Tendermint spec:
//   leaf  = SHA-256(0x00 ‖ varint(|key|) ‖ key ‖ 0x20 ‖ SHA-256(value)),   inner = SHA-256(0x01 ‖ left ‖ right),
//   the empty tree = SHA-256("").
#pragma once

#include <functional>
#include <optional>
#include <vector>

#include "base/result.hpp"
#include "ledger/trie.hpp"

namespace sublet::ledger {

// One step of a path, from the leaf to the root.
struct PathStep {
    bool sibling_is_left = false;
    Hash sibling{};
};

struct LeafProof {
    Bytes key;
    Bytes value;
    std::vector<PathStep> path;
};

// Existence has `leaf`; absence has the neighbours (one is missing at an end).
struct Proof {
    std::optional<LeafProof> leaf;
    std::optional<LeafProof> left;
    std::optional<LeafProof> right;
};

struct Merkle {
    using Value = Hash;
    static Hash of_leaf(BytesView key, BytesView value);
    static Hash join(const Hash& left, const Hash& right);
};

// Does work(0) … work(count − 1), in any order, on as many threads as it likes, and returns when all is done.
using Parallel = std::function<void(std::size_t count, const std::function<void(std::size_t)>& work)>;

class Tree : public Trie<Merkle> {
public:
    Tree() = default;
    explicit Tree(Trie<Merkle> leaves) : Trie(std::move(leaves)) {}
    // Cached per node; only what changed is hashed again: by `parallel`, where it is given, below a few hundred nodes.
    [[nodiscard]] Hash root_hash(const Parallel& parallel = {}) const;
    [[nodiscard]] Proof prove(BytesView key) const;

private:
    [[nodiscard]] LeafProof prove_leaf(BytesView key) const;
};

// Of pairs of key and value, ascending. Errors: kStoreDamaged (an empty one, or out of order).
template <class Rows>
Result<Tree> tree_of(const Rows& rows) {
    Tree::Builder builder;
    for (const auto& [key, value] : rows) {
        if (!builder.append(key, value)) {
            return fail(Code::kStoreDamaged, "an empty key or value, or keys that do not ascend, at " + to_hex(key));
        }
    }
    return Tree{builder.finish()};
}

}  // namespace sublet::ledger
