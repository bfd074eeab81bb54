// json_view.hpp: reading an engine's JSON without trusting its shape: a missing or mistyped field is a default, never a
// throw.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

namespace sublet::runtime {

using Json = nlohmann::json;

// Null when the text is not JSON.
inline Json parse_json(std::string_view text) {
    Json value = Json::parse(text, nullptr, false);
    return value.is_discarded() ? Json() : value;
}

// The value at the end of the path of names, or null.
inline const Json& at(const Json& from, std::initializer_list<const char*> path) {
    static const Json kNull;
    const Json* here = &from;
    for (const char* name : path) {
        if (!here->is_object()) {
            return kNull;
        }
        const auto found = here->find(name);
        if (found == here->end()) {
            return kNull;
        }
        here = &*found;
    }
    return *here;
}

inline std::string text_at(const Json& from, std::initializer_list<const char*> path) {
    const Json& value = at(from, path);
    return value.is_string() ? value.get_ref<const std::string&>() : std::string();
}

// 0 for anything that is not a number ≥ 0.
inline std::uint64_t number_at(const Json& from, std::initializer_list<const char*> path) {
    const Json& value = at(from, path);
    if (value.is_number_unsigned()) {
        return value.get<std::uint64_t>();
    }
    if (value.is_number_integer()) {
        return value.get<std::int64_t>() < 0 ? 0 : static_cast<std::uint64_t>(value.get<std::int64_t>());
    }
    return 0;
}

inline bool flag_at(const Json& from, std::initializer_list<const char*> path) {
    const Json& value = at(from, path);
    return value.is_boolean() && value.get<bool>();
}

inline std::map<std::string, std::string> labels_at(const Json& from, std::initializer_list<const char*> path) {
    std::map<std::string, std::string> out;
    const Json& value = at(from, path);
    if (value.is_object()) {
        for (const auto& [name, entry] : value.items()) {
            if (entry.is_string()) {
                out.emplace(name, entry.get<std::string>());
            }
        }
    }
    return out;
}

// Bytes that are not UTF-8 are replaced, so that dumping cannot throw.
inline std::string dump(const Json& value) { return value.dump(-1, ' ', false, Json::error_handler_t::replace); }

}  // namespace sublet::runtime
