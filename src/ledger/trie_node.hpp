// trie_node.hpp: what a trie is made of: leaves with key and value, inner nodes with two sides, and who owns them.
// Deterministic. Spec: ADR 0005.
//
// A summary is what a node says of all leaves below it: a hash, the least of something, nothing. A policy has
//   Value, of_leaf(key, value) and join(left, right).
// A parent keeps the summaries of its two sides, so that neither hashing nor searching reads a node only to pass it by.
#pragma once

#include <array>
#include <atomic>  // NOLINT(portability-restrict-system-includes): snapshots are dropped by other threads
#include <cstdint>
#include <cstring>
#include <new>
#include <utility>

#include "base/assert.hpp"
#include "base/bytes.hpp"

namespace sublet::ledger {

inline constexpr std::uint32_t kNoBit = ~std::uint32_t{0};

struct TrieNode {
    explicit TrieNode(std::uint32_t at) : bit(at) {}
    std::atomic<std::uint32_t> owners{1};
    std::uint32_t bit;  // the first in which the keys of both sides differ; kNoBit in a leaf

    [[nodiscard]] bool is_leaf() const { return bit == kNoBit; }
};

// One piece of memory: this head, then the key, then the value.
struct TrieLeaf : TrieNode {
    std::uint32_t key_size;
    std::uint32_t value_size;

    [[nodiscard]] BytesView key() const { return {bytes(), key_size}; }
    [[nodiscard]] BytesView value() const { return {bytes() + key_size, value_size}; }

    static TrieLeaf* make(BytesView key, BytesView value) {
        SUBLET_ASSERT(key.size() < kNoBit / 8 && value.size() < kNoBit);
        void* const memory = ::operator new(sizeof(TrieLeaf) + key.size() + value.size());
        TrieLeaf* const leaf =
            new (memory) TrieLeaf{static_cast<std::uint32_t>(key.size()), static_cast<std::uint32_t>(value.size())};
        char* const to = reinterpret_cast<char*>(leaf + 1);
        std::memcpy(to, key.data(), key.size());
        std::memcpy(to + key.size(), value.data(), value.size());
        return leaf;
    }
    static void destroy(TrieLeaf* leaf) {
        leaf->~TrieLeaf();
        ::operator delete(leaf);
    }

private:
    TrieLeaf(std::uint32_t key_bytes, std::uint32_t value_bytes)
        : TrieNode(kNoBit), key_size(key_bytes), value_size(value_bytes) {}
    [[nodiscard]] const char* bytes() const { return reinterpret_cast<const char*>(this + 1); }
};

template <class Policy>
struct TrieInner;

// Shared ownership of a node, counted in the node itself. Copies may be dropped by any thread.
template <class Policy>
class TriePtr {
public:
    TriePtr() = default;
    explicit TriePtr(TrieNode* fresh) : node_(fresh) {}  // takes over the reference that a new node begins with
    TriePtr(const TriePtr& other) noexcept : node_(other.node_) {
        if (node_ != nullptr) {
            node_->owners.fetch_add(1, std::memory_order_relaxed);
        }
    }
    TriePtr(TriePtr&& other) noexcept : node_(std::exchange(other.node_, nullptr)) {}
    TriePtr& operator=(TriePtr other) noexcept {
        std::swap(node_, other.node_);
        return *this;
    }
    ~TriePtr() {
        // Who holds the only pointer need not count: nobody else could be counting.
        if (node_ == nullptr || (node_->owners.load(std::memory_order_acquire) != 1 &&
                                 node_->owners.fetch_sub(1, std::memory_order_acq_rel) != 1)) {
            return;
        }
        if (node_->is_leaf()) {
            TrieLeaf::destroy(static_cast<TrieLeaf*>(node_));
        } else {
            delete static_cast<TrieInner<Policy>*>(node_);
        }
    }

    [[nodiscard]] TrieNode* get() const { return node_; }
    TrieNode* operator->() const { return node_; }
    explicit operator bool() const { return node_ != nullptr; }
    // Who holds the only pointer to it is the only one who could make another.
    [[nodiscard]] bool is_unshared() const { return node_->owners.load(std::memory_order_acquire) == 1; }

private:
    TrieNode* node_ = nullptr;
};

// A place where a subtree hangs, and its summary: a cache that only the writing thread fills, before it hands out a
// snapshot.
template <class Policy>
struct TriePlace {
    TriePtr<Policy> node;
    mutable bool known = false;
    [[no_unique_address]] mutable typename Policy::Value summary{};
};

template <class Policy>
struct TrieInner : TrieNode {
    TrieInner(std::uint32_t at, TriePlace<Policy> left, TriePlace<Policy> right)
        : TrieNode(at), sides{std::move(left), std::move(right)} {}
    std::array<TriePlace<Policy>, 2> sides;  // the keys with a 0 there, those with a 1
};

template <class Policy>
const TrieInner<Policy>& inner_of(const TrieNode& node) {
    return static_cast<const TrieInner<Policy>&>(node);
}
inline const TrieLeaf& leaf_of(const TrieNode& node) { return static_cast<const TrieLeaf&>(node); }

}  // namespace sublet::ledger
