// json.hpp: a struct as JSON for people and clients: 64-bit integers as strings, raw bytes as base64, fixed bytes as
// hex, enumerations by the name their to_name() gives. Deterministic. Spec: docs/spec/codec.md.
#pragma once

#include "codec/fields.hpp"

namespace sublet::codec {

// Appends `text` in quotes with what JSON wants escaped; bytes that are not UTF-8 become U+FFFD.
void append_json_string(std::string& out, std::string_view text);

template <Struct T>
std::string to_json(const T& value);

namespace detail {

template <class T>
void append_json(std::string& out, const T& value, Content content) {
    if constexpr (std::same_as<T, bool>) {
        out += value ? "true" : "false";
    } else if constexpr (std::is_enum_v<T>) {
        append_json_string(out, to_name(value));
    } else if constexpr (std::same_as<T, std::uint32_t>) {
        out += std::to_string(value);
    } else if constexpr (Varint<T>) {
        out += '"' + std::to_string(to_number(value)) + '"';
    } else if constexpr (std::same_as<T, Bytes>) {
        append_json_string(out, content == Content::kRaw ? to_base64(value) : value);
    } else if constexpr (IsFixedBytes<T>::value) {
        out += '"' + to_hex(view_of(value)) + '"';
    } else if constexpr (BytesLike<T>) {
        append_json_string(out, AsBytes<T>::to_text(value));
    } else if constexpr (IsVector<T>::value) {
        out += '[';
        for (std::size_t i = 0; i < value.size(); ++i) {
            out += i == 0 ? "" : ",";
            append_json(out, value[i], content);
        }
        out += ']';
    } else if constexpr (IsOptional<T>::value) {
        if (value) {
            append_json(out, *value, content);
        } else {
            out += "null";
        }
    } else {
        out += to_json(value);
    }
}

}  // namespace detail

template <Struct T>
std::string to_json(const T& value) {
    std::string out = "{";
    for_each_field<T>([&](const auto& each) {
        out += out.size() == 1 ? "" : ",";
        append_json_string(out, each.name);
        out += ':';
        detail::append_json(out, value.*each.member, each.content);
    });
    return out + "}";
}

}  // namespace sublet::codec
