// amino.hpp: a struct as amino JSON, the text that hardware wallets sign: keys sorted, defaults left out, 64-bit
// integers as strings, raw bytes as base64, enumerations as numbers. Deterministic. Spec: docs/spec/transactions.md.
//
// Two values of one type never share a text: a field is left out exactly when it is its default, and every kind of
// value is written in one way that can be read back.
#pragma once

#include <algorithm>
#include <array>

#include "codec/fields.hpp"

namespace sublet::codec {

// Appends `text` in quotes, escaped as JSON.stringify does and then & < > as \u0026 \u003c \u003e.
// False when it is not UTF-8: JSON cannot carry it, and `out` is of no use.
[[nodiscard]] bool append_amino_text(std::string& out, std::string_view text);

// The one list of a type that is written even when it is empty; specialise where a type has one.
template <class T>
inline constexpr std::string_view kAminoKeeps = "";

namespace detail {

template <Struct T>
consteval auto amino_order() {
    constexpr std::size_t kCount = count_fields<T>();
    std::array<std::string_view, kCount> names{};
    std::array<std::size_t, kCount> order{};
    std::size_t next = 0;
    for_each_field<T>([&](const auto& each) {
        names[next] = each.name;
        order[next] = next;
        ++next;
    });
    std::ranges::sort(order, [&](std::size_t a, std::size_t b) { return names[a] < names[b]; });
    return order;
}
template <Struct T>
inline constexpr auto kAminoOrder = amino_order<T>();

template <class T>
bool amino_default(const T& value) {
    if constexpr (Varint<T>) {
        return to_number(value) == 0;
    } else if constexpr (IsOptional<T>::value) {
        return !value.has_value();
    } else if constexpr (Struct<T>) {
        bool all = true;
        for_each_field<T>([&](const auto& each) { all = all && amino_default(value.*each.member); });
        return all;
    } else {
        return value.empty();  // text, bytes, lists
    }
}

template <Struct T>
bool append_amino_object(std::string& out, const T& value);

template <class T>
bool append_amino(std::string& out, const T& value, Content content) {
    if constexpr (std::same_as<T, bool>) {
        out += value ? "true" : "false";
    } else if constexpr (std::is_enum_v<T> || std::same_as<T, std::uint32_t>) {
        out += std::to_string(to_number(value));
    } else if constexpr (Varint<T>) {
        out += '"' + std::to_string(to_number(value)) + '"';
    } else if constexpr (std::same_as<T, Bytes>) {
        return append_amino_text(out, content == Content::kRaw ? to_base64(value) : value);
    } else if constexpr (IsVector<T>::value) {
        out += '[';
        bool ok = true;
        for (std::size_t i = 0; ok && i < value.size(); ++i) {
            out += i == 0 ? "" : ",";
            ok = append_amino(out, value[i], content);
        }
        out += ']';
        return ok;
    } else if constexpr (IsOptional<T>::value) {
        return !value.has_value() || append_amino(out, *value, content);  // an object leaves out what is absent
    } else {
        return append_amino_object(out, value);  // other types do not occur in messages and do not compile
    }
    return true;
}

template <Struct T>
bool append_amino_object(std::string& out, const T& value) {
    bool ok = true;
    bool first = true;
    const auto member = [&](const auto& each) {
        if (!ok || (amino_default(value.*each.member) && each.name != kAminoKeeps<T>)) {
            return;
        }
        out += first ? "\"" : ",\"";
        out.append(each.name).append("\":");
        first = false;
        ok = append_amino(out, value.*each.member, each.content);
    };
    out += '{';
    for (const std::size_t next : kAminoOrder<T>) {
        std::size_t at = 0;
        for_each_field<T>([&](const auto& each) {
            if (at++ == next) {
                member(each);
            }
        });
    }
    out += '}';
    return ok;
}

}  // namespace detail

// False when a text of it is not UTF-8.
template <Struct T>
[[nodiscard]] bool append_amino_json(std::string& out, const T& value) {
    return detail::append_amino_object(out, value);
}

}  // namespace sublet::codec
