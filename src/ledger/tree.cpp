// tree.cpp: the crit-bit Merkle tree: copies what snapshots share, writes in place what they do not.
// Deterministic. Spec: docs/spec/transactions.md (state and proofs), ADR 0005.
#include "ledger/tree.hpp"

#include <algorithm>
#include <array>
#include <atomic>  // NOLINT(portability-restrict-system-includes): snapshots are dropped by other threads
#include <memory>

#include "base/assert.hpp"
#include "codec/wire.hpp"
#include "crypto/sha256.hpp"

namespace sublet::ledger {

inline constexpr std::uint32_t kNoBit = ~std::uint32_t{0};

// Either a Leaf or an Inner. Hash and its flag are a cache that only the writing thread fills, before it hands out a
// snapshot.
struct Node {
    explicit Node(std::uint32_t at) : bit(at) {}
    std::atomic<std::uint32_t> owners{1};
    std::uint32_t bit;  // the first in which the keys of both sides differ; kNoBit in a leaf
    mutable bool hashed = false;
    mutable Hash hash{};

    [[nodiscard]] bool is_leaf() const { return bit == kNoBit; }
};

namespace {

struct Leaf : Node {
    Leaf(BytesView key, BytesView value) : Node(kNoBit), key_size(key.size()) {
        bytes.reserve(key.size() + value.size());
        bytes.append(key).append(value);
    }
    std::size_t key_size;
    Bytes bytes;  // key, then value

