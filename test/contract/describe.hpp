// describe.hpp: the field list of a struct as JSON, so that another program can hold it against proto/.
#pragma once

#include "types.hpp"

namespace sublet::contract {

// What a strong type counts; empty for plain numbers and ids.
template <class T>
constexpr std::string_view unit_of() {
    if constexpr (std::same_as<T, Amount>) {
        return "amount";
    } else if constexpr (std::same_as<T, Rate>) {
        return "rate";
    } else if constexpr (std::same_as<T, Millis>) {
        return "millis";
    } else if constexpr (std::same_as<T, LedgerTime>) {
        return "ledger_time";
    } else if constexpr (std::same_as<T, BlockTime>) {
        return "block_time";
    } else if constexpr (std::same_as<T, ServiceClock>) {
        return "service_clock";
    } else {
        return "";
    }
}

inline void add(std::string& out, std::string_view name, std::string_view value) {
    if (!value.empty()) {
        out += ",\"" + std::string{name} + "\":";
        codec::append_json_string(out, value);
    }
}

// The struct's own name, as the compiler has it: "sublet::market::Offer".
template <class T>
constexpr std::string_view struct_name() {
    std::string_view text = __PRETTY_FUNCTION__;
    text.remove_prefix(text.find("T = ") + 4);
    return text.substr(0, text.find_first_of(";]"));
}

// The kind of a value, its type where it has one of its own, its length where that is fixed, its unit.
template <class T>
void add_kind(std::string& out, codec::Content content) {
    if constexpr (codec::Struct<T>) {
        static_assert(!name_in<T>(kTypes).empty(), "a field's struct has no row in kTypes");
        add(out, "kind", "message");
        add(out, "type", name_in<T>(kTypes));
    } else if constexpr (std::is_enum_v<T>) {
        static_assert(!name_in<T>(kEnums).empty(), "a field's enumeration has no row in kEnums");
        add(out, "kind", "enum");
        add(out, "type", name_in<T>(kEnums));
    } else if constexpr (codec::Varint<T>) {
        add(out, "kind", std::same_as<T, bool> ? "bool" : std::same_as<T, std::uint32_t> ? "uint32" : "uint64");
        add(out, "unit", unit_of<T>());
    } else if constexpr (std::same_as<T, Bytes>) {
        add(out, "kind", content == codec::Content::kText ? "string" : "bytes");
    } else if constexpr (codec::IsFixedBytes<T>::value) {
        add(out, "kind", "bytes");
        out += ",\"size\":" + std::to_string(std::tuple_size_v<T>);
    } else {
        static_assert(std::same_as<T, Address>);
        add(out, "kind", "bytes");
        add(out, "form", "address");
        out += ",\"size\":20";
    }
}

template <codec::Struct T>
std::string describe(std::string_view name) {
    std::string out =
        "{\"name\":\"" + std::string{name} + "\",\"struct\":\"" + std::string{struct_name<T>()} + "\",\"fields\":[";
    bool first = true;
    codec::for_each_field<T>([&](const auto& each) {
        using Member = std::remove_cvref_t<decltype(std::declval<T>().*each.member)>;
        out += first ? "{" : ",{";
        first = false;
        out += "\"number\":" + std::to_string(each.number);
        add(out, "name", each.name);
        if constexpr (codec::IsVector<Member>::value) {
            add(out, "label", "repeated");
            add_kind<typename Member::value_type>(out, each.content);
        } else if constexpr (codec::IsOptional<Member>::value) {
            add(out, "label", "optional");
            add_kind<typename Member::value_type>(out, each.content);
        } else {
            add(out, "label", "plain");
            add_kind<Member>(out, each.content);
        }
        out += '}';
    });
    return out + "]}";
}

template <class E>
std::string describe_enum(std::string_view name) {
    std::string out = "{\"name\":\"" + std::string{name} + "\",\"values\":[";
    bool first = true;
    for (unsigned number = 0; number < 256; ++number) {
        if (const E value = static_cast<E>(number); valid(value)) {
            out += std::string{first ? "" : ","} + "[" + std::to_string(number) + ",";
            codec::append_json_string(out, to_name(value));
            out += ']';
            first = false;
        }
    }
    return out + "]}";
}

}  // namespace sublet::contract
