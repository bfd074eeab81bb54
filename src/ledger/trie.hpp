// trie.hpp: an ordered map of bytes whose copies are immutable snapshots: what two of them share is copied before it is
// written, what one has alone is written in place. Every node knows a summary of what is below it.
// Deterministic. Spec: ADR 0005.
//
// A path-compressed binary trie over raw key bytes (a crit-bit tree), leaves in key order; its shape depends on the
// keys alone. No key may be a prefix of another: every table's keys are of one length, or end in their own length-free
// unique part.
#pragma once

#include <functional>
#include <optional>
#include <vector>

#include "ledger/trie_node.hpp"

namespace sublet::ledger {

// Beyond its end a key reads as zeros; keys are prefix-free, so two of them never agree for ever.
inline bool bit_at(BytesView key, std::uint32_t bit) {
    if (bit / 8 >= key.size()) {
        return false;
    }
    const std::uint32_t byte = static_cast<unsigned char>(key[bit / 8]);
    return ((byte >> (7 - bit % 8)) & 1U) != 0;
}
// kNoBit when they agree.
std::uint32_t first_difference(BytesView a, BytesView b);

template <class Policy>
class Trie {
public:
    using Visitor = std::function<bool(BytesView key, BytesView value)>;
    using Place = TriePlace<Policy>;
    using Inner = TrieInner<Policy>;

    [[nodiscard]] bool empty() const { return !root_.node; }
    [[nodiscard]] std::uint64_t size() const { return size_; }
    // The view lives until this key is written, or longer in a copy of the trie.
    [[nodiscard]] std::optional<BytesView> get(BytesView key) const;
    void put(BytesView key, BytesView value);
    bool erase(BytesView key);
    // The visitor may write to the trie: it goes on over what stood there when it began.
    void visit(BytesView prefix, BytesView from, const Visitor& visitor) const;
    // Of all leaves; there is one. Cached per node: only what changed is summed up again.
    [[nodiscard]] const typename Policy::Value& summary() const { return summary_of(root_); }
    // Nothing in an empty one.
    [[nodiscard]] const TrieNode* root() const { return root_.node.get(); }
    [[nodiscard]] bool same_content(const Trie& other) const { return same(root_.node.get(), other.root_.node.get()); }

    static const typename Policy::Value& summary_of(const Place& place);

    // A trie of keys that come in ascending order, each once: a step for each instead of a walk from the root.
    class Builder {
    public:
        // False, and nothing is taken, when the key is not above the last one.
        bool append(BytesView key, BytesView value);
        Trie finish();

    private:
        // The right edge of what there is: each place is the left side of an inner node that splits at `bit`.
        struct Open {
            std::uint32_t bit = 0;
            Place left;
        };
        void close_one();

        std::vector<Open> edge_;
        Place last_;  // right of them all: the last leaf
        std::uint64_t size_ = 0;
    };

protected:
    // The largest leaf below `key` and the least not below it; nothing where there is none.
    [[nodiscard]] const TrieLeaf* below(BytesView key) const;
    [[nodiscard]] const TrieLeaf* not_below(BytesView key) const;
    [[nodiscard]] const Place& root_place() const { return root_; }

private:
    static Inner& writable(Place& place);
    static const TrieLeaf& nearest_leaf(const TrieNode* node, BytesView key);
    static std::vector<const TrieNode*> todo_from(const TrieNode* root, BytesView from);
    static const TrieLeaf& first_leaf(std::vector<const TrieNode*>& todo);
    static bool same(const TrieNode* a, const TrieNode* b);

    Place root_;
    std::uint64_t size_ = 0;
};

// For indexes that are only walked in order.
struct NoSummary {
    struct Value {};
    static Value of_leaf(BytesView, BytesView) { return {}; }
    static Value join(const Value&, const Value&) { return {}; }
};
using IndexTree = Trie<NoSummary>;

}  // namespace sublet::ledger

#include "ledger/trie_walk.hpp"
#include "ledger/trie_write.hpp"
