// json_text.hpp: pieces of the JSON that REST gives, and the part of it that is about validators and votes.
// Deterministic. Spec: docs/spec/transactions.md (REST).
#pragma once

#include <charconv>
#include <map>
#include <string>
#include <vector>

#include "codec/json.hpp"
#include "ledger/ledger.hpp"

namespace sublet::app {

inline Result<std::uint64_t> number_of(std::string_view text) {
    std::uint64_t value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc{} || end != text.data() + text.size() || text.empty()) {
        return fail(Code::kParse, "'" + std::string{text} + "' is not a number");
    }
    return value;
}

inline std::string with_field(std::string json, std::string_view name, std::string_view value) {
    json.pop_back();
    json += json.size() > 1 ? "," : "";
    codec::append_json_string(json, name);
    json += ':';
    json += value;
    return json + "}";
}

inline std::string json_quoted(std::string_view text) {
    std::string out;
    codec::append_json_string(out, text);
    return out;
}

template <class T>
std::string records_json(std::string_view name, const std::vector<T>& records) {
    std::string out = "{" + json_quoted(name) + ":[";
    for (const T& each : records) {
        out += out.ends_with('[') ? "" : ",";
        out += codec::to_json(each);
    }
    return out + "]}";
}

// /v1/validators, /v1/delegations and /v1/proposals; nothing where `table` is none of them (query_json_stake.cpp).
std::optional<Result<std::string>> stake_json(const ledger::View& view, std::string_view table, std::string_view id,
                                              const std::map<std::string, std::string>& parameters);

}  // namespace sublet::app
