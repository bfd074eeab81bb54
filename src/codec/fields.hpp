// fields.hpp: how a struct lists its fields once, and which C++ types the codec knows.
// Deterministic. Spec: docs/spec/codec.md.
#pragma once

#include <concepts>
#include <cstdint>
#include <optional>
#include <string>
#include <type_traits>
#include <vector>

#include "base/bytes.hpp"
#include "base/units.hpp"

namespace sublet::codec {

// How a byte string reads in JSON: text as it is, raw bytes as base64.
enum class Content : std::uint8_t { kText, kRaw };

template <class Class, class Member>
struct Field {
    std::uint32_t number = 0;
    std::string_view name;
    Member Class::* member = nullptr;
    Content content = Content::kText;
};

template <class Class, class Member>
constexpr Field<Class, Member> field(std::uint32_t number, std::string_view name, Member Class::* member) {
    return {number, name, member, Content::kText};
}
template <class Class, class Member>
constexpr Field<Class, Member> raw_field(std::uint32_t number, std::string_view name, Member Class::* member) {
    return {number, name, member, Content::kRaw};
}

// A list of fields: shows each to a visitor. Not a std::tuple, which would take most of the time of a compilation.
template <class... Fields>
constexpr auto list(Fields... fields) {
    return [=](auto&& visit) constexpr { (visit(fields), ...); };
}

// A struct with `static constexpr auto fields()` returning a list of field(…) in ascending order of their numbers.
template <class T>
concept Struct = requires { T::fields(); };

// A type that lives elsewhere and travels as bytes (an address): specialise with to_bytes, from_bytes, is_default,
// to_text.
template <class T>
struct AsBytes;
template <class T>
concept BytesLike = requires(const T& value, BytesView bytes) {
    { AsBytes<T>::to_bytes(value) } -> std::convertible_to<BytesView>;
    { AsBytes<T>::from_bytes(bytes) } -> std::same_as<Result<T>>;
};

template <class T>
struct IsQuantity : std::false_type {};
template <class Tag>
struct IsQuantity<Quantity<Tag>> : std::true_type {};
template <class T>
struct IsFixedBytes : std::false_type {};
template <std::size_t N>
struct IsFixedBytes<FixedBytes<N>> : std::true_type {};
template <class T>
struct IsVector : std::false_type {};
template <class T>
struct IsVector<std::vector<T>> : std::true_type {};
template <class T>
struct IsOptional : std::false_type {};
template <class T>
struct IsOptional<std::optional<T>> : std::true_type {};

// What travels as one varint.
template <class T>
concept Varint = std::same_as<T, bool> || std::same_as<T, std::uint32_t> || std::same_as<T, std::uint64_t> ||
                 std::is_enum_v<T> || IsQuantity<T>::value;

template <Varint T>
constexpr std::uint64_t to_number(const T& value) {
    if constexpr (IsQuantity<T>::value) {
        return value.value();
    } else {
        return static_cast<std::uint64_t>(value);
    }
}

// Answers kOutOfRange when the number does not fit. Enums: the type's own valid() decides, else any 32-bit value.
template <Varint T>
Result<T> from_number(std::uint64_t number) {
    if constexpr (IsQuantity<T>::value) {
        return T{number};
    } else if constexpr (std::same_as<T, bool>) {
        if (number > 1) {
            return fail(Code::kNotCanonical, "a truth value is neither 0 nor 1");
        }
        return number == 1;
    } else if constexpr (std::is_enum_v<T>) {
        if (number > 255 || !valid(static_cast<T>(number))) {
            return fail(Code::kOutOfRange, "an enumeration has no value " + std::to_string(number));
        }
        return static_cast<T>(number);
    } else {
        if constexpr (sizeof(T) == 4) {
            if (number > 0xffffffffU) {
                return fail(Code::kOutOfRange, "a number exceeds 32 bits");
            }
        }
        return static_cast<T>(number);
    }
}

// The list, made when the program is.
template <Struct T>
inline constexpr auto kFieldsOf = T::fields();

// Runs `visit(field)` over the list, in order.
template <Struct T, class Visit>
constexpr void for_each_field(Visit&& visit) {
    kFieldsOf<T>(visit);
}
template <Struct T>
consteval std::size_t count_fields() {
    std::size_t count = 0;
    for_each_field<T>([&](const auto&) { ++count; });
    return count;
}

// The numbers of the list rise strictly; checked where a struct is first encoded or decoded.
template <Struct T>
consteval bool ascending() {
    std::uint32_t last = 0;
    bool ok = true;
    for_each_field<T>([&](const auto& each) {
        ok = ok && each.number > last;
        last = each.number;
    });
    return ok;
}

}  // namespace sublet::codec
