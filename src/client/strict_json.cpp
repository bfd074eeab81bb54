// strict_json.cpp: small JSON objects from strangers, read without exceptions.
#include "client/strict_json.hpp"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <set>
#include <vector>

namespace sublet::client {
namespace {

using nlohmann::json;

constexpr int kMaxDepth = 8;

std::unexpected<Error> wrong(std::string_view key, const char* what) {
    return fail(Code::kParse, "\"" + std::string{key} + "\" " + what);
}

}  // namespace

Result<json> parse_object(std::string_view text) {
    // The library keeps the last of two equal keys; another reader may keep the first, and then the two disagree.
    std::vector<std::set<std::string>> keys;
    bool twice = false;
    bool deep = false;
    const auto watch = [&](int depth, json::parse_event_t event, const json& value) {
        deep = deep || depth > kMaxDepth;
        if (event == json::parse_event_t::object_start) {
            keys.emplace_back();
        } else if (event == json::parse_event_t::object_end && !keys.empty()) {
            keys.pop_back();
        } else if (event == json::parse_event_t::key && !keys.empty()) {
            twice = !keys.back().insert(value.get_ref<const std::string&>()).second || twice;
        }
        return true;
    };
    json out = json::parse(text.begin(), text.end(), watch, /*allow_exceptions=*/false);
    if (out.is_discarded()) {
        return fail(Code::kParse, "is not valid JSON");
    }
    if (!out.is_object()) {
        return fail(Code::kParse, "is not a JSON object");
    }
    if (twice) {
        return fail(Code::kParse, "names a key twice");
    }
    if (deep) {
        return fail(Code::kParse, "is nested too deeply");
    }
    return out;
}

Result<> require_keys(const json& object, std::initializer_list<std::string_view> keys) {
    if (!object.is_object()) {
        return fail(Code::kParse, "is not a JSON object");
    }
    for (std::string_view key : keys) {
        if (!object.contains(std::string{key})) {
            return wrong(key, "is missing");
        }
    }
    for (const auto& item : object.items()) {
        if (std::find(keys.begin(), keys.end(), item.key()) == keys.end()) {
            return wrong(std::string_view{item.key()}.substr(0, 40), "is not expected here");
        }
    }
    return {};
}

Result<std::string> string_at(const json& object, std::string_view key) {
    const auto found = object.find(std::string{key});
    if (found == object.end() || !found->is_string()) {
        return wrong(key, "must be a string");
    }
    return found->get<std::string>();
}

Result<std::uint64_t> number_at(const json& object, std::string_view key) {
    const auto found = object.find(std::string{key});
    if (found == object.end() || !found->is_number_unsigned()) {
        return wrong(key, "must be a whole number of 0 or more");
    }
    return found->get<std::uint64_t>();
}

}  // namespace sublet::client