    [[nodiscard]] BytesView key() const { return BytesView{bytes}.substr(0, key_size); }
    [[nodiscard]] BytesView value() const { return BytesView{bytes}.substr(key_size); }
};

struct Inner : Node {
    Inner(std::uint32_t at, NodePtr on_left, NodePtr on_right)
        : Node(at), left(std::move(on_left)), right(std::move(on_right)) {}
    NodePtr left;
    NodePtr right;
};

const Leaf& leaf_of(const Node& node) { return static_cast<const Leaf&>(node); }
const Inner& inner_of(const Node& node) { return static_cast<const Inner&>(node); }

}  // namespace

NodePtr::NodePtr(const NodePtr& other) noexcept : node_(other.node_) {
    if (node_ != nullptr) {
        node_->owners.fetch_add(1, std::memory_order_relaxed);
    }
}

NodePtr::~NodePtr() {
    if (node_ == nullptr || node_->owners.fetch_sub(1, std::memory_order_acq_rel) != 1) {
        return;
    }
    if (node_->is_leaf()) {
        delete static_cast<Leaf*>(node_);
    } else {
        delete static_cast<Inner*>(node_);
    }
}

// Who holds the only pointer to it is the only one who could make another.
Node* NodePtr::unshared() const { return node_->owners.load(std::memory_order_acquire) == 1 ? node_ : nullptr; }

namespace {

// Beyond its end a key reads as zeros; keys are prefix-free, so two of them never agree for ever.
unsigned byte_at(BytesView key, std::size_t index) {
    return index < key.size() ? static_cast<unsigned char>(key[index]) : 0U;
}
bool bit_at(BytesView key, std::uint32_t bit) { return ((byte_at(key, bit / 8) >> (7U - bit % 8)) & 1U) != 0; }

std::uint32_t first_difference(BytesView a, BytesView b) {
    const std::size_t size = std::max(a.size(), b.size());
    for (std::size_t i = 0; i < size; ++i) {
        const unsigned differing = byte_at(a, i) ^ byte_at(b, i);
        if (differing != 0) {
            return static_cast<std::uint32_t>(i * 8) + static_cast<std::uint32_t>(__builtin_clz(differing)) - 24U;
        }
    }
    return kNoBit;
}

template <class T>
NodePtr shared_from(std::unique_ptr<T> fresh) {
    return NodePtr{fresh.release()};
}

// The inner node at a place of a tree that is being written: a copy of it when a snapshot has it too. Its hash is
// forgotten.
Inner& writable(NodePtr& place) {
    if (Node* const own = place.unshared()) {
        own->hashed = false;
        return static_cast<Inner&>(*own);
    }
    const Inner& shared = inner_of(*place);
    std::unique_ptr<Inner> copy = std::make_unique<Inner>(shared.bit, shared.left, shared.right);
    Inner& out = *copy;
    place = shared_from(std::move(copy));
    return out;
}

const Leaf& nearest_leaf(const Node* node, BytesView key) {
    while (!node->is_leaf()) {
        node = bit_at(key, node->bit) ? inner_of(*node).right.get() : inner_of(*node).left.get();
    }
    return leaf_of(*node);
}

const Hash& hash_of(const Node& node) {
    if (node.hashed) {
        return node.hash;
    }
    crypto::Sha256 hasher;
    if (node.is_leaf()) {
        Bytes head(1, '\0');
        codec::write_length(head, leaf_of(node).key());
        codec::write_varint(head, 32);
        hasher.update(head);
        hasher.update(view_of(crypto::sha256(leaf_of(node).value())));
    } else {
        // In one piece: three small updates cost as much as a compression.
        std::array<char, 1 + 2 * sizeof(Hash)> whole{'\x01'};
        std::ranges::copy(hash_of(*inner_of(node).left), whole.begin() + 1);
        std::ranges::copy(hash_of(*inner_of(node).right), whole.begin() + 1 + sizeof(Hash));
        hasher.update(BytesView{whole.data(), whole.size()});
    }
    node.hash = hasher.finish();
    node.hashed = true;
    return node.hash;
}

// Whether a leaf's key is below `key`, where `difference` is their first_difference. A key that goes on with zero bytes
// only differs in no bit: the shorter of the two is the smaller.
bool is_below(BytesView leaf_key, BytesView key, std::uint32_t difference) {
    return difference == kNoBit ? leaf_key.size() < key.size() : !bit_at(leaf_key, difference);
}

// Subtrees still to visit in ascending order, the next one on top: exactly the keys that are not below `from`.
std::vector<const Node*> not_below(const Node* root, BytesView from) {
    std::vector<const Node*> todo;
    const Leaf& nearest = nearest_leaf(root, from);
    const std::uint32_t difference = first_difference(from, nearest.key());
    const Node* node = root;
    while (!node->is_leaf() && node->bit < difference) {
        if (bit_at(from, node->bit)) {
            node = inner_of(*node).right.get();
        } else {
            todo.push_back(inner_of(*node).right.get());
            node = inner_of(*node).left.get();
        }
    }
    if (!is_below(nearest.key(), from, difference)) {
        todo.push_back(node);
    }
    return todo;
}

const Leaf& first_leaf(std::vector<const Node*>& todo) {
    const Node* node = todo.back();
    todo.pop_back();
    while (!node->is_leaf()) {
        todo.push_back(inner_of(*node).right.get());
        node = inner_of(*node).left.get();
    }
    return leaf_of(*node);
}

// The largest leaf below `key`, or nothing.
const Leaf* leaf_below(const Node* root, BytesView key) {
    const Leaf& nearest = nearest_leaf(root, key);
    const std::uint32_t difference = first_difference(key, nearest.key());
    const Node* candidate = nullptr;
    const Node* node = root;
    while (!node->is_leaf() && node->bit < difference) {
        if (bit_at(key, node->bit)) {
            candidate = inner_of(*node).left.get();
            node = inner_of(*node).right.get();
        } else {
            node = inner_of(*node).left.get();
        }
    }
    if (is_below(nearest.key(), key, difference)) {
        candidate = node;
    }
    while (candidate != nullptr && !candidate->is_leaf()) {
        candidate = inner_of(*candidate).right.get();
    }
    return candidate == nullptr ? nullptr : &leaf_of(*candidate);
}

LeafProof prove_leaf(const Node* root, BytesView key) {
    LeafProof proof;
    const Node* node = root;
    while (!node->is_leaf()) {
        const bool to_right = bit_at(key, node->bit);
        const Inner& inner = inner_of(*node);
        proof.path.push_back({to_right, hash_of(to_right ? *inner.left : *inner.right)});
        node = to_right ? inner.right.get() : inner.left.get();
    }
    std::ranges::reverse(proof.path);
    proof.key = leaf_of(*node).key();
    proof.value = leaf_of(*node).value();
    return proof;
}

}  // namespace

std::optional<BytesView> Tree::get(BytesView key) const {
    if (!root_) {
        return std::nullopt;
    }
    const Leaf& leaf = nearest_leaf(root_.get(), key);
    return leaf.key() == key ? std::optional<BytesView>{leaf.value()} : std::nullopt;
}

void Tree::put(BytesView key, BytesView value) {
    SUBLET_ASSERT(!key.empty() && !value.empty());
    NodePtr leaf =
        shared_from(std::make_unique<Leaf>(key, value));  // first: key and value may lie in the leaf that goes
    const BytesView own_key = leaf_of(*leaf).key();
    if (!root_) {
        root_ = std::move(leaf);
        size_ = 1;
        return;
    }
    const Leaf& nearest = nearest_leaf(root_.get(), own_key);
    const bool replaces = nearest.key() == own_key;
    const std::uint32_t difference = replaces ? kNoBit : first_difference(own_key, nearest.key());
    SUBLET_ASSERT(replaces || difference != kNoBit);
    NodePtr* place = &root_;
    while ((*place)->bit < difference) {  // a leaf's bit is the greatest there is
        Inner& inner = writable(*place);
        place = bit_at(own_key, inner.bit) ? &inner.right : &inner.left;
    }
    if (replaces) {
        *place = std::move(leaf);
        return;
    }
    const bool right = bit_at(own_key, difference);
    NodePtr rest = std::move(*place);
    *place = shared_from(right ? std::make_unique<Inner>(difference, std::move(rest), std::move(leaf))
                               : std::make_unique<Inner>(difference, std::move(leaf), std::move(rest)));
    ++size_;
}

bool Tree::erase(BytesView key) {
    if (!get(key)) {
        return false;
    }
    NodePtr* place = &root_;
    NodePtr* parent = nullptr;
    bool to_right = false;
    while (!(*place)->is_leaf()) {
        Inner& inner = writable(*place);
        to_right = bit_at(key, inner.bit);
        parent = place;
        place = to_right ? &inner.right : &inner.left;
    }
    NodePtr rest;
    if (parent != nullptr) {
        Inner& inner = writable(*parent);
        rest = std::move(to_right ? inner.left : inner.right);
    }
    (parent != nullptr ? *parent : root_) = std::move(rest);
    --size_;
    return true;
}

void Tree::visit(BytesView prefix, BytesView from, const Visitor& visitor) const {
    if (!root_) {
        return;
    }
    const NodePtr snapshot = root_;
    std::vector<const Node*> todo = not_below(snapshot.get(), std::max(prefix, from));
    while (!todo.empty()) {
        const Leaf& leaf = first_leaf(todo);
        if (!leaf.key().starts_with(prefix) || !visitor(leaf.key(), leaf.value())) {
            return;
        }
    }
}

Hash Tree::root_hash() const { return !root_ ? crypto::sha256("") : hash_of(*root_); }

Proof Tree::prove(BytesView key) const {
    Proof proof;
    if (!root_) {
        return proof;
    }
    if (get(key)) {
        proof.leaf = prove_leaf(root_.get(), key);
        return proof;
    }
    if (const Leaf* const below = leaf_below(root_.get(), key); below != nullptr) {
        proof.left = prove_leaf(root_.get(), below->key());
    }
    std::vector<const Node*> above = not_below(root_.get(), key);
    if (!above.empty()) {
        proof.right = prove_leaf(root_.get(), first_leaf(above).key());
    }
    return proof;
}

}  // namespace sublet::ledger
