// light_verify.cpp: signatures are counted, sets compared, times held to the clock.
// Spec: docs/spec/light-client.md; CometBFT v0.38 to v0.40, types/validation.go and light/verifier.go.
#include "client/light_verify.hpp"

#include <algorithm>
#include <map>
#include <set>

namespace sublet::client::light {
namespace {

constexpr std::uint64_t kBlockProtocol = 11;
constexpr std::uint64_t kMaxTotalPower = 0x7fff'ffff'ffff'ffffULL / 8;  // CometBFT's MaxTotalVotingPower

std::string name_of(const Header& header) {
    return "block " + std::to_string(header.height) + " of " + header.chain_id;
}

Bytes bytes_of(const Hash& hash) { return Bytes{view_of(hash)}; }

// Each counts once. Errors: kNotProved.
Result<std::uint64_t> total_power(const std::vector<Validator>& validators) {
    std::set<crypto::Ed25519PublicKey> seen;
    std::uint64_t total = 0;
    for (const Validator& each : validators) {
        if (each.power == 0 || each.power > kMaxTotalPower - total) {
            return not_proved("a validator's power is out of range");
        }
        if (!seen.insert(each.key).second) {
            return not_proved("a validator is named twice");
        }
        total += each.power;
    }
    if (total == 0 || validators.size() > kMaxValidators) {
        return not_proved("there are no validators, or too many");
    }
    return total;
}

Result<> check_shape(const Block& block, std::string_view chain_id) {
    const Header& header = block.header;
    if (header.chain_id != chain_id) {
        return not_proved("it is of chain " + header.chain_id + ", not of " + std::string{chain_id});
    }
    if (header.version.block != kBlockProtocol) {
        return not_proved("it is of another protocol (" + std::to_string(header.version.block) + ")");
    }
    if (block.commit.signatures.empty()) {
        return not_proved("nobody signed it");
    }
    if (header.height == 0 || block.commit.height != header.height) {
        return not_proved("its signatures are of height " + std::to_string(block.commit.height));
    }
    if (header.app_hash.size() != Hash{}.size() || header.validators_hash.size() != Hash{}.size() ||
        header.next_validators_hash.size() != Hash{}.size()) {
        return not_proved("it names no state or no validators");
    }
    if (block.commit.block_id.hash != bytes_of(header_hash(header))) {
        return not_proved("what was signed is another block than this header's");
    }
    if (header.validators_hash != bytes_of(validators_hash(block.validators))) {
        return not_proved("the validators that the node names are not those of its header");
    }
    if (block.commit.signatures.size() != block.validators.size()) {
        return not_proved("it has " + std::to_string(block.commit.signatures.size()) + " signatures of " +
                          std::to_string(block.validators.size()) + " validators");
    }
    return {};
}

// The power behind the block. A vote counts at its validator's place alone.
Result<std::uint64_t> signed_power(const Block& block) {
    std::uint64_t out = 0;
    for (std::size_t i = 0; i < block.validators.size(); ++i) {
        const VoteSignature& vote = block.commit.signatures[i];
        if (vote.vote != VoteFor::kBlock) {
            continue;
        }
        const Validator& validator = block.validators[i];
        const FixedBytes<20> address = crypto::ed25519_address(validator.key);
        const auto signature = fixed_from<crypto::Ed25519Signature{}.size()>(vote.signature);
        if (vote.address != view_of(address) || !signature ||
            !crypto::ed25519_verify(validator.key, vote_sign_bytes(block.header.chain_id, block.commit, vote.time),
                                    *signature)) {
            return not_proved("the signature of validator " + to_hex_upper(view_of(address)) + " is not its own");
        }
        out += validator.power;
    }
    return out;
}

// Of those that are trusted, the power that signed: by key, each once (total_power saw to that), at the trusted power.
std::uint64_t trusted_power(const Trusted& trusted, const Block& block) {
    std::map<crypto::Ed25519PublicKey, std::uint64_t> powers;
    for (const Validator& each : trusted.validators) {
        powers.emplace(each.key, each.power);
    }
    std::uint64_t out = 0;
    for (std::size_t i = 0; i < block.validators.size(); ++i) {
        const auto found = powers.find(block.validators[i].key);
        if (block.commit.signatures[i].vote == VoteFor::kBlock && found != powers.end()) {
            out += found->second;
        }
    }
    return out;
}

std::string span_text(std::uint64_t seconds) {
    return seconds < 3'600 ? std::to_string(seconds) + " s" : std::to_string(seconds / 3'600) + " h";
}

}  // namespace

std::unexpected<Error> not_proved(const std::string& what) { return fail(Code::kNotProved, what); }

