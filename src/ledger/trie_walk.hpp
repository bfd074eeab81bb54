// trie_walk.hpp: how a trie of trie.hpp is read, which includes it.
// Deterministic. Spec: ADR 0005.
#pragma once

#include <algorithm>

#include "ledger/trie.hpp"

namespace sublet::ledger {

template <class Policy>
const TrieLeaf& Trie<Policy>::nearest_leaf(const TrieNode* node, BytesView key) {
    while (!node->is_leaf()) {
        node = inner_of<Policy>(*node).sides[bit_at(key, node->bit) ? 1 : 0].node.get();
    }
    return leaf_of(*node);
}

template <class Policy>
const typename Policy::Value& Trie<Policy>::summary_of(const Place& place) {
    if (!place.known) {
        const TrieNode& node = *place.node.get();
        if (node.is_leaf()) {
            place.summary = Policy::of_leaf(leaf_of(node).key(), leaf_of(node).value());
        } else {
            const Inner& inner = inner_of<Policy>(node);
            const typename Policy::Value& left = summary_of(inner.sides[0]);
            place.summary = Policy::join(left, summary_of(inner.sides[1]));
        }
        place.known = true;
    }
    return place.summary;
}

template <class Policy>
std::optional<BytesView> Trie<Policy>::get(BytesView key) const {
    if (empty()) {
        return std::nullopt;
    }
    const TrieLeaf& leaf = nearest_leaf(root(), key);
    return leaf.key() == key ? std::optional<BytesView>{leaf.value()} : std::nullopt;
}

// Whether a leaf's key is below `key`, where `difference` is their first_difference. A key that goes on with zero bytes
// only differs in no bit: the shorter of the two is the smaller.
inline bool is_below(BytesView leaf_key, BytesView key, std::uint32_t difference) {
    return difference == kNoBit ? leaf_key.size() < key.size() : !bit_at(leaf_key, difference);
}

// Subtrees still to visit in ascending order, the next one on top: exactly the keys that are not below `from`.
template <class Policy>
std::vector<const TrieNode*> Trie<Policy>::todo_from(const TrieNode* root, BytesView from) {
    std::vector<const TrieNode*> todo;
    const TrieLeaf& nearest = nearest_leaf(root, from);
    const std::uint32_t difference = first_difference(from, nearest.key());
    const TrieNode* node = root;
    while (!node->is_leaf() && node->bit < difference) {
        const Inner& inner = inner_of<Policy>(*node);
        if (!bit_at(from, node->bit)) {
            todo.push_back(inner.sides[1].node.get());
        }
        node = inner.sides[bit_at(from, node->bit) ? 1 : 0].node.get();
    }
    if (!is_below(nearest.key(), from, difference)) {
        todo.push_back(node);
    }
    return todo;
}

template <class Policy>
const TrieLeaf& Trie<Policy>::first_leaf(std::vector<const TrieNode*>& todo) {
    const TrieNode* node = todo.back();
    todo.pop_back();
    while (!node->is_leaf()) {
        todo.push_back(inner_of<Policy>(*node).sides[1].node.get());
        node = inner_of<Policy>(*node).sides[0].node.get();
    }
    return leaf_of(*node);
}

template <class Policy>
const TrieLeaf* Trie<Policy>::not_below(BytesView key) const {
    std::vector<const TrieNode*> todo;
    if (!empty()) {
        todo = todo_from(root(), key);
    }
    return todo.empty() ? nullptr : &first_leaf(todo);
}

template <class Policy>
const TrieLeaf* Trie<Policy>::below(BytesView key) const {
    if (empty()) {
        return nullptr;
    }
    const TrieLeaf& nearest = nearest_leaf(root(), key);
    const std::uint32_t difference = first_difference(key, nearest.key());
    const TrieNode* candidate = nullptr;
    const TrieNode* node = root();
    while (!node->is_leaf() && node->bit < difference) {
        const bool right = bit_at(key, node->bit);
        candidate = right ? inner_of<Policy>(*node).sides[0].node.get() : candidate;
        node = inner_of<Policy>(*node).sides[right ? 1 : 0].node.get();
    }
    if (is_below(nearest.key(), key, difference)) {
        candidate = node;
    }
    while (candidate != nullptr && !candidate->is_leaf()) {
        candidate = inner_of<Policy>(*candidate).sides[1].node.get();
    }
    return candidate == nullptr ? nullptr : &leaf_of(*candidate);
}

template <class Policy>
void Trie<Policy>::visit(BytesView prefix, BytesView from, const Visitor& visitor) const {
    if (empty()) {
        return;
    }
    const TriePtr<Policy> snapshot = root_.node;
    std::vector<const TrieNode*> todo = todo_from(snapshot.get(), std::max(prefix, from));
    while (!todo.empty()) {
        const TrieLeaf& leaf = first_leaf(todo);
        if (!leaf.key().starts_with(prefix) || !visitor(leaf.key(), leaf.value())) {
            return;
        }
    }
}

// The same keys make the same shape.
template <class Policy>
bool Trie<Policy>::same(const TrieNode* a, const TrieNode* b) {
    if (a == b) {
        return true;
    }
    if (a == nullptr || b == nullptr || a->bit != b->bit) {
        return false;
    }
    if (a->is_leaf()) {
        return leaf_of(*a).key() == leaf_of(*b).key() && leaf_of(*a).value() == leaf_of(*b).value();
    }
    const Inner& left = inner_of<Policy>(*a);
    const Inner& right = inner_of<Policy>(*b);
    return same(left.sides[0].node.get(), right.sides[0].node.get()) &&
           same(left.sides[1].node.get(), right.sides[1].node.get());
}

}  // namespace sublet::ledger
