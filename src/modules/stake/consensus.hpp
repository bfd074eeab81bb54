// consensus.hpp: what the engine tells of its validators, and what it is told.
// Deterministic. Spec: docs/spec/stake.md (the engine's set).
#pragma once

#include <vector>

#include "codec/fields.hpp"
#include "crypto/sha256.hpp"

namespace sublet::stake {

// Of a validator in votes and evidence: the first 20 bytes of SHA-256(ed25519 key), as CometBFT makes it.
using ConsensusAddress = FixedBytes<20>;
inline ConsensusAddress consensus_address(const Hash& key) {
    const Hash digest = crypto::sha256(view_of(key));
    ConsensusAddress out{};
    for (std::size_t i = 0; i < out.size(); ++i) {
        out[i] = digest[i];
    }
    return out;
}

// Of the commit of the block before.
struct Vote {
    ConsensusAddress address{};
    std::uint64_t power = 0;
    bool present = false;  // a vote for the block or for none; false: nothing came
};

enum class Offence : std::uint8_t { kUnknown = 0, kTwoVotes = 1, kLightClientAttack = 2 };

struct Misbehavior {
    ConsensusAddress address{};
    Height height;   // at which it was done
    BlockTime time;  // of that block
    std::uint64_t total_power = 0;
    Offence offence = Offence::kUnknown;
};

// For the engine: power 0 takes a validator out of its set.
struct Update {
    Hash key{};  // ed25519
    std::uint64_t power = 0;
    bool operator==(const Update&) const = default;
};

// A validator of the genesis: power that was granted, without stake.
struct Founder {
    std::string address;  // bech32, of its operator
    Bytes public_key;     // ed25519, 32 bytes
    std::uint64_t power = 0;
    std::string name;
    static constexpr auto fields() {
        using codec::field;
        return codec::list(field(1, "address", &Founder::address),
                           codec::raw_field(2, "public_key", &Founder::public_key), field(3, "power", &Founder::power),
                           field(4, "name", &Founder::name));
    }
};

}  // namespace sublet::stake
