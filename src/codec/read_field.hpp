// read_field.hpp: one field of a canonical message; the part of decode.hpp that knows the types.
// Deterministic. Spec: docs/spec/codec.md.
#pragma once

#include "codec/encode.hpp"
#include "codec/utf8.hpp"

namespace sublet::codec {

inline constexpr std::size_t kMaxRepeated = 4096;

// Errors: kMalformed (also text that is not UTF-8), kNotCanonical (order, defaults, varints), kUnknownField,
// kOutOfRange, kTooLarge (a list over kMaxRepeated).
template <Struct T>
Result<T> decode(BytesView bytes);

namespace detail {

// What a field's reader knows of it beside its type.
struct FieldHead {
    std::uint32_t number = 0;
    std::string_view name;
    Content content = Content::kText;
};

template <class T>
Result<T> from_piece(BytesView piece, const FieldHead& field) {
    if constexpr (std::same_as<T, Bytes>) {
        if (field.content == Content::kText && !is_utf8(piece)) {
            return fail(Code::kMalformed, "field " + std::string{field.name} + " is not UTF-8");
        }
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
Result<> read_vector(Reader& reader, const FieldHead& field, std::vector<T>& values) {
    TRY(first, reader.length());
    if constexpr (Varint<T>) {
        return read_packed(values, first);
    } else {
        TRY(value, from_piece<T>(first, field));
        values.push_back(std::move(value));
        while (true) {
            TRY(next, reader.peek_tag());
            if (next.number != field.number) {
                return {};
            }
            if (next.type != WireType::kLength || values.size() == kMaxRepeated) {
                return fail(Code::kTooLarge, "a list has too many entries or mixed types");
            }
            TRY(tag, reader.tag());
            (void)tag;
            TRY(piece, reader.length());
            TRY(more, from_piece<T>(piece, field));
            values.push_back(std::move(more));
        }
    }
}

template <class T>
Result<> read_field(Reader& reader, const FieldHead& field, WireType type, T& value) {
    if constexpr (Varint<T>) {
        if (type != WireType::kVarint) {
            return wrong_type(field.name);
        }
        TRY(raw, reader.varint());
        if (raw == 0) {
            return fail(Code::kNotCanonical,
                        "field " + std::string{field.name} + " is written out although it is zero");
        }
        TRY(parsed, from_number<T>(raw));
        value = parsed;
        return {};
    } else if constexpr (IsVector<T>::value) {
        if (type != WireType::kLength) {
            return wrong_type(field.name);
        }
        return read_vector(reader, field, value);
    } else {
        if (type != WireType::kLength) {
            return wrong_type(field.name);
        }
        TRY(piece, reader.length());
        if constexpr (IsOptional<T>::value) {
            TRY(parsed, from_piece<typename T::value_type>(piece, field));
            value = std::move(parsed);
        } else {
            TRY(parsed, from_piece<T>(piece, field));
            value = std::move(parsed);
            if (left_out<T>(piece)) {
                return fail(Code::kNotCanonical,
                            "field " + std::string{field.name} + " is written out although it is empty");
            }
        }
        return {};
    }
}

}  // namespace detail

}  // namespace sublet::codec
