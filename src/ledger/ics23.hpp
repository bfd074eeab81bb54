// ics23.hpp: proofs as published verifiers read them: ics23.CommitmentProof, made and checked.
// Deterministic. Spec: docs/spec/proofs.md, ICS-23 (TendermintSpec).
#pragma once

#include "ledger/tree.hpp"

namespace sublet::ledger {

inline constexpr std::size_t kMaxProofSteps = 128;  // as published verifiers have it

// The protobuf bytes of an ics23.CommitmentProof for this proof, as `abci_query` hands it out.
Bytes encode_ics23(const Proof& proof, BytesView key);

// What the bytes of a CommitmentProof prove of `key` in the state whose root is `root`: its value, or nothing where
// they prove that it has none. Errors: kBadField (they prove neither; the message says why), the codec's (no such
// message).
Result<std::optional<Bytes>> check_ics23(BytesView bytes, BytesView key, const Hash& root);

}  // namespace sublet::ledger
