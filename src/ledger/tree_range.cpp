// tree_range.cpp: ranges cut from a tree, and a tree put together from ranges.
// Deterministic. Spec: docs/spec/consensus.md (snapshots).
#include "ledger/tree_range.hpp"

#include <algorithm>

#include "base/assert.hpp"
#include "codec/wire.hpp"

namespace sublet::ledger {
namespace {

constexpr char kRangeForm = 1;

void append_steps(Bytes& out, const std::vector<RangeStep>& steps) {
    codec::write_varint(out, steps.size());
    for (const RangeStep& step : steps) {
        append_be32(out, step.bit);
        out += view_of(step.outside);
    }
}

std::unexpected<Error> bad(const std::string& what) { return fail(Code::kMalformed, "a piece of a state: " + what); }

std::size_t varint_bytes(std::uint64_t value) {
    std::size_t out = 1;
    for (; value >= 128; value >>= 7U) {
        ++out;
    }
    return out;
}

// From the front of `rest`: from the root down, so their bits ascend.
Result<std::vector<RangeStep>> read_steps(BytesView& rest) {
    codec::Reader reader{rest};
    TRY(count, reader.varint());
    rest.remove_prefix(varint_bytes(count));
    if (count > kMaxRangeSteps || rest.size() < count * kRangeStepBytes) {
        return bad("it has a path of " + std::to_string(count) + " steps, which is too long");
    }
    std::vector<RangeStep> out(count);
    for (std::size_t i = 0; i < count; ++i) {
        Bytes wide(4, '\0');
        wide += rest.substr(0, 4);
        out[i].bit = static_cast<std::uint32_t>(read_be64(wide));
        TRY(hash, fixed_from<sizeof(Hash)>(rest.substr(4, sizeof(Hash))));
        out[i].outside = hash;
        rest.remove_prefix(kRangeStepBytes);
        if (i > 0 && out[i].bit <= out[i - 1].bit) {
            return bad("the steps of a path do not descend");
        }
    }
    return out;
}

}  // namespace

// ───── the tree above neighbours ─────

void RangeFold::close_above(std::uint32_t bit) {
    while (!open_.empty() && open_.back().bit > bit) {
        last_ = Merkle::join(open_.back().outside, last_);
        open_.pop_back();
    }
}

bool RangeFold::add(std::uint32_t bit, const Hash& next) {
    close_above(bit);
    if (!open_.empty() && open_.back().bit == bit) {
        return false;
    }
    open_.push_back({bit, last_});
    last_ = next;
    return true;
}

Hash RangeFold::finish() {
    while (!open_.empty()) {
        last_ = Merkle::join(open_.back().outside, last_);
        open_.pop_back();
    }
    return last_;
}

// ───── cutting ─────

std::vector<RangeStep> RangeMaker::outside(BytesView key, bool left) const {
    std::vector<RangeStep> out;
    const TrieNode* node = tree_.root();
    while (!node->is_leaf()) {
        const bool to_right = bit_at(key, node->bit);
        const Tree::Inner& inner = inner_of<Merkle>(*node);
        if (to_right == left) {
            out.push_back({node->bit, Tree::summary_of(inner.sides[to_right ? 0 : 1])});
        }
        node = inner.sides[to_right ? 1 : 0].node.get();
    }
    return out;
}

Result<std::optional<Bytes>> RangeMaker::next() {
    Bytes leaves;
    Bytes first;
    Bytes last;
    bool too_large = false;
    tree_.visit("", from_, [&](BytesView key, BytesView value) {
        const std::size_t before = leaves.size();
        codec::write_length(leaves, key);
        codec::write_length(leaves, value);
        too_large = key.size() > kMaxLeafKeyBytes || leaves.size() - before > kMaxLeafBytes;
        first = before == 0 ? Bytes{key} : first;
        last = key;
        ++leaves_;
        return !too_large && leaves.size() < target_bytes_;
    });
    if (too_large) {
        return fail(Code::kTooLarge, "the record at " + to_hex(last) + " is too large for a piece of a state");
    }
    if (leaves.empty()) {
        return std::nullopt;
    }
    Bytes out(1, kRangeForm);
    append_steps(out, outside(first, true));
    append_steps(out, outside(last, false));
    out += leaves;
    from_ = last + '\0';  // no key begins with another one
    return std::optional<Bytes>{std::move(out)};
}

// ───── putting together ─────

Result<RangeTaker::Parts> RangeTaker::take_apart(BytesView range) {
    if (range.size() > kMaxRangeBytes) {
        return fail(Code::kTooLarge, "a piece of a state has at most " + std::to_string(kMaxRangeBytes) + " bytes");
    }
    if (range.empty() || range.front() != kRangeForm) {
        return bad("its first byte is not that of this form");
    }
    range.remove_prefix(1);
    Parts out;
    TRY(left, read_steps(range));
    TRY(right, read_steps(range));
    out.left = std::move(left);
    out.right = std::move(right);
    out.leaf_bytes = range.size();
    codec::Reader reader{range};
    while (!reader.done()) {
        TRY(key, reader.length());
        TRY(value, reader.length());
        out.last_leaf_bytes = varint_bytes(key.size()) + key.size() + varint_bytes(value.size()) + value.size();
        if (key.empty() || key.size() > kMaxLeafKeyBytes || value.empty() || out.last_leaf_bytes > kMaxLeafBytes) {
            return bad("a key or a value is empty or too long");
        }
        out.leaves.push_back({key, value});
    }
    return out.leaves.empty() ? Result<Parts>{bad("it has no leaves")} : out;
}

// Ends where the rule says and nowhere else.
Result<> RangeTaker::well_cut(const Parts& parts) const {
    if (parts.leaf_bytes - parts.last_leaf_bytes >= target_bytes_) {
        return bad("it goes on behind its end");
    }
    if (parts.leaf_bytes < target_bytes_ && !parts.right.empty()) {
        return bad("it ends too early");
    }
    return {};
}

// Over all that was taken and this range.
Result<RangeFold> RangeTaker::folded(const Parts& parts) const {
    RangeFold out = fold_;
    BytesView before = last_key_;
    for (const Leaf& leaf : parts.leaves) {
        const Hash hash = Merkle::of_leaf(leaf.key, leaf.value);
        if (before.empty()) {
            out.begin(hash);
        } else {
            const std::uint32_t bit = first_difference(before, leaf.key);
            if (bit == kNoBit || !bit_at(leaf.key, bit) || !out.add(bit, hash)) {
                return bad("its keys do not ascend at " + to_hex(leaf.key));
            }
        }
        if (&leaf == &parts.leaves.front() && out.left() != parts.left) {
            return bad("it does not begin where the one before it ended");
        }
        before = leaf.key;
    }
    RangeFold whole = out;
    for (auto step = parts.right.rbegin(); step != parts.right.rend(); ++step) {
        if (!whole.add(step->bit, step->outside)) {
            return bad("a step of its path is where no tree has one");
        }
    }
    if (whole.finish() != root_) {
        return bad("it is not of the state with root " + to_hex(view_of(root_)));
    }
    return out;
}

Result<> RangeTaker::take(BytesView range) {
    if (complete_) {
        return bad("one came after the last");
    }
    TRY(parts, take_apart(range));
    TRY_OK(well_cut(parts));
    TRY(fold, folded(parts));
    // From here on it is known to be a piece of the state.
    fold_ = std::move(fold);
    for (const Leaf& leaf : parts.leaves) {
        SUBLET_ASSERT(builder_.append(leaf.key, leaf.value));
    }
    last_key_ = parts.leaves.back().key;
    complete_ = parts.right.empty();
    return {};
}

Tree RangeTaker::finish() {
    SUBLET_ASSERT(complete_);
    return Tree{builder_.finish()};
}

}  // namespace sublet::ledger
