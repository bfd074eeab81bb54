// decode.hpp: canonical protobuf bytes to a struct. Whatever encode would not have written is refused, so
// encode(decode(b)) == b. Deterministic. Spec: docs/spec/codec.md.
#pragma once

#include "codec/encode.hpp"

namespace sublet::codec {

inline constexpr std::size_t kMaxRepeated = 4096;

// Errors: kMalformed, kNotCanonical (order, defaults, varints), kUnknownField, kOutOfRange, kTooLarge (a list over
// kMaxRepeated).
template <Struct T>
Result<T> decode(BytesView bytes);

namespace detail {

template <class T>
Result<T> from_piece(BytesView piece) {
    if constexpr (std::same_as<T, Bytes>) {
        return Bytes{piece};
    } else if constexpr (IsFixedBytes<T>::value) {
        return fixed_from<std::tuple_size_v<T>>(piece);
    } else if constexpr (BytesLike<T>) {
        return AsBytes<T>::from_bytes(piece);
    } else {
        return decode<T>(piece);
    }
}

inline std::unexpected<Error> wrong_type(std::string_view name) {
    return fail(Code::kMalformed, "field " + std::string{name} + " has the wrong wire type");
}

template <class T>
Result<> read_packed(std::vector<T>& values, BytesView packed) {
    Reader reader{packed};
    while (!reader.done()) {
        TRY(number, reader.varint());
        TRY(value, from_number<T>(number));
        if (values.size() == kMaxRepeated) {
            return fail(Code::kTooLarge, "a list has too many entries");
        }
        values.push_back(value);
    }
    return values.empty() ? Result<>{fail(Code::kNotCanonical, "an empty list is written out")} : Result<>{};
}

template <class T>
Result<> read_vector(Reader& reader, std::uint32_t number, std::vector<T>& values) {
    TRY(first, reader.length());
    if constexpr (Varint<T>) {
        return read_packed(values, first);
    } else {
        TRY(value, from_piece<T>(first));
        values.push_back(std::move(value));
        while (true) {
            TRY(next, reader.peek_tag());
            if (next.number != number) {
                return {};
            }
            if (next.type != WireType::kLength || values.size() == kMaxRepeated) {
                return fail(Code::kTooLarge, "a list has too many entries or mixed types");
            }
            TRY(tag, reader.tag());
            (void)tag;
            TRY(piece, reader.length());
            TRY(more, from_piece<T>(piece));
            values.push_back(std::move(more));
        }
    }
}

template <class T>
Result<> read_field(Reader& reader, std::uint32_t number, std::string_view name, WireType type, T& value) {
    if constexpr (Varint<T>) {
        if (type != WireType::kVarint) {
            return wrong_type(name);
        }
        TRY(raw, reader.varint());
        if (raw == 0) {
            return fail(Code::kNotCanonical, "field " + std::string{name} + " is written out although it is zero");
        }
        TRY(parsed, from_number<T>(raw));
        value = parsed;
        return {};
    } else if constexpr (IsVector<T>::value) {
        if (type != WireType::kLength) {
            return wrong_type(name);
        }
        return read_vector(reader, number, value);
    } else {
        if (type != WireType::kLength) {
            return wrong_type(name);
        }
        TRY(piece, reader.length());
        if constexpr (IsOptional<T>::value) {
            TRY(parsed, from_piece<typename T::value_type>(piece));
            value = std::move(parsed);
        } else {
            TRY(parsed, from_piece<T>(piece));
            value = std::move(parsed);
            if (left_out<T>(piece)) {
                return fail(Code::kNotCanonical, "field " + std::string{name} + " is written out although it is empty");
            }
        }
        return {};
    }
}

// What a left-out field means: zero, whatever the member's initialiser says. Else encode(decode(b)) would not be b.
template <class T>
T zero_of() {
    if constexpr (std::is_enum_v<T>) {
        return static_cast<T>(0);
    } else if constexpr (Struct<T>) {
        T out{};
        for_each_field<T>(
            [&](const auto& each) { out.*each.member = zero_of<std::remove_cvref_t<decltype(out.*each.member)>>(); });
        return out;
    } else {
        return T{};
    }
}

// Enumerations without a value for zero must be written out.
template <Struct T>
Result<> all_there(const T& value) {
    Result<> result;
    for_each_field<T>([&](const auto& each) {
        using Member = std::remove_cvref_t<decltype(value.*each.member)>;
        if constexpr (std::is_enum_v<Member>) {
            if (value.*each.member == static_cast<Member>(0) && !valid(static_cast<Member>(0))) {
                result = fail(Code::kOutOfRange, "field " + std::string{each.name} + " is missing");
            }
        }
    });
    return result;
}

}  // namespace detail

template <Struct T>
Result<T> decode(BytesView bytes) {
    static_assert(ascending<T>(), "field numbers must rise");
    T out = detail::zero_of<T>();
    Reader reader{bytes};
    std::uint32_t last = 0;
    while (!reader.done()) {
        TRY(tag, reader.tag());
        if (tag.number <= last) {
            return fail(Code::kNotCanonical, "field " + std::to_string(tag.number) + " is out of order or twice there");
        }
        last = tag.number;
        Result<> read = fail(Code::kUnknownField, "field " + std::to_string(tag.number) + " is not known");
        for_each_field<T>([&](const auto& each) {
            if (each.number == tag.number) {
                read = detail::read_field(reader, each.number, each.name, tag.type, out.*each.member);
            }
        });
        TRY_OK(read);
    }
    TRY_OK(detail::all_there(out));
    return out;
}

}  // namespace sublet::codec
