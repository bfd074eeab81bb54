// tree.hpp: the state: an ordered map that is also a Merkle tree, copy-on-write, so that a root is an immutable
// snapshot. Deterministic. Spec: docs/spec/transactions.md (state and proofs), ADR 0005.
//
// A path-compressed binary trie over raw key bytes (a crit-bit tree), leaves in key order. Hashes are those of ICS-23's
// Tendermint spec:
//   leaf  = SHA-256(0x00 ‖ varint(|key|) ‖ key ‖ 0x20 ‖ SHA-256(value)),   inner = SHA-256(0x01 ‖ left ‖ right),
//   the empty tree = SHA-256("").
// No key may be a prefix of another: every table's keys are of one length, or end in their own length-free unique part.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <vector>

#include "base/bytes.hpp"

namespace sublet::ledger {

struct Node;
using NodePtr = std::shared_ptr<const Node>;

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

class Tree {
public:
    using Visitor = std::function<bool(BytesView key, BytesView value)>;

    [[nodiscard]] bool empty() const { return root_ == nullptr; }
    [[nodiscard]] std::uint64_t size() const { return size_; }
    // The view lives as long as any tree that shares the leaf.
    [[nodiscard]] std::optional<BytesView> get(BytesView key) const;
    void put(BytesView key, BytesView value);
    bool erase(BytesView key);
    void visit(BytesView prefix, BytesView from, const Visitor& visitor) const;
    // Cached per node; only what changed is hashed again.
    [[nodiscard]] Hash root_hash() const;
    [[nodiscard]] Proof prove(BytesView key) const;

private:
    NodePtr root_;
    std::uint64_t size_ = 0;
};

// The protobuf bytes of an ics23.CommitmentProof for this proof, as `abci_query` hands it out.
Bytes encode_ics23(const Proof& proof, BytesView key);

}  // namespace sublet::ledger
