// types.hpp: the parts that requests and responses share, named and numbered as in CometBFT's contract (ABCI 2.0).
// Numbers that are signed there are never below zero.
// Spec: CometBFT v0.38 to v0.40, proto/tendermint/abci/types.proto.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "codec/fields.hpp"

namespace sublet::abci {

using codec::field;
using codec::list;
using codec::raw_field;

struct Timestamp {
    std::uint64_t seconds = 0;  // since 1970
    std::uint32_t nanos = 0;
    static constexpr auto fields() {
        return list(field(1, "seconds", &Timestamp::seconds), field(2, "nanos", &Timestamp::nanos));
    }
};

struct PublicKey {  // one of them
    std::optional<Bytes> ed25519;
    std::optional<Bytes> secp256k1;
    static constexpr auto fields() {
        return list(raw_field(1, "ed25519", &PublicKey::ed25519), raw_field(2, "secp256k1", &PublicKey::secp256k1));
    }
};

struct ValidatorUpdate {
    PublicKey pub_key;
    std::uint64_t power = 0;  // 0: removed
    static constexpr auto fields() {
        return list(field(1, "pub_key", &ValidatorUpdate::pub_key), field(2, "power", &ValidatorUpdate::power));
    }
};

struct Validator {
    Bytes address;  // the first 20 bytes of SHA-256(public key)
    std::uint64_t power = 0;
    static constexpr auto fields() {
        return list(raw_field(1, "address", &Validator::address), field(3, "power", &Validator::power));
    }
};

enum class BlockIdFlag : std::uint8_t { kUnknown = 0, kAbsent = 1, kCommit = 2, kNil = 3 };
inline bool valid(BlockIdFlag /*flag*/) { return true; }

struct VoteInfo {
    Validator validator;
    BlockIdFlag block_id_flag = BlockIdFlag::kUnknown;
    static constexpr auto fields() {
        return list(field(1, "validator", &VoteInfo::validator), field(3, "block_id_flag", &VoteInfo::block_id_flag));
    }
};

struct CommitInfo {
    std::uint32_t round = 0;
    std::vector<VoteInfo> votes;
    static constexpr auto fields() {
        return list(field(1, "round", &CommitInfo::round), field(2, "votes", &CommitInfo::votes));
    }
};

struct Misbehavior {
    std::uint32_t type = 0;  // 1: two votes for one height and round; 2: an attack on light clients
    Validator validator;
    std::uint64_t height = 0;
    Timestamp time;
    std::uint64_t total_voting_power = 0;
    static constexpr auto fields() {
        return list(field(1, "type", &Misbehavior::type), field(2, "validator", &Misbehavior::validator),
                    field(3, "height", &Misbehavior::height), field(4, "time", &Misbehavior::time),
                    field(5, "total_voting_power", &Misbehavior::total_voting_power));
    }
};

struct EventAttribute {
    std::string key;
    std::string value;
    bool index = false;
    static constexpr auto fields() {
        return list(field(1, "key", &EventAttribute::key), field(2, "value", &EventAttribute::value),
                    field(3, "index", &EventAttribute::index));
    }
};

struct Event {
    std::string type;
    std::vector<EventAttribute> attributes;
    static constexpr auto fields() {
        return list(field(1, "type", &Event::type), field(2, "attributes", &Event::attributes));
    }
};

struct Snapshot {
    std::uint64_t height = 0;
    std::uint32_t format = 0;
    std::uint32_t chunks = 0;
    Bytes hash;
    Bytes metadata;
    static constexpr auto fields() {
        return list(field(1, "height", &Snapshot::height), field(2, "format", &Snapshot::format),
                    field(3, "chunks", &Snapshot::chunks), raw_field(4, "hash", &Snapshot::hash),
                    raw_field(5, "metadata", &Snapshot::metadata));
    }
};

}  // namespace sublet::abci
