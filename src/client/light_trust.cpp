// light_trust.cpp: trusted blocks as JSON files.
// Spec: docs/spec/light-client.md.
#include "client/light_trust.hpp"

#include <algorithm>
#include <charconv>

#include "client/loose_json.hpp"
#include "client/strict_json.hpp"

namespace sublet::client::light {
namespace {

using nlohmann::json;

constexpr std::uint64_t kFormat = 1;
constexpr unsigned kOwnerOnly = 0600;
constexpr unsigned kOwnerOnlyFolder = 0700;

// The name of a chain comes from a node, and becomes that of a file.
Result<> check_chain_id(std::string_view chain_id) {
    if (!is_chain_id(chain_id)) {
        return fail(Code::kNotProved, "a chain's name has 1 to 50 letters, digits, - _ and points");
    }
    return {};
}

json validators_json(const std::vector<Validator>& validators) {
    json out = json::array();
    for (const Validator& each : validators) {
        out.push_back({{"key", to_base64(view_of(each.key))}, {"power", each.power}});
    }
    return out;
}

Result<Hash> hash_at(const json& object, std::string_view key) {
    TRY(text, string_at(object, key));
    TRY(bytes, from_hex(text));
    return fixed_from<Hash{}.size()>(bytes);
}

Result<std::vector<Validator>> validators_of(const json& list) {
    if (!list.is_array() || list.size() > kMaxValidators) {
        return fail(Code::kParse, "\"validators\" must be a list of at most " + std::to_string(kMaxValidators));
    }
    std::vector<Validator> out;
    for (const json& each : list) {
        TRY_OK(require_keys(each, {"key", "power"}));
        TRY(text, string_at(each, "key"));
        TRY(bytes, from_base64(text));
        TRY(key, fixed_from<crypto::Ed25519PublicKey{}.size()>(bytes));
        TRY(power, number_at(each, "power"));
        out.push_back({.key = key, .power = power});
    }
    return out;
}

Result<Trusted> trusted_from(std::string_view text) {
    TRY(object, parse_object(text));
    TRY_OK(require_keys(object, {"version", "chain_id", "height", "hash", "time", "next_validators_hash", "validators",
                                 "verified_unix_ms", "trust_period_s"}));
    TRY(format, number_at(object, "version"));
    if (format != kFormat) {
        return fail(Code::kParse, "is of version " + std::to_string(format) + ", which this program does not know");
    }
    Trusted out;
    TRY(chain_id, string_at(object, "chain_id"));
    out.chain_id = chain_id;
    TRY(height, number_at(object, "height"));
    out.height = height;
    TRY(hash, hash_at(object, "hash"));
    out.hash = hash;
    TRY(time_text, string_at(object, "time"));
    TRY(time, parse_time(time_text));
    out.time = time;
    TRY(next, hash_at(object, "next_validators_hash"));
    out.next_validators_hash = next;
    TRY(validators, validators_of(object["validators"]));
    out.validators = std::move(validators);
    TRY(verified, number_at(object, "verified_unix_ms"));
    out.verified_unix_ms = verified;
    TRY(period, number_at(object, "trust_period_s"));
    out.period_s = period;
    return out;
}

}  // namespace

Result<TrustPoint> parse_trust_point(std::string_view text) {
    TrustPoint out;
    const std::size_t colon = text.find(':');
    const std::string_view height = text.substr(0, colon);
    const auto [end, error] = std::from_chars(height.data(), height.data() + height.size(), out.height);
    const Result<Bytes> hash = from_hex(colon == std::string_view::npos ? "" : text.substr(colon + 1));
    if (error != std::errc{} || end != height.data() + height.size() || out.height == 0 || !hash ||
        hash->size() != out.hash.size()) {
        return fail(Code::kUsage,
                    "--trust takes HEIGHT:HASH, a block's number and the 64 hexadecimal digits of its hash");
    }
    std::ranges::copy(*hash, out.hash.begin());
    return out;
}

std::filesystem::path TrustStore::path_of(const std::string& chain_id) const { return folder_ / (chain_id + ".json"); }

Result<std::optional<Trusted>> TrustStore::load(const std::string& chain_id) {
    TRY_OK(check_chain_id(chain_id));
    const std::filesystem::path path = path_of(chain_id);
    if (!files_.exists(path)) {
        return std::optional<Trusted>{};
    }
    TRY(text, files_.read(path));
    Result<Trusted> trusted = trusted_from(text);
    if (trusted && trusted->chain_id != chain_id) {
        trusted = fail(Code::kParse, "is of another chain");
    }
    if (!trusted) {
        return fail(Code::kParse, path.string() + " " + trusted.error().message +
                                      "; remove it and name a block that you trust with --trust HEIGHT:HASH");
    }
    return std::optional<Trusted>{std::move(*trusted)};
}

Result<> TrustStore::save(const Trusted& trusted) {
    TRY_OK(check_chain_id(trusted.chain_id));
    TRY_OK(files_.make_folder(folder_, kOwnerOnlyFolder));
    const json object = {{"version", kFormat},
                         {"chain_id", trusted.chain_id},
                         {"height", trusted.height},
                         {"hash", to_hex_upper(view_of(trusted.hash))},
                         {"time", time_text(trusted.time)},
                         {"next_validators_hash", to_hex_upper(view_of(trusted.next_validators_hash))},
                         {"validators", validators_json(trusted.validators)},
                         {"verified_unix_ms", trusted.verified_unix_ms},
                         {"trust_period_s", trusted.period_s}};
    return files_.write(path_of(trusted.chain_id), object.dump(2) + "\n", kOwnerOnly);
}

}  // namespace sublet::client::light
