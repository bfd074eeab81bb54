// genesis.cpp: the genesis file, read strictly: a misspelt parameter is an error and not a default.
#include "engine/genesis.hpp"

#include <algorithm>
#include <charconv>
#include <fstream>
#include <nlohmann/json.hpp>

#include "crypto/sha256.hpp"
#include "engine/time_text.hpp"

namespace sublet::engine {

namespace {

using Json = nlohmann::ordered_json;

constexpr std::uint64_t kMaxStateHeight = 1ULL << 62U;  // CometBFT's heights are signed

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

Result<ledger::Params> params_from(const Json& object) {
    ledger::Params out;
    if (!object.is_object()) {
        return wrong("params", "expected an object");
    }
    for (const auto& [name, value] : object.items()) {
        const std::string where = "params." + name;
        TRY(parsed, number(value, where));
        Result<> taken = wrong(where, "there is no such parameter");
        codec::for_each_field<ledger::Params>([&](const auto& field) {
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

Json params_to(const ledger::Params& params) {
    Json out = Json::object();
    codec::for_each_field<ledger::Params>([&](const auto& field) {
        const std::uint64_t value = codec::to_number(params.*field.member);
        if constexpr (std::same_as<std::remove_cvref_t<decltype(params.*field.member)>, std::uint32_t>) {
            out[std::string{field.name}] = value;
        } else {
            out[std::string{field.name}] = std::to_string(value);
        }
    });
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

}  // namespace

Result<app::Genesis> genesis_from_json(std::string_view input) {
    const Json root = Json::parse(input, nullptr, false);
    if (root.is_discarded() || !root.is_object()) {
        return fail(Code::kParse, "genesis: this is not a JSON object");
    }
    for (const auto& [name, value] : root.items()) {
        if (name != "chain_id" && name != "time" && name != "params" && name != "balances" && name != "state_root" &&
            name != "state_height") {
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
        TRY(params, params_from(root["params"]));
        out.params = params;
    }
    if (root.contains("balances")) {
        const Json& list = root["balances"];
        if (!list.is_array()) {
            return wrong("balances", "expected a list");
        }
        for (std::size_t i = 0; i < list.size(); ++i) {
            TRY(balance, balance_from(list[i], i));
            out.balances.push_back(std::move(balance));
        }
    }
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
