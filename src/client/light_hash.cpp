// light_hash.cpp: the bytes that CometBFT hashes and signs.
// Spec: docs/spec/light-client.md; CometBFT v0.38 to v0.40, types/{block,validator,canonical}.go, crypto/merkle.
#include <bit>
#include <span>

#include "client/light_block.hpp"
#include "codec/encode.hpp"
#include "crypto/sha256.hpp"
#include "ledger/tree.hpp"

namespace sublet::client::light {
namespace {

constexpr std::uint64_t kPrecommit = 2;  // SignedMsgType

// google.protobuf's wrappers: StringValue, Int64Value, BytesValue.
template <class T>
struct Wrapped {
    T value{};
    static constexpr auto fields() { return codec::list(codec::raw_field(1, "value", &Wrapped::value)); }
};

Bytes wrapped(const std::string& value) { return codec::encode(Wrapped<Bytes>{value}); }

struct SimpleKey {  // tendermint.crypto.PublicKey with an ed25519 key in it
    Bytes ed25519;
    static constexpr auto fields() { return codec::list(codec::raw_field(1, "ed25519", &SimpleKey::ed25519)); }
};

struct SimpleValidator {
    std::optional<SimpleKey> pub_key;
    std::uint64_t voting_power = 0;
    static constexpr auto fields() {
        using codec::field;
        return codec::list(field(1, "pub_key", &SimpleValidator::pub_key),
                           field(2, "voting_power", &SimpleValidator::voting_power));
    }
};

// CanonicalVote behind its numbers of fixed width, which the ledger's codec does not know.
struct VoteTail {
    std::optional<BlockId> block_id;
    std::optional<Time> time;
    std::string chain_id;
    static constexpr auto fields() {
        using codec::field;
        return codec::list(field(4, "block_id", &VoteTail::block_id), field(5, "timestamp", &VoteTail::time),
                           field(6, "chain_id", &VoteTail::chain_id));
    }
};

void write_fixed64(Bytes& out, std::uint32_t number, std::uint64_t value) {
    if (value == 0) {
        return;
    }
    codec::write_tag(out, number, codec::WireType::kFixed64);
    for (unsigned shift = 0; shift < 64; shift += 8) {
        out += static_cast<char>(value >> shift & 0xffU);
    }
}

// RFC 6962, section 2.1. Its depth is the logarithm of the items.
Hash merkle_root(std::span<const Bytes> items) {
    if (items.empty()) {
        return crypto::sha256({});
    }
    if (items.size() == 1) {
        return crypto::sha256(Bytes(1, '\0') + items.front());
    }
    const std::size_t half = std::bit_floor(items.size() - 1);
    return ledger::Merkle::join(merkle_root(items.first(half)), merkle_root(items.subspan(half)));
}

}  // namespace

Hash header_hash(const Header& header) {
    return merkle_root(std::vector<Bytes>{
        codec::encode(header.version), wrapped(header.chain_id), codec::encode(Wrapped<std::uint64_t>{header.height}),
        codec::encode(header.time), codec::encode(header.last_block_id), wrapped(header.last_commit_hash),
        wrapped(header.data_hash), wrapped(header.validators_hash), wrapped(header.next_validators_hash),
        wrapped(header.consensus_hash), wrapped(header.app_hash), wrapped(header.last_results_hash),
        wrapped(header.evidence_hash), wrapped(header.proposer_address)});
}

Hash validators_hash(const std::vector<Validator>& validators) {
    std::vector<Bytes> items;
    items.reserve(validators.size());
    for (const Validator& each : validators) {
        items.push_back(codec::encode(SimpleValidator{SimpleKey{Bytes{view_of(each.key)}}, each.power}));
    }
    return merkle_root(items);
}

Bytes vote_sign_bytes(std::string_view chain_id, const Commit& commit, const Time& time) {
    Bytes vote;
    codec::write_tag(vote, 1, codec::WireType::kVarint);
    codec::write_varint(vote, kPrecommit);
    write_fixed64(vote, 2, commit.height);
    write_fixed64(vote, 3, commit.round);
    vote += codec::encode(VoteTail{commit.block_id, time, std::string{chain_id}});
    Bytes out;
    codec::write_length(out, vote);
    return out;
}

}  // namespace sublet::client::light
