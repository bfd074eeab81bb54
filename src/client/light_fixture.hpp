// light_fixture.hpp: validators of paper: blocks that they really sign, as CometBFT's nodes would show them.
#pragma once

#include <nlohmann/json.hpp>

#include "client/light_verify.hpp"

namespace sublet::client::light {

struct PaperValidator {
    crypto::Ed25519Seed seed{};
    std::uint64_t power = 0;
    [[nodiscard]] crypto::Ed25519PublicKey key() const { return crypto::ed25519_public_key(seed); }
};
using PaperSet = std::vector<PaperValidator>;

inline PaperValidator paper_validator(unsigned number, std::uint64_t power) {
    PaperValidator out{.power = power};
    out.seed[0] = static_cast<std::uint8_t>(number);
    out.seed[1] = static_cast<std::uint8_t>(number >> 8U);
    return out;
}
// Numbers first … first + count − 1, ten of power each.
inline PaperSet paper_set(unsigned first, unsigned count) {
    PaperSet out;
    for (unsigned i = 0; i < count; ++i) {
        out.push_back(paper_validator(first + i, 10));
    }
    return out;
}

inline std::vector<Validator> validators_of(const PaperSet& set) {
    std::vector<Validator> out;
    for (const PaperValidator& each : set) {
        out.push_back({each.key(), each.power});
    }
    return out;
}

struct PaperBlock {
    std::uint64_t height = 0;
    std::uint64_t time_s = 0;
    Bytes app_hash = Bytes(32, 'a');
    std::string chain_id = "paper-1";
    std::uint32_t round = 0;
};

// The vote of the validator at this place, as one of the set makes it.
inline void vote(Block& block, std::size_t place, const PaperValidator& by) {
    VoteSignature& out = block.commit.signatures[place];
    out.vote = VoteFor::kBlock;
    out.address = Bytes{view_of(crypto::ed25519_address(by.key()))};
    out.time = {block.header.time.seconds + 1, static_cast<std::uint32_t>(place)};
    const Bytes text = vote_sign_bytes(block.header.chain_id, block.commit, out.time);
    out.signature = Bytes{view_of(crypto::ed25519_sign(by.seed, text))};
}

// Names its set and its hash, and has everybody vote.
inline void seal(Block& block, const PaperSet& set) {
    block.validators = validators_of(set);
    block.header.validators_hash = Bytes{view_of(validators_hash(block.validators))};
    block.commit.block_id.hash = Bytes{view_of(header_hash(block.header))};
    block.commit.signatures.assign(set.size(), {});
    for (std::size_t i = 0; i < set.size(); ++i) {
        vote(block, i, set[i]);
    }
}

inline Block paper_block(const PaperBlock& shape, const PaperSet& set, const PaperSet& next) {
    Block out;
    Header& header = out.header;
    header.version = {11, 1};
    header.chain_id = shape.chain_id;
    header.height = shape.height;
    header.time = {shape.time_s, 5};
    header.next_validators_hash = Bytes{view_of(validators_hash(validators_of(next)))};
    header.app_hash = shape.app_hash;
    header.proposer_address = Bytes{view_of(crypto::ed25519_address(set.front().key()))};
    out.commit.height = shape.height;
    out.commit.round = shape.round;
    out.commit.block_id.parts = PartSetHeader{1, Bytes(32, 'p')};
    seal(out, set);
    return out;
}

inline nlohmann::json id_json(const BlockId& id) {
    return {{"hash", to_hex_upper(id.hash)},
            {"parts", {{"total", id.parts->total}, {"hash", to_hex_upper(id.parts->hash)}}}};
}

// What a node answers to `commit` and `validators`.
inline nlohmann::json commit_json(const Block& block) {
    const Header& header = block.header;
    nlohmann::json signatures = nlohmann::json::array();
    for (const VoteSignature& each : block.commit.signatures) {
        const bool there = each.vote != VoteFor::kNobody;
        signatures.push_back({{"block_id_flag", static_cast<unsigned>(each.vote)},
                              {"validator_address", to_hex_upper(each.address)},
                              {"timestamp", there ? time_text(each.time) : "0001-01-01T00:00:00Z"},
                              {"signature", there ? nlohmann::json(to_base64(each.signature)) : nlohmann::json{}}});
    }
    return {{"signed_header",
             {{"header",
               {{"version", {{"block", "11"}, {"app", "1"}}},
                {"chain_id", header.chain_id},
                {"height", std::to_string(header.height)},
                {"time", time_text(header.time)},
                {"last_block_id", id_json(header.last_block_id)},
                {"last_commit_hash", to_hex_upper(header.last_commit_hash)},
                {"data_hash", to_hex_upper(header.data_hash)},
                {"validators_hash", to_hex_upper(header.validators_hash)},
                {"next_validators_hash", to_hex_upper(header.next_validators_hash)},
                {"consensus_hash", to_hex_upper(header.consensus_hash)},
                {"app_hash", to_hex_upper(header.app_hash)},
                {"last_results_hash", to_hex_upper(header.last_results_hash)},
                {"evidence_hash", to_hex_upper(header.evidence_hash)},
                {"proposer_address", to_hex_upper(header.proposer_address)}}},
              {"commit",
               {{"height", std::to_string(block.commit.height)},
                {"round", block.commit.round},
                {"block_id", id_json(block.commit.block_id)},
                {"signatures", std::move(signatures)}}}}}};
}

inline nlohmann::json validators_json(const Block& block) {
    nlohmann::json list = nlohmann::json::array();
    for (const Validator& each : block.validators) {
        list.push_back({{"pub_key", {{"type", "tendermint/PubKeyEd25519"}, {"value", to_base64(view_of(each.key))}}},
                        {"voting_power", std::to_string(each.power)}});
    }
    return {{"total", std::to_string(block.validators.size())}, {"validators", std::move(list)}};
}

}  // namespace sublet::client::light
