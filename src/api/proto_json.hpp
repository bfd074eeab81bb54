// proto_json.hpp: a struct as protobuf's own JSON, as Cosmos' gateway writes it: field names as in proto/, every field
// there, 64-bit integers as strings, bytes as base64, enumerations by the names of the contract.
// Private to the room. Spec: docs/spec/rest.md.
#pragma once

#include "codec/json.hpp"

namespace sublet::api {

namespace proto_json {

using codec::Content;

// "sublet::market::CloseReason" → "CLOSE_REASON_".
template <class T>
std::string enum_prefix() {
    std::string_view text = __PRETTY_FUNCTION__;
    text = text.substr(text.find("T = ") + 4);
    text = text.substr(0, text.find_first_of(";]"));
    text = text.substr(text.rfind(':') + 1);
    std::string out;
    for (const char c : text) {
        const bool upper = c >= 'A' && c <= 'Z';
        out += upper && !out.empty() ? "_" : "";
        out += upper ? c : static_cast<char>(c - 'a' + 'A');
    }
    return out + "_";
}

// The contract's name: its prefix and ours in upper case. Its zero means "not set", whatever ours says.
template <class T>
std::string contract_name(T value) {
    const std::string prefix = enum_prefix<T>();
    if (static_cast<std::uint64_t>(value) == 0) {
        return prefix + "UNSPECIFIED";
    }
    std::string out;
    for (const char c : std::string_view{to_name(value)}) {
        out += c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
    }
    return out.starts_with(prefix) ? out : prefix + out;
}

template <class T>
void append(std::string& out, const T& value, Content content) {
    if constexpr (std::same_as<T, bool> || std::same_as<T, std::uint32_t>) {
        codec::detail::append_json(out, value, content);
    } else if constexpr (std::is_enum_v<T>) {
        codec::append_json_string(out, contract_name(value));
    } else if constexpr (codec::IsVector<T>::value) {
        out += '[';
        for (std::size_t i = 0; i < value.size(); ++i) {
            out += i == 0 ? "" : ",";
            append(out, value[i], content);
        }
        out += ']';
    } else if constexpr (codec::IsOptional<T>::value) {
        if (value) {
            append(out, *value, content);
        } else {
            out += "null";
        }
    } else if constexpr (codec::IsFixedBytes<T>::value) {
        codec::append_json_string(out, to_base64(view_of(value)));
    } else if constexpr (codec::Struct<T>) {
        out += '{';
        bool first = true;
        codec::for_each_field<T>([&](const auto& each) {
            out += first ? "" : ",";
            first = false;
            codec::append_json_string(out, each.name);
            out += ':';
            append(out, value.*each.member, each.content);
        });
        out += '}';
    } else {
        codec::detail::append_json(out, value, content);
    }
}

}  // namespace proto_json

template <codec::Struct T>
std::string to_proto_json(const T& value) {
    std::string out;
    proto_json::append(out, value, codec::Content::kText);
    return out;
}

}  // namespace sublet::api
