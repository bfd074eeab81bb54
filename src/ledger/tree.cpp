// tree.cpp: the copy-on-write crit-bit Merkle tree.
// Deterministic. Spec: docs/spec/transactions.md (state and proofs), ADR 0005.
#include "ledger/tree.hpp"

#include <algorithm>
#include <array>

#include "base/assert.hpp"
#include "codec/wire.hpp"
#include "crypto/sha256.hpp"

namespace sublet::ledger {

// A leaf has no children; an inner node has two and the number of the first bit in which their keys differ.
struct Node {
    Bytes key;
    Bytes value;
    std::uint32_t bit = 0;
    NodePtr left;
    NodePtr right;
    // A cache that only the writing thread fills, before it publishes the root.
    mutable Hash hash{};
    mutable bool hashed = false;

    [[nodiscard]] bool is_leaf() const { return left == nullptr; }
};

namespace {

// Beyond its end a key reads as zeros; keys are prefix-free, so two of them never agree for ever.
unsigned byte_at(BytesView key, std::size_t index) {
    return index < key.size() ? static_cast<unsigned char>(key[index]) : 0U;
}
bool bit_at(BytesView key, std::uint32_t bit) { return ((byte_at(key, bit / 8) >> (7U - bit % 8)) & 1U) != 0; }

constexpr std::uint32_t kNoBit = ~std::uint32_t{0};

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

NodePtr make_leaf(BytesView key, BytesView value) {
    auto node = std::make_shared<Node>();
    node->key = key;
    node->value = value;
    return node;
}

NodePtr make_inner(std::uint32_t bit, NodePtr left, NodePtr right) {
    auto node = std::make_shared<Node>();
    node->bit = bit;
    node->left = std::move(left);
    node->right = std::move(right);
    return node;
}

const Node* nearest_leaf(const Node* node, BytesView key) {
    while (!node->is_leaf()) {
        node = bit_at(key, node->bit) ? node->right.get() : node->left.get();
    }
    return node;
}

NodePtr with_leaf(const NodePtr& node, const NodePtr& leaf, std::uint32_t difference) {
    if (node->is_leaf() || node->bit > difference) {
        if (difference == kNoBit) {
            return leaf;
        }
        return bit_at(leaf->key, difference) ? make_inner(difference, node, leaf) : make_inner(difference, leaf, node);
    }
    if (bit_at(leaf->key, node->bit)) {
        return make_inner(node->bit, node->left, with_leaf(node->right, leaf, difference));
    }
    return make_inner(node->bit, with_leaf(node->left, leaf, difference), node->right);
}

NodePtr without_leaf(const NodePtr& node, BytesView key) {
    if (node->is_leaf()) {
        return nullptr;
    }
    const bool to_right = bit_at(key, node->bit);
    NodePtr rest = without_leaf(to_right ? node->right : node->left, key);
    if (rest == nullptr) {
        return to_right ? node->left : node->right;
    }
    return to_right ? make_inner(node->bit, node->left, std::move(rest))
                    : make_inner(node->bit, std::move(rest), node->right);
}

const Hash& hash_of(const Node& node) {
    if (node.hashed) {
        return node.hash;
    }
    crypto::Sha256 hasher;
    if (node.is_leaf()) {
        Bytes head(1, '\0');
        codec::write_length(head, node.key);
        codec::write_varint(head, 32);
        hasher.update(head);
        hasher.update(view_of(crypto::sha256(node.value)));
    } else {
        // In one piece: three small updates cost as much as a compression.
        std::array<char, 1 + 2 * sizeof(Hash)> whole{'\x01'};
        std::ranges::copy(hash_of(*node.left), whole.begin() + 1);
        std::ranges::copy(hash_of(*node.right), whole.begin() + 1 + sizeof(Hash));
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
    const Node* const nearest = nearest_leaf(root, from);
    const std::uint32_t difference = first_difference(from, nearest->key);
    const Node* node = root;
    while (!node->is_leaf() && node->bit < difference) {
        if (bit_at(from, node->bit)) {
            node = node->right.get();
        } else {
            todo.push_back(node->right.get());
            node = node->left.get();
        }
    }
    if (!is_below(nearest->key, from, difference)) {
        todo.push_back(node);
    }
    return todo;
}

const Node* first_leaf(std::vector<const Node*>& todo) {
    const Node* node = todo.back();
    todo.pop_back();
    while (!node->is_leaf()) {
        todo.push_back(node->right.get());
        node = node->left.get();
    }
    return node;
}

// The largest leaf below `key`, or nothing.
const Node* leaf_below(const Node* root, BytesView key) {
    const Node* const nearest = nearest_leaf(root, key);
    const std::uint32_t difference = first_difference(key, nearest->key);
    const Node* candidate = nullptr;
    const Node* node = root;
    while (!node->is_leaf() && node->bit < difference) {
        if (bit_at(key, node->bit)) {
            candidate = node->left.get();
            node = node->right.get();
        } else {
            node = node->left.get();
        }
    }
    if (is_below(nearest->key, key, difference)) {
        candidate = node;
    }
    while (candidate != nullptr && !candidate->is_leaf()) {
        candidate = candidate->right.get();
    }
    return candidate;
}

LeafProof prove_leaf(const Node* root, BytesView key) {
    LeafProof proof;
    const Node* node = root;
    while (!node->is_leaf()) {
        const bool to_right = bit_at(key, node->bit);
        const Node* sibling = to_right ? node->left.get() : node->right.get();
        proof.path.push_back({to_right, hash_of(*sibling)});
        node = to_right ? node->right.get() : node->left.get();
    }
    std::ranges::reverse(proof.path);
    proof.key = node->key;
    proof.value = node->value;
    return proof;
}

}  // namespace

std::optional<BytesView> Tree::get(BytesView key) const {
    if (root_ == nullptr) {
        return std::nullopt;
    }
    const Node* const leaf = nearest_leaf(root_.get(), key);
    return leaf->key == key ? std::optional<BytesView>{leaf->value} : std::nullopt;
}

void Tree::put(BytesView key, BytesView value) {
    SUBLET_ASSERT(!key.empty() && !value.empty());
    NodePtr leaf = make_leaf(key, value);
    if (root_ == nullptr) {
        root_ = std::move(leaf);
        size_ = 1;
        return;
    }
    const Node* const nearest = nearest_leaf(root_.get(), key);
    const bool replaces = nearest->key == key;
    const std::uint32_t difference = replaces ? kNoBit : first_difference(key, nearest->key);
    SUBLET_ASSERT(replaces || difference != kNoBit);
    root_ = with_leaf(root_, leaf, difference);
    size_ += replaces ? 0U : 1U;
}

bool Tree::erase(BytesView key) {
    if (!get(key)) {
        return false;
    }
    root_ = without_leaf(root_, key);
    --size_;
    return true;
}

void Tree::visit(BytesView prefix, BytesView from, const Visitor& visitor) const {
    if (root_ == nullptr) {
        return;
    }
    std::vector<const Node*> todo = not_below(root_.get(), std::max(prefix, from));
    while (!todo.empty()) {
        const Node* const leaf = first_leaf(todo);
        if (!leaf->key.starts_with(prefix) || !visitor(leaf->key, leaf->value)) {
            return;
        }
    }
}

Hash Tree::root_hash() const { return root_ == nullptr ? crypto::sha256("") : hash_of(*root_); }

Proof Tree::prove(BytesView key) const {
    Proof proof;
    if (root_ == nullptr) {
        return proof;
    }
    if (get(key)) {
        proof.leaf = prove_leaf(root_.get(), key);
        return proof;
    }
    if (const Node* const below = leaf_below(root_.get(), key); below != nullptr) {
        proof.left = prove_leaf(root_.get(), below->key);
    }
    std::vector<const Node*> above = not_below(root_.get(), key);
    if (!above.empty()) {
        proof.right = prove_leaf(root_.get(), first_leaf(above)->key);
    }
    return proof;
}

}  // namespace sublet::ledger
