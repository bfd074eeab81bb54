// trie_write.hpp: how a trie of trie.hpp changes, which includes it.
// Deterministic. Spec: ADR 0005.
#pragma once

#include <memory>

#include "ledger/trie.hpp"

namespace sublet::ledger {

// What was just made, in the care of its own count.
template <class Policy>
TriePtr<Policy> owned(std::unique_ptr<TrieInner<Policy>> fresh) {
    return TriePtr<Policy>{fresh.release()};
}

// The inner node at a place of a trie that is being written: a copy of it when a snapshot has it too. The place's
// summary is forgotten.
template <class Policy>
auto Trie<Policy>::writable(Place& place) -> Inner& {
    place.known = false;
    if (!place.node.is_unshared()) {
        const Inner& shared = inner_of<Policy>(*place.node.get());
        place.node = owned<Policy>(std::make_unique<Inner>(shared.bit, shared.sides[0], shared.sides[1]));
    }
    return static_cast<Inner&>(*place.node.get());
}

template <class Policy>
void Trie<Policy>::put(BytesView key, BytesView value) {
    SUBLET_ASSERT(!key.empty() && !value.empty());
    // First: key and value may lie in the leaf that goes.
    Place fresh{.node = TriePtr<Policy>{TrieLeaf::make(key, value)}};
    const BytesView own_key = leaf_of(*fresh.node.get()).key();
    if (empty()) {
        root_ = std::move(fresh);
        size_ = 1;
        return;
    }
    const TrieLeaf& nearest = nearest_leaf(root(), own_key);
    const bool replaces = nearest.key() == own_key;
    const std::uint32_t difference = replaces ? kNoBit : first_difference(own_key, nearest.key());
    SUBLET_ASSERT(replaces || difference != kNoBit);
    Place* place = &root_;
    while (place->node->bit < difference) {  // a leaf's bit is the greatest there is
        Inner& inner = writable(*place);
        place = &inner.sides[bit_at(own_key, inner.bit) ? 1 : 0];
    }
    if (replaces) {
        *place = std::move(fresh);
        return;
    }
    Place rest = std::move(*place);
    const bool right = bit_at(own_key, difference);
    *place =
        Place{.node = owned<Policy>(right ? std::make_unique<Inner>(difference, std::move(rest), std::move(fresh))
                                          : std::make_unique<Inner>(difference, std::move(fresh), std::move(rest)))};
    ++size_;
}

template <class Policy>
void Trie<Policy>::Builder::close_one() {
    Open open = std::move(edge_.back());
    edge_.pop_back();
    last_ = Place{
        .node = owned<Policy>(std::make_unique<Inner>(open.bit, std::move(open.left), std::exchange(last_, Place{})))};
}

template <class Policy>
bool Trie<Policy>::Builder::append(BytesView key, BytesView value) {
    if (key.empty() || value.empty()) {
        return false;
    }
    if (size_ > 0) {
        const std::uint32_t difference = first_difference(leaf_of(*last_.node.get()).key(), key);
        if (difference == kNoBit || !bit_at(key, difference)) {
            return false;
        }
        while (!edge_.empty() && edge_.back().bit > difference) {
            close_one();
        }
        edge_.push_back({difference, std::exchange(last_, Place{})});
    }
    last_ = Place{.node = TriePtr<Policy>{TrieLeaf::make(key, value)}};
    ++size_;
    return true;
}

template <class Policy>
auto Trie<Policy>::Builder::finish() -> Trie {
    while (!edge_.empty()) {
        close_one();
    }
    Trie out;
    out.root_ = std::exchange(last_, Place{});
    out.size_ = std::exchange(size_, 0);
    return out;
}

template <class Policy>
bool Trie<Policy>::erase(BytesView key) {
    if (!get(key)) {
        return false;
    }
    Place* place = &root_;
    Place* parent = nullptr;
    std::size_t side = 0;
    while (!place->node->is_leaf()) {
        Inner& inner = writable(*place);
        side = bit_at(key, inner.bit) ? 1 : 0;
        parent = place;
        place = &inner.sides[side];
    }
    Place rest;
    if (parent != nullptr) {
        rest = std::move(static_cast<Inner&>(*parent->node.get()).sides[1 - side]);
    }
    (parent != nullptr ? *parent : root_) = std::move(rest);
    --size_;
    return true;
}

}  // namespace sublet::ledger