std::uint64_t trust_period_s(std::uint64_t unbonding_ms) {
    return std::min(kTrustPeriod_s, unbonding_ms / 1'000 / 3 * 2);
}

Result<Power> check_block(const Block& block, std::string_view chain_id) {
    const auto named = [&](const Error& error) {
        return not_proved(name_of(block.header) + " is not proved: " + error.message);
    };
    if (const Result<> shape = check_shape(block, chain_id); !shape) {
        return named(shape.error());
    }
    const Result<std::uint64_t> total = total_power(block.validators);
    if (!total) {
        return named(total.error());
    }
    const Result<std::uint64_t> power = signed_power(block);
    if (!power) {
        return named(power.error());
    }
    if (*power * 3 <= *total * 2) {  // kMaxTotalPower leaves room
        return not_proved(name_of(block.header) + " is not proved: " + std::to_string(*power) + " of " +
                          std::to_string(*total) + " of the validators' power signed it, not more than two thirds");
    }
    return Power{*power, *total};
}

Result<Step> check_step(const Trusted& trusted, const Block& block, std::uint64_t now_unix_ms) {
    TRY_OK(check_period(trusted, now_unix_ms));
    TRY(power, check_block(block, trusted.chain_id));
    (void)power;
    const Header& header = block.header;
    if (header.height <= trusted.height || header.time <= trusted.time) {
        return not_proved("an attack: " + name_of(header) + " at " + time_text(header.time) + " is signed, but block " +
                          std::to_string(trusted.height) + " at " + time_text(trusted.time) +
                          " came before it. Do not use this network until its people have explained both");
    }
    if (header.time.seconds > now_unix_ms / 1'000 + kMaxClockDrift_s) {
        return not_proved(name_of(header) + " is from the future (" + time_text(header.time) +
                          "): is this machine's clock right?");
    }
    if (header.height == trusted.height + 1) {
        if (header.validators_hash != bytes_of(trusted.next_validators_hash)) {
            return not_proved("an attack: " + name_of(header) + " is signed by others than block " +
                              std::to_string(trusted.height) + " named as its validators");
        }
        return Step::kProved;
    }
    TRY(total, total_power(trusted.validators));
    return trusted_power(trusted, block) * 3 > total ? Step::kProved : Step::kTooFar;
}

Result<> check_same(const Trusted& trusted, const Block& block) {
    const Hash hash = header_hash(block.header);
    if (block.header.chain_id == trusted.chain_id && block.header.height == trusted.height && hash != trusted.hash) {
        const bool is_signed = check_block(block, trusted.chain_id).has_value();
        return not_proved(std::string{is_signed ? "an attack: two blocks are signed for height "
                                                : "the node shows a block that nobody signed in place of block "} +
                          std::to_string(trusted.height) + " of " + trusted.chain_id + ": " +
                          to_hex_upper(view_of(trusted.hash)) + " was verified, and now there is " +
                          to_hex_upper(view_of(hash)) +
                          (is_signed ? ". Do not use this network until its people have explained both" : ""));
    }
    TRY(power, check_block(block, trusted.chain_id));
    (void)power;
    return {};
}

Result<> check_period(const Trusted& trusted, std::uint64_t now_unix_ms) {
    const std::uint64_t now_s = now_unix_ms / 1'000;
    if (trusted.time.seconds > now_s + kMaxClockDrift_s) {
        return not_proved("block " + std::to_string(trusted.height) + ", which is trusted, is from the future (" +
                          time_text(trusted.time) + "): is this machine's clock right?");
    }
    if (now_s > trusted.time.seconds && now_s - trusted.time.seconds >= trusted.period_s) {
        return not_proved("block " + std::to_string(trusted.height) + " of " + trusted.chain_id + " was trusted at " +
                          time_text(trusted.time) + ", longer ago than the trust period of " +
                          span_text(trusted.period_s) +
                          ": who signed it may have left with their stake since. Name a newer "
                          "block that you know from somebody you trust, with --trust HEIGHT:HASH");
    }
    return {};
}

Result<> check_age(const Header& header, std::uint64_t now_unix_ms) {
    const std::uint64_t now_s = now_unix_ms / 1'000;
    if (now_s > header.time.seconds && now_s - header.time.seconds > kMaxAge_s) {
        return not_proved("the newest state that the node shows is " + span_text(now_s - header.time.seconds) +
                          " old (" + name_of(header) + "), more than " + span_text(kMaxAge_s) +
                          ": the network stands still, the node holds blocks back, or this machine's clock is wrong. "
                          "Ask another node with --node");
    }
    if (header.time.seconds > now_s + kMaxClockDrift_s) {
        return not_proved(name_of(header) + " is from the future (" + time_text(header.time) +
                          "): is this machine's clock right?");
    }
    return {};
}

Trusted trusted_of(const Block& block, std::uint64_t now_unix_ms) {
    Trusted out;
    out.chain_id = block.header.chain_id;
    out.height = block.header.height;
    out.hash = header_hash(block.header);
    out.time = block.header.time;
    out.next_validators_hash = fixed_from<Hash{}.size()>(block.header.next_validators_hash).value_or(Hash{});
    out.validators = block.validators;
    out.verified_unix_ms = now_unix_ms;
    return out;
}

}  // namespace sublet::client::light
