// light_block.hpp: a block as those see it who do not execute it: its header, who signed it, who might. Named and
// numbered as in CometBFT's contract. Spec: docs/spec/light-client.md; CometBFT v0.38 to v0.40, types/block.go,
// proto/tendermint/types.
#pragma once

#include <compare>
#include <cstdint>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <vector>

#include "codec/fields.hpp"
#include "crypto/ed25519.hpp"

namespace sublet::client::light {

inline constexpr std::size_t kMaxValidators = 1'000;
inline constexpr std::size_t kMaxChainIdBytes = 50;  // CometBFT's MaxChainIDLen

struct Time {
    std::uint64_t seconds = 0;  // since 1970
    std::uint32_t nanos = 0;
    static constexpr auto fields() {
        using codec::field;
        return codec::list(field(1, "seconds", &Time::seconds), field(2, "nanos", &Time::nanos));
    }
    auto operator<=>(const Time&) const = default;
};

struct PartSetHeader {
    std::uint32_t total = 0;
    Bytes hash;
    static constexpr auto fields() {
        using codec::field;
        return codec::list(field(1, "total", &PartSetHeader::total), codec::raw_field(2, "hash", &PartSetHeader::hash));
    }
};

struct BlockId {
    Bytes hash;
    std::optional<PartSetHeader> parts = PartSetHeader{};  // written also where it is empty
    static constexpr auto fields() {
        using codec::field;
        return codec::list(codec::raw_field(1, "hash", &BlockId::hash), field(2, "part_set_header", &BlockId::parts));
    }
};

struct Version {
    std::uint64_t block = 0;
    std::uint64_t app = 0;
    static constexpr auto fields() {
        using codec::field;
        return codec::list(field(1, "block", &Version::block), field(2, "app", &Version::app));
    }
};

// Hashes are of 32 bytes, or empty.
struct Header {
    Version version;
    std::string chain_id;
    std::uint64_t height = 0;
    Time time;
    BlockId last_block_id;
    Bytes last_commit_hash;
    Bytes data_hash;
    Bytes validators_hash;
    Bytes next_validators_hash;
    Bytes consensus_hash;
    Bytes app_hash;  // of the state that the block before left
    Bytes last_results_hash;
    Bytes evidence_hash;
    Bytes proposer_address;
};

enum class VoteFor : std::uint8_t { kNobody = 1, kBlock = 2, kNil = 3 };  // CometBFT's BlockIDFlag

struct VoteSignature {
    VoteFor vote = VoteFor::kNobody;
    Bytes address;  // of the validator; this and what follows are empty where nobody voted
    Time time;
    Bytes signature;
};

struct Commit {
    std::uint64_t height = 0;
    std::uint32_t round = 0;
    BlockId block_id;
    std::vector<VoteSignature> signatures;  // one for each validator, in their order
};

struct Validator {
    crypto::Ed25519PublicKey key{};
    std::uint64_t power = 0;
};

struct Block {
    Header header;
    Commit commit;
    std::vector<Validator> validators;  // in the order in which they are hashed
};

// One answer to `validators`, which comes in pages.
struct ValidatorPage {
    std::vector<Validator> validators;
    std::uint64_t total = 0;
};

// Of a node's answers (`result`). Further keys are ignored; what decides anything is hashed or signed. Errors: kParse
// naming the member, kTooLarge.
Result<Block> parse_commit(const nlohmann::json& answer);  // without validators
Result<ValidatorPage> parse_validators(const nlohmann::json& answer);

// 1 to kMaxChainIdBytes letters, digits, - _ and points, not one in front: fit to be printed and to name a file.
bool is_chain_id(std::string_view text);

// RFC 3339 in UTC with up to nine digits of a second, from 1970 on. Errors: kParse.
Result<Time> parse_time(std::string_view text);
std::string time_text(const Time& time);

// The Merkle roots that CometBFT makes (RFC 6962's tree).
Hash header_hash(const Header& header);
Hash validators_hash(const std::vector<Validator>& validators);
// What a validator signs with its vote for the commit's block at this time.
Bytes vote_sign_bytes(std::string_view chain_id, const Commit& commit, const Time& time);

}  // namespace sublet::client::light
