// ics23_types.hpp: ICS-23's messages, with the values of the Tendermint spec where it leaves no choice. Private to the
// room. Deterministic. Spec: ICS-23, cosmos/ics23/v1/proofs.proto.
#pragma once

#include <optional>
#include <vector>

#include "codec/fields.hpp"

namespace sublet::ledger::ics23 {

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
                           codec::raw_field(5, "prefix", &LeafOp::prefix));
    }
};

struct InnerOp {
    std::uint32_t hash = 1;
    Bytes prefix;
    Bytes suffix;
    static constexpr auto fields() {
        using codec::field;
        return codec::list(field(1, "hash", &InnerOp::hash), codec::raw_field(2, "prefix", &InnerOp::prefix),
                           codec::raw_field(3, "suffix", &InnerOp::suffix));
    }
};

struct ExistenceProof {
    Bytes key;
    Bytes value;
    std::optional<LeafOp> leaf = LeafOp{};
    std::vector<InnerOp> path;
    static constexpr auto fields() {
        using codec::field;
        return codec::list(codec::raw_field(1, "key", &ExistenceProof::key),
                           codec::raw_field(2, "value", &ExistenceProof::value),
                           field(3, "leaf", &ExistenceProof::leaf), field(4, "path", &ExistenceProof::path));
    }
};

struct NonExistenceProof {
    Bytes key;
    std::optional<ExistenceProof> left;
    std::optional<ExistenceProof> right;
    static constexpr auto fields() {
        using codec::field;
        return codec::list(codec::raw_field(1, "key", &NonExistenceProof::key),
                           field(2, "left", &NonExistenceProof::left), field(3, "right", &NonExistenceProof::right));
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

}  // namespace sublet::ledger::ics23
