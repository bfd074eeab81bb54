// light_json.cpp: signed headers and validators out of a node's answers.
// Spec: docs/spec/light-client.md; CometBFT v0.38 to v0.40, rpc/core.
#include <algorithm>
#include <array>
#include <chrono>
#include <cstdio>

#include "client/light_block.hpp"
#include "client/loose_json.hpp"

namespace sublet::client::light {
namespace {

using nlohmann::json;

constexpr std::string_view kEd25519 = "tendermint/PubKeyEd25519";
constexpr std::uint64_t kLastYear = 9'999;
constexpr std::size_t kMaxNanoDigits = 9;

std::unexpected<Error> no_such(const char* key, const char* what) {
    return fail(Code::kParse, std::string{"the node's answer has no "} + what + " in \"" + key + "\"");
}

// A hash in hexadecimal digits; "" is no hash.
Result<Bytes> hash_member(const json& object, const char* key) {
    const Result<Bytes> bytes = from_hex(loose::text(object, key));
    if (!bytes || (!bytes->empty() && bytes->size() != Hash{}.size()) || !loose::at(object, key).is_string()) {
        return no_such(key, "hash");
    }
    return *bytes;
}

// Addresses have 20 bytes; "" is none.
Result<Bytes> address_member(const json& object, const char* key) {
    const Result<Bytes> bytes = from_hex(loose::text(object, key));
    if (!bytes || (!bytes->empty() && bytes->size() != FixedBytes<20>{}.size())) {
        return no_such(key, "validator's address");
    }
    return *bytes;
}

Result<std::uint64_t> bounded_at(const json& object, const char* key, std::uint64_t max) {
    const json& member = loose::at(object, key);
    const std::uint64_t number = loose::number(object, key);
    const bool zero = member == json(0) || member == json("0");
    if (number > max || (number == 0 && !zero)) {
        return no_such(key, "number that fits");
    }
    return number;
}

constexpr std::uint64_t kMaxInt64 = 0x7fff'ffff'ffff'ffffULL;
constexpr std::uint64_t kMaxInt32 = 0x7fff'ffffULL;

Result<BlockId> block_id_member(const json& object, const char* key) {
    const json& id = loose::at(object, key);
    const json& parts = loose::at(id, "parts");
    TRY(hash, hash_member(id, "hash"));
    TRY(total, bounded_at(parts, "total", 0xffff'ffffULL));
    TRY(parts_hash, hash_member(parts, "hash"));
    return BlockId{.hash = hash, .parts = PartSetHeader{static_cast<std::uint32_t>(total), parts_hash}};
}

Result<> read_hashes(const json& object, Header& out) {
    struct Row {
        const char* key;
        Bytes Header::* member;
    };
    constexpr std::array<Row, 8> kHashes = {{{"last_commit_hash", &Header::last_commit_hash},
                                             {"data_hash", &Header::data_hash},
                                             {"validators_hash", &Header::validators_hash},
                                             {"next_validators_hash", &Header::next_validators_hash},
                                             {"consensus_hash", &Header::consensus_hash},
                                             {"app_hash", &Header::app_hash},
                                             {"last_results_hash", &Header::last_results_hash},
                                             {"evidence_hash", &Header::evidence_hash}}};
    for (const Row& each : kHashes) {
        TRY(hash, hash_member(object, each.key));
        out.*each.member = hash;
    }
    return {};
}

Result<Header> header_of(const json& object) {
    Header out;
    const json& version = loose::at(object, "version");
    TRY(block_version, bounded_at(version, "block", kMaxInt64));
    out.version.block = block_version;
    // An application's version of 0 is left out.
    out.version.app = loose::number(version, "app");
    out.chain_id = loose::text(object, "chain_id");
    if (!is_chain_id(out.chain_id)) {
        return no_such("chain_id", "name of a chain");
    }
    TRY(height, bounded_at(object, "height", kMaxInt64));
    out.height = height;
    TRY(time, parse_time(loose::text(object, "time")));
    out.time = time;
    TRY(last_block_id, block_id_member(object, "last_block_id"));
    out.last_block_id = last_block_id;
    TRY_OK(read_hashes(object, out));
    TRY(proposer, address_member(object, "proposer_address"));
    out.proposer_address = proposer;
    return out;
}

Result<VoteSignature> signature_of(const json& object) {
    VoteSignature out;
    const std::uint64_t flag = loose::number(object, "block_id_flag");
    if (flag < static_cast<std::uint64_t>(VoteFor::kNobody) || flag > static_cast<std::uint64_t>(VoteFor::kNil)) {
        return no_such("block_id_flag", "vote");
    }
    out.vote = static_cast<VoteFor>(flag);
    if (out.vote == VoteFor::kNobody) {
        return out;
    }
    TRY(address, address_member(object, "validator_address"));
    out.address = address;
    TRY(time, parse_time(loose::text(object, "timestamp")));
    out.time = time;
    const Result<Bytes> signature = from_base64(loose::text(object, "signature"));
    if (!signature || signature->size() != crypto::Ed25519Signature{}.size()) {
        return no_such("signature", "signature of 64 bytes");
    }
    out.signature = *signature;
    return out;
}

Result<Validator> validator_of(const json& object) {
    const json& key = loose::at(object, "pub_key");
    const Result<Bytes> bytes = from_base64(loose::text(key, "value"));
    if (loose::text(key, "type") != kEd25519 || !bytes) {
        return no_such("pub_key", "ed25519 key");
    }
    Validator out;
    TRY(fixed, fixed_from<crypto::Ed25519PublicKey{}.size()>(*bytes));
    out.key = fixed;
    TRY(power, bounded_at(object, "voting_power", kMaxInt64));
    out.power = power;
    return out;
}

// At most `max` of them.
Result<const json*> list_at(const json& object, const char* key, std::size_t max) {
    const json& list = loose::at(object, key);
    if (!list.is_array()) {
        return no_such(key, "list");
    }
    if (list.size() > max) {
        return fail(Code::kTooLarge, std::string{"the node's answer has too many entries in \""} + key + "\"");
    }
    return &list;
}

// So many digits from the front of `text`; nothing where there are fewer.
std::optional<unsigned> digits(std::string_view& text, std::size_t count) {
    unsigned out = 0;
    for (std::size_t i = 0; i < count; ++i) {
        if (i >= text.size() || text[i] < '0' || text[i] > '9') {
            return std::nullopt;
        }
        out = out * 10 + static_cast<unsigned>(text[i] - '0');
    }
    text.remove_prefix(count);
    return out;
}

// Nanoseconds of ".5" or ".123456789", nothing of anything else; "" is 0.
std::optional<std::uint32_t> nanos_of(std::string_view text) {
    if (text.empty()) {
        return 0;
    }
    const std::size_t count = text.size() - 1;
    if (text.front() != '.' || count == 0 || count > kMaxNanoDigits) {
        return std::nullopt;
    }
    std::string padded{text.substr(1)};
    padded.resize(kMaxNanoDigits, '0');
    std::string_view rest = padded;
    return digits(rest, kMaxNanoDigits);
}

}  // namespace

Result<Block> parse_commit(const json& answer) {
    const json& signed_header = loose::at(answer, "signed_header");
    Block out;
    TRY(header, header_of(loose::at(signed_header, "header")));
    out.header = std::move(header);
    const json& commit = loose::at(signed_header, "commit");
    TRY(height, bounded_at(commit, "height", kMaxInt64));
    out.commit.height = height;
    TRY(round, bounded_at(commit, "round", kMaxInt32));
    out.commit.round = static_cast<std::uint32_t>(round);
    TRY(block_id, block_id_member(commit, "block_id"));
    out.commit.block_id = std::move(block_id);
    TRY(list, list_at(commit, "signatures", kMaxValidators));
    for (const json& each : *list) {
        TRY(signature, signature_of(each));
        out.commit.signatures.push_back(std::move(signature));
    }
    return out;
}

Result<ValidatorPage> parse_validators(const json& answer) {
    ValidatorPage out;
    TRY(total, bounded_at(answer, "total", kMaxValidators));
    out.total = total;
    TRY(list, list_at(answer, "validators", kMaxValidators));
    for (const json& each : *list) {
        TRY(validator, validator_of(each));
        out.validators.push_back(validator);
    }
    return out;
}

bool is_chain_id(std::string_view text) {
    const bool plain = std::ranges::all_of(text, [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '_' ||
               c == '.';
    });
    return plain && !text.empty() && text.size() <= kMaxChainIdBytes && text.front() != '.';
}

Result<Time> parse_time(std::string_view text) {
    namespace chrono = std::chrono;
    constexpr std::string_view kShape = "0000-00-00T00:00:00";
    const auto wrong = [&] {
        return fail(Code::kParse,
                    "\"" + std::string{text.substr(0, 40)} + "\" is not a time like 2026-01-02T03:04:05Z");
    };
    if (text.size() <= kShape.size() || !text.ends_with('Z')) {
        return wrong();
    }
    std::array<unsigned, 6> parts{};  // year … second
    std::string_view rest = text;
    for (std::size_t i = 0; i < parts.size(); ++i) {
        const auto part = digits(rest, i == 0 ? 4 : 2);
        if (!part || (i + 1 < parts.size() && rest.front() != kShape[text.size() - rest.size()])) {
            return wrong();
        }
        parts[i] = *part;
        rest.remove_prefix(i + 1 < parts.size() ? 1 : 0);
    }
    rest.remove_suffix(1);
    const auto nanos = nanos_of(rest);
    const chrono::year_month_day date{chrono::year{static_cast<int>(parts[0])}, chrono::month{parts[1]},
                                      chrono::day{parts[2]}};
    if (!nanos || !date.ok() || parts[0] < 1970 || parts[0] > kLastYear || parts[3] > 23 || parts[4] > 59 ||
        parts[5] > 59) {
        return wrong();
    }
    const auto second =
        chrono::sys_days{date} + chrono::hours{parts[3]} + chrono::minutes{parts[4]} + chrono::seconds{parts[5]};
    return Time{static_cast<std::uint64_t>(second.time_since_epoch().count()), *nanos};
}

std::string time_text(const Time& time) {
    namespace chrono = std::chrono;
    const chrono::sys_seconds point{chrono::seconds{static_cast<std::int64_t>(time.seconds)}};
    const auto day = chrono::floor<chrono::days>(point);
    const chrono::year_month_day date{day};
    const chrono::hh_mm_ss clock{point - day};
    std::array<char, 64> out{};
    const int length = std::snprintf(
        out.data(), out.size(), "%04d-%02u-%02uT%02d:%02d:%02d.%09uZ", static_cast<int>(date.year()),
        static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()), static_cast<int>(clock.hours().count()),
        static_cast<int>(clock.minutes().count()), static_cast<int>(clock.seconds().count()), time.nanos);
    return {out.data(), static_cast<std::size_t>(length)};
}

}  // namespace sublet::client::light
