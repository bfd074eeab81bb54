// ics23.cpp: our proofs as ics23.CommitmentProof, checkable with the published TendermintSpec.
// Deterministic. Spec: ICS-23, docs/spec/proofs.md.
#include "ledger/ics23.hpp"

#include "codec/encode.hpp"
#include "ledger/ics23_types.hpp"

namespace sublet::ledger {
namespace {

ics23::ExistenceProof existence(const LeafProof& leaf) {
    ics23::ExistenceProof out;
    out.key = leaf.key;
    out.value = leaf.value;
    for (const PathStep& step : leaf.path) {
        ics23::InnerOp inner;
        inner.prefix = "\x01";
        (step.sibling_is_left ? inner.prefix : inner.suffix) += view_of(step.sibling);
        out.path.push_back(std::move(inner));
    }
    return out;
}

}  // namespace

Bytes encode_ics23(const Proof& proof, BytesView key) {
    ics23::CommitmentProof out;
    if (proof.leaf) {
        out.exist = existence(*proof.leaf);
        return codec::encode(out);
    }
    ics23::NonExistenceProof absent;
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
