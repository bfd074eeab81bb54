// ics23_check.cpp: what a CommitmentProof proves. Only the one operation of the Tendermint spec is known here.
// Deterministic. Spec: docs/spec/proofs.md, docs/spec/light-client.md, ICS-23.
#include <algorithm>

#include "codec/decode.hpp"
#include "ledger/ics23.hpp"
#include "ledger/ics23_types.hpp"

namespace sublet::ledger {
namespace {

using Steps = std::vector<PathStep>;  // from the leaf to the root

std::unexpected<Error> unproved(const char* why) {
    return fail(Code::kBadField, std::string{"the proof proves nothing: "} + why);
}

Result<Steps> steps_of(const std::vector<ics23::InnerOp>& path) {
    if (path.size() > kMaxProofSteps) {
        return unproved("its path is longer than any can be");
    }
    Steps out;
    for (const ics23::InnerOp& inner : path) {
        const bool left = inner.prefix.size() == 1 + Hash{}.size() && inner.suffix.empty();
        const bool right = inner.prefix.size() == 1 && inner.suffix.size() == Hash{}.size();
        if (inner.hash != ics23::InnerOp{}.hash || left == right || inner.prefix.front() != '\1') {
            return unproved("a step of its path is no inner node");
        }
        TRY(sibling, fixed_from<Hash{}.size()>(left ? BytesView{inner.prefix}.substr(1) : BytesView{inner.suffix}));
        out.push_back({.sibling_is_left = left, .sibling = sibling});
    }
    return out;
}

// The leaf is in the state: its path ends at the root.
Result<Steps> check_leaf(const ics23::ExistenceProof& proof, const Hash& root) {
    if (!proof.leaf || codec::encode(*proof.leaf) != codec::encode(ics23::LeafOp{})) {
        return unproved("its leaf is made by other rules");
    }
    if (proof.key.empty() || proof.value.empty()) {
        return unproved("a leaf has a key and a value");
    }
    TRY(steps, steps_of(proof.path));
    Hash hash = Merkle::of_leaf(proof.key, proof.value);
    for (const PathStep& step : steps) {
        hash = step.sibling_is_left ? Merkle::join(step.sibling, hash) : Merkle::join(hash, step.sibling);
    }
    if (hash != root) {
        return unproved("it is of another state");
    }
    return steps;
}

bool same(const PathStep& a, const PathStep& b) {
    return a.sibling_is_left == b.sibling_is_left && a.sibling == b.sibling;
}

// Below the first `from_root` steps every sibling is on this side: the leaf is the outermost one on the other.
bool all_on(const Steps& steps, std::size_t from_root, bool left) {
    return std::all_of(steps.begin(), steps.end() - static_cast<std::ptrdiff_t>(from_root),
                       [&](const PathStep& step) { return step.sibling_is_left == left; });
}

// No leaf lies between the two: they part at one node, the left one keeps to its right edge, the right one to its left.
bool side_by_side(const Steps& left, const Steps& right) {
    std::size_t shared = 0;
    const std::size_t shorter = std::min(left.size(), right.size());
    while (shared < shorter && same(left[left.size() - 1 - shared], right[right.size() - 1 - shared])) {
        ++shared;
    }
    if (shared == shorter) {
        return false;
    }
    const bool parts =
        !left[left.size() - 1 - shared].sibling_is_left && right[right.size() - 1 - shared].sibling_is_left;
    return parts && all_on(left, shared + 1, true) && all_on(right, shared + 1, false);
}

Result<> check_absence(const ics23::NonExistenceProof& proof, BytesView key, const Hash& root) {
    if (proof.key != key) {
        return unproved("it is of another key");
    }
    if (!proof.left && !proof.right) {
        return unproved("absence is shown by a neighbour");
    }
    if ((proof.left && BytesView{proof.left->key} >= key) || (proof.right && BytesView{proof.right->key} <= key)) {
        return unproved("the key does not lie between its neighbours");
    }
    Steps left;
    Steps right;
    if (proof.left) {
        TRY(steps, check_leaf(*proof.left, root));
        left = std::move(steps);
    }
    if (proof.right) {
        TRY(steps, check_leaf(*proof.right, root));
        right = std::move(steps);
    }
    const bool next = !proof.left    ? all_on(right, 0, false)
                      : !proof.right ? all_on(left, 0, true)
                                     : side_by_side(left, right);
    if (!next) {
        return unproved("its neighbours are not next to each other");
    }
    return {};
}

}  // namespace

Result<std::optional<Bytes>> check_ics23(BytesView bytes, BytesView key, const Hash& root) {
    TRY(proof, codec::decode<ics23::CommitmentProof>(bytes));
    if (proof.exist.has_value() == proof.nonexist.has_value()) {
        return unproved("it is of existence or of absence, one of them");
    }
    if (proof.nonexist) {
        TRY_OK(check_absence(*proof.nonexist, key, root));
        return std::optional<Bytes>{};
    }
    if (proof.exist->key != key) {
        return unproved("it is of another key");
    }
    TRY(steps, check_leaf(*proof.exist, root));
    (void)steps;
    return std::optional<Bytes>{std::move(proof.exist->value)};
}

}  // namespace sublet::ledger
