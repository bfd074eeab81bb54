// genesis.cpp: the genesis file, read strictly: a misspelt parameter is an error and not a default.
#include "engine/genesis.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <fstream>
#include <nlohmann/json.hpp>

#include "crypto/sha256.hpp"
#include "engine/time_text.hpp"

namespace sublet::engine {

namespace {

using Json = nlohmann::ordered_json;

constexpr std::uint64_t kMaxStateHeight = 1ULL << 62U;  // CometBFT's heights are signed
constexpr std::array<std::string_view, 9> kSections = {"chain_id", "time", "params",     "balances",    "validators",
                                                       "stake",    "gov",  "state_root", "state_height"};

std::unexpected<Error> wrong(const std::string& where, const std::string& what) {
    return fail(Code::kParse, "genesis: " + where + ": " + what);
}

Result<std::uint64_t> number(const Json& value, const std::string& where) {
    if (value.is_number_unsigned()) {
        return value.get<std::uint64_t>();
    }
    if (value.is_string()) {
        const std::string& text = value.get_ref<const std::string&>();
        std::uint64_t out = 0;
        const auto [end, problem] = std::from_chars(text.data(), text.data() + text.size(), out);
        if (problem == std::errc{} && end == text.data() + text.size() && !text.empty()) {
            return out;
        }
    }
    return wrong(where, "expected a whole number from 0 to 2^64-1");
}

Result<std::string> text(const Json& object, const char* key) {
    const auto found = object.find(key);
    if (found == object.end() || !found->is_string()) {
        return wrong(key, "expected text");
    }
    return found->get<std::string>();
}

// Those of the ledger ("params"), of stakes ("stake") or of votes ("gov").
template <codec::Struct Params>
Result<Params> params_from(const Json& object, const std::string& section) {
    Params out;
    if (!object.is_object()) {
        return wrong(section, "expected an object");
    }
    for (const auto& [name, value] : object.items()) {
        const std::string where = section + "." + name;
        TRY(parsed, number(value, where));
        Result<> taken = wrong(where, "there is no such parameter");
        codec::for_each_field<Params>([&](const auto& field) {
            if (field.name == name) {
                auto& member = out.*field.member;
                auto fits = codec::from_number<std::remove_reference_t<decltype(member)>>(parsed);
                taken = fits ? Result<>{} : wrong(where, fits.error().message);
                if (fits) {
                    member = *fits;
                }
            }
        });
        TRY_OK(taken);
    }
    return out;
}

Result<app::GenesisBalance> balance_from(const Json& entry, std::size_t index) {
    const std::string where = "balances[" + std::to_string(index) + "]";
    if (!entry.is_object() || entry.size() != 3 || !entry.contains("amount")) {
        return wrong(where, "expected address, denom and amount");
    }
    TRY(address, text(entry, "address"));
    TRY(denom, text(entry, "denom"));
    TRY(amount, number(entry["amount"], where + ".amount"));
    return app::GenesisBalance{.address = address, .denom = denom, .amount = Amount{amount}};
}

// The state that a network begins with has parameters and balances in it.
Result<> read_state_name(const Json& root, app::Genesis& into) {
    TRY(hex, text(root, "state_root"));
    const Result<Bytes> bytes = from_hex(hex);
    if (!bytes || bytes->size() != sizeof(Hash) || to_hex(*bytes) != hex) {
        return wrong("state_root", "expected 64 hexadecimal digits, in small letters");
    }
    if (!root.contains("state_height") || root.contains("params") || root.contains("balances")) {
        return wrong("state_root", "goes with state_height, and without params and balances: they are in the state");
    }
    TRY(height, number(root["state_height"], "state_height"));
    if (height > kMaxStateHeight) {
        return wrong("state_height", "no chain is that high");
    }
    into.state_root = *bytes;
    into.state_height = Height{height};
    return {};
}

Result<stake::Founder> validator_from(const Json& entry, std::size_t index) {
    const std::string where = "validators[" + std::to_string(index) + "]";
    if (!entry.is_object() || entry.size() != 4 || !entry.contains("power")) {
        return wrong(where, "expected address, public_key, power and name");
    }
    TRY(address, text(entry, "address"));
    TRY(key_text, text(entry, "public_key"));
    TRY(name, text(entry, "name"));
    TRY(power, number(entry["power"], where + ".power"));
    Result<Bytes> key = from_base64(key_text);
    if (!key || key->size() != sizeof(Hash)) {
        return wrong(where + ".public_key", "expected base64 of the 32 bytes of an ed25519 key");
    }
    return stake::Founder{.address = address, .public_key = *std::move(key), .power = power, .name = name};
}

// Each entry of a list that may be missing.
template <class T, class Read>
Result<std::vector<T>> list_from(const Json& root, const char* name, const Read& read) {
    std::vector<T> out;
    const auto list = root.find(name);
    if (list == root.end()) {
        return out;
    }
    if (!list->is_array()) {
        return wrong(name, "expected a list");
    }
    for (std::size_t i = 0; i < list->size(); ++i) {
        TRY(each, read((*list)[i], i));
        out.push_back(std::move(each));
    }
    return out;
}

template <codec::Struct Params>
Json params_to(const Params& params) {
    Json out = Json::object();
    codec::for_each_field<Params>([&](const auto& field) {
        const std::uint64_t value = codec::to_number(params.*field.member);
        if constexpr (std::same_as<std::remove_cvref_t<decltype(params.*field.member)>, std::uint32_t>) {
            out[std::string{field.name}] = value;
        } else {
            out[std::string{field.name}] = std::to_string(value);
        }
    });
    return out;
}

Json validators_to(const std::vector<stake::Founder>& validators) {
    Json out = Json::array();
    for (const stake::Founder& each : validators) {
        out.push_back(Json{{"address", each.address},
                           {"public_key", to_base64(each.public_key)},
                           {"power", std::to_string(each.power)},
                           {"name", each.name}});
    }
    return out;
}

}  // namespace

Result<app::Genesis> genesis_from_json(std::string_view input) {
    const Json root = Json::parse(input, nullptr, false);
    if (root.is_discarded() || !root.is_object()) {
        return fail(Code::kParse, "genesis: this is not a JSON object");
    }
    for (const auto& [name, value] : root.items()) {
        if (std::ranges::find(kSections, name) == kSections.end()) {
            return wrong(name, "there is no such field");
        }
    }
    app::Genesis out;
    TRY(chain_id, text(root, "chain_id"));
    TRY(time, text(root, "time"));
    TRY(parsed_time, parse_time(time));
    out.chain_id = chain_id;
    out.time = parsed_time;
    if (root.contains("state_root") || root.contains("state_height")) {
        TRY_OK(read_state_name(root, out));
    }
    if (root.contains("params")) {
        TRY(params, params_from<ledger::Params>(root["params"], "params"));
        out.params = params;
    }
    if (root.contains("stake")) {
        TRY(stakes, params_from<stake::Params>(root["stake"], "stake"));
        out.stake = stakes;
    }
    if (root.contains("gov")) {
        TRY(votes, params_from<gov::Params>(root["gov"], "gov"));
        out.gov = votes;
    }
    TRY(balances, list_from<app::GenesisBalance>(root, "balances", balance_from));
    out.balances = std::move(balances);
    TRY(validators, list_from<stake::Founder>(root, "validators", validator_from));
    out.validators = std::move(validators);
    return out;
}

std::string genesis_to_json(const app::Genesis& genesis) {
    Json root = {{"chain_id", genesis.chain_id}, {"time", time_text(genesis.time)}};
    if (genesis.state_root.empty()) {
        root["params"] = params_to(genesis.params);
        root["balances"] = Json::array();
        for (const app::GenesisBalance& each : genesis.balances) {
            root["balances"].push_back(Json{
                {"address", each.address}, {"denom", each.denom}, {"amount", std::to_string(each.amount.value())}});
        }
    } else {
        root["state_height"] = std::to_string(genesis.state_height.value());
        root["state_root"] = to_hex(genesis.state_root);
    }
    if (!genesis.validators.empty()) {
        root["validators"] = validators_to(genesis.validators);
    }
    if (genesis.stake) {
        root["stake"] = params_to(*genesis.stake);
    }
    if (genesis.gov) {
        root["gov"] = params_to(*genesis.gov);
    }
    return root.dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
}

Result<app::Genesis> read_genesis(const std::filesystem::path& path) {
    std::ifstream file{path, std::ios::binary};
    std::string content;
    std::array<char, 1U << 16U> piece{};
    while (file && content.size() <= kMaxGenesisBytes) {
        file.read(piece.data(), piece.size());
        content.append(piece.data(), static_cast<std::size_t>(file.gcount()));
    }
    if (!file.eof()) {
        return fail(Code::kIo, "cannot read the genesis file " + path.string() +
                                   (content.size() > kMaxGenesisBytes ? ": it is too large" : ""));
    }
    Result<app::Genesis> out = genesis_from_json(content);
    if (!out) {
        return fail(out.error().code, path.string() + ": " + out.error().message);
    }
    return out;
}

Result<> write_genesis(const std::filesystem::path& path, const app::Genesis& genesis) {
    std::ofstream file{path, std::ios::binary | std::ios::trunc};
    file << genesis_to_json(genesis);
    file.close();
    return file ? Result<>{} : fail(Code::kIo, "cannot write the genesis file " + path.string());
}

Hash genesis_hash(const app::Genesis& genesis) { return crypto::sha256(codec::encode(genesis)); }

}  // namespace sublet::engine
