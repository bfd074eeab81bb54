// tree_range.hpp: a state cut into ranges of leaves, each of which shows against the root alone that it is a whole
// piece of it: what snapshots and exported states are made of. Deterministic. Spec: docs/spec/consensus.md (snapshots).
//
// A range is   01 ‖ varint count ‖ steps on its left ‖ varint count ‖ steps on its right ‖ leaves,
//   step = 4 bytes bit ‖ 32 bytes hash of the subtree outside,   leaf = varint |key| ‖ key ‖ varint |value| ‖ value.
// Steps go from the root down, with the bit at which the keys below that inner node part. The state alone decides where
// ranges end, so two nodes cut the same.
#pragma once

#include <optional>
#include <vector>

#include "ledger/tree.hpp"

namespace sublet::ledger {

inline constexpr std::size_t kRangeBytes = 8'000'000;    // a range ends with the leaf that reaches it, in encoded bytes
inline constexpr std::size_t kMaxLeafBytes = 4U << 20U;  // an encoded leaf; a transaction, which makes them, has 64 KiB
inline constexpr std::size_t kMaxLeafKeyBytes = 128;     // the longest of ours has about 60
inline constexpr std::size_t kMaxRangeSteps = kMaxLeafKeyBytes * 8;  // on one side
inline constexpr std::size_t kRangeStepBytes = 4 + sizeof(Hash);
inline constexpr std::size_t kMaxRangeBytes =
    1 + 2 * (2 + kMaxRangeSteps * kRangeStepBytes) + kRangeBytes + kMaxLeafBytes;
static_assert(kMaxRangeBytes < 16'000'000 - 1'024, "CometBFT's message with a chunk has at most 16 MB");

struct RangeStep {
    std::uint32_t bit = 0;
    Hash outside{};
    bool operator==(const RangeStep&) const = default;
};

// Neighbouring subtrees, from left to right, as the tree above them: a step for each, and the root in the end.
class RangeFold {
public:
    void begin(const Hash& first) { last_ = first; }
    // What comes next parts from what there is at `bit`. False: no tree has that bit there.
    [[nodiscard]] bool add(std::uint32_t bit, const Hash& next);
    [[nodiscard]] Hash finish();
    // What lies on the left of the last one added, from the root down.
    [[nodiscard]] const std::vector<RangeStep>& left() const { return open_; }

private:
    void close_above(std::uint32_t bit);

    std::vector<RangeStep> open_;
    Hash last_{};
};

class RangeMaker {
public:
    // `target_bytes` is kRangeBytes but in tests. The tree's hashes are known.
    explicit RangeMaker(Tree tree, std::size_t target_bytes = kRangeBytes)
        : tree_(std::move(tree)), target_bytes_(target_bytes) {}
    // The next range; nothing after the last. Errors: kTooLarge (a leaf that no range takes).
    Result<std::optional<Bytes>> next();
    [[nodiscard]] std::uint64_t leaves() const { return leaves_; }  // in the ranges so far

private:
    [[nodiscard]] std::vector<RangeStep> outside(BytesView key, bool left) const;

    Tree tree_;
    std::size_t target_bytes_;
    Bytes from_;  // keys below it are in ranges already
    std::uint64_t leaves_ = 0;
};

// Puts a tree of this root together from its ranges, in their order. Nothing but the root is trusted: a range with
// leaves that are missing, added, changed or in another order is refused, and so is one that is cut elsewhere.
class RangeTaker {
public:
    explicit RangeTaker(const Hash& root, std::size_t target_bytes = kRangeBytes)
        : root_(root), target_bytes_(target_bytes) {}
    // Errors: kMalformed (with what is wrong), kTooLarge; nothing is taken then, and another one may be tried.
    Result<> take(BytesView range);
    [[nodiscard]] bool complete() const { return complete_; }
    // The tree, once it is complete; asked once.
    Tree finish();

private:
    struct Leaf {
        BytesView key;
        BytesView value;
    };
    struct Parts {
        std::vector<RangeStep> left;
        std::vector<RangeStep> right;
        std::vector<Leaf> leaves;
        std::size_t leaf_bytes = 0;
        std::size_t last_leaf_bytes = 0;
    };
    static Result<Parts> take_apart(BytesView range);
    [[nodiscard]] Result<> well_cut(const Parts& parts) const;
    [[nodiscard]] Result<RangeFold> folded(const Parts& parts) const;

    Hash root_;
    std::size_t target_bytes_;
    RangeFold fold_;  // over all that was taken
    Bytes last_key_;  // of it; empty before the first range
    Tree::Builder builder_;
    bool complete_ = false;
};

}  // namespace sublet::ledger
