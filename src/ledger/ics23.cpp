// ics23.cpp: our proofs as ics23.CommitmentProof, checkable with the published TendermintSpec.
// Deterministic. Spec: ICS-23, docs/spec/transactions.md (state and proofs).
#include "codec/encode.hpp"
#include "ledger/tree.hpp"

namespace sublet::ledger {
namespace {

struct LeafOp {
    std::uint32_t hash = 1;           // SHA256
    std::uint32_t prehash_key = 0;    // NO_HASH
    std::uint32_t prehash_value = 1;  // SHA256
    std::uint32_t length = 1;         // VAR_PROTO
    Bytes prefix = Bytes(1, '\0');
    static constexpr auto fields() {
        using codec::field;
        return codec::list(field(1, "hash", &LeafOp::hash), field(2, "prehash_key", &LeafOp::prehash_key),
                           field(3, "prehash_value", &LeafOp::prehash_value), field(4, "length", &LeafOp::length),
                           field(5, "prefix", &LeafOp::prefix));
    }
};

struct InnerOp {
    std::uint32_t hash = 1;
    Bytes prefix;
    Bytes suffix;
    static constexpr auto fields() {
        using codec::field;
        return codec::list(field(1, "hash", &InnerOp::hash), field(2, "prefix", &InnerOp::prefix),
                           field(3, "suffix", &InnerOp::suffix));
    }
};

struct ExistenceProof {
    Bytes key;
    Bytes value;
    std::optional<LeafOp> leaf = LeafOp{};
    std::vector<InnerOp> path;
    static constexpr auto fields() {
        using codec::field;
        return codec::list(field(1, "key", &ExistenceProof::key), field(2, "value", &ExistenceProof::value),
                           field(3, "leaf", &ExistenceProof::leaf), field(4, "path", &ExistenceProof::path));
    }
};

struct NonExistenceProof {
    Bytes key;
    std::optional<ExistenceProof> left;
    std::optional<ExistenceProof> right;
    static constexpr auto fields() {
        using codec::field;
        return codec::list(field(1, "key", &NonExistenceProof::key), field(2, "left", &NonExistenceProof::left),
                           field(3, "right", &NonExistenceProof::right));
    }
};

struct CommitmentProof {
    std::optional<ExistenceProof> exist;
    std::optional<NonExistenceProof> nonexist;
    static constexpr auto fields() {
        return codec::list(codec::field(1, "exist", &CommitmentProof::exist),
                           codec::field(2, "nonexist", &CommitmentProof::nonexist));
    }
};

ExistenceProof existence(const LeafProof& leaf) {
    ExistenceProof out;
    out.key = leaf.key;
    out.value = leaf.value;
    for (const PathStep& step : leaf.path) {
        InnerOp inner;
        inner.prefix = "\x01";
        (step.sibling_is_left ? inner.prefix : inner.suffix) += view_of(step.sibling);
        out.path.push_back(std::move(inner));
    }
    return out;
}

}  // namespace

Bytes encode_ics23(const Proof& proof, BytesView key) {
    CommitmentProof out;
    if (proof.leaf) {
        out.exist = existence(*proof.leaf);
        return codec::encode(out);
    }
    NonExistenceProof absent;
    absent.key = key;
    if (proof.left) {
        absent.left = existence(*proof.left);
    }
    if (proof.right) {
        absent.right = existence(*proof.right);
    }
    out.nonexist = std::move(absent);
    return codec::encode(out);
}

}  // namespace sublet::ledger
