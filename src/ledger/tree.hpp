// tree.hpp: the state: an ordered map that is also a Merkle tree. A copy of it is an immutable snapshot: what two of
// them share is copied before it is written, what one has alone is written in place. Deterministic. Spec:
// docs/spec/transactions.md (state and proofs), ADR 0005.
//
// A path-compressed binary trie over raw key bytes (a crit-bit tree), leaves in key order. Hashes are those of ICS-23's
// Tendermint spec:
//   leaf  = SHA-256(0x00 ‖ varint(|key|) ‖ key ‖ 0x20 ‖ SHA-256(value)),   inner = SHA-256(0x01 ‖ left ‖ right),
//   the empty tree = SHA-256("").
// No key may be a prefix of another: every table's keys are of one length, or end in their own length-free unique part.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <utility>
#include <vector>

#include "base/bytes.hpp"

namespace sublet::ledger {

struct Node;

// Shared ownership of a node, counted in the node itself. Copies may be dropped by any thread.
class NodePtr {
public:
    NodePtr() = default;
    explicit NodePtr(Node* fresh) : node_(fresh) {}  // takes over the reference that a new node begins with
    NodePtr(const NodePtr& other) noexcept;
    NodePtr(NodePtr&& other) noexcept : node_(std::exchange(other.node_, nullptr)) {}
    NodePtr& operator=(NodePtr other) noexcept {
        std::swap(node_, other.node_);
        return *this;
    }
    ~NodePtr();

    [[nodiscard]] const Node* get() const { return node_; }
    const Node* operator->() const { return node_; }
    const Node& operator*() const { return *node_; }
    explicit operator bool() const { return node_ != nullptr; }
    // The node when nobody else has it and it may be written, else nothing.
    [[nodiscard]] Node* unshared() const;

private:
    Node* node_ = nullptr;
};

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

    [[nodiscard]] bool empty() const { return !root_; }
    [[nodiscard]] std::uint64_t size() const { return size_; }
    // The view lives until this key is written, or longer in a copy of the tree.
    [[nodiscard]] std::optional<BytesView> get(BytesView key) const;
    void put(BytesView key, BytesView value);
    bool erase(BytesView key);
    // The visitor may write to the tree: it goes on over what stood there when it began.
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
