// loose.hpp: protobuf as other programs write it, to the structs of our field lists: fields in any order, unknown ones
// passed over, defaults written out or not, lists packed or not, the last of several values counts.
// Bytes that are hashed, signed or stored go through codec/decode.hpp instead.
// Spec: protobuf.dev/programming-guides/encoding; docs/spec/consensus.md.
#pragma once

#include "base/assert.hpp"
#include "codec/fields.hpp"
#include "codec/wire.hpp"

namespace sublet::abci {

// Errors: kMalformed, kOutOfRange (a number that its field cannot hold).
template <codec::Struct T>
Result<> read_loosely(BytesView bytes, T& into);

namespace detail {

using codec::Reader;
using codec::WireType;

inline Result<> pass_over(Reader& reader, WireType type) {
    switch (type) {
        case WireType::kVarint: {
            TRY(number, reader.varint());
            (void)number;
            return {};
        }
        case WireType::kLength: {
            TRY(piece, reader.length());
            (void)piece;
            return {};
        }
        case WireType::kFixed64:
            return reader.skip(8);
        case WireType::kFixed32:
            return reader.skip(4);
    }
    SUBLET_UNREACHABLE();
}

template <class T>
Result<> read_piece(BytesView piece, T& value) {
    if constexpr (codec::Struct<T>) {
        return read_loosely(piece, value);
    } else {
        value = T{piece};
        return {};
    }
}

template <codec::Varint T>
Result<> read_number(Reader& reader, T& value) {
    TRY(raw, reader.varint());
    TRY(parsed, codec::from_number<T>(raw));
    value = parsed;
    return {};
}

template <class T>
Result<> read_numbers(BytesView packed, std::vector<T>& values) {
    Reader reader{packed};
    while (!reader.done()) {
        T value{};
        TRY_OK(read_number(reader, value));
        values.push_back(value);
    }
    return {};
}

// True: the wire type is the field's. A field with another one is passed over, as protobuf does.
template <class T>
constexpr bool fits(WireType type) {
    if constexpr (codec::Varint<T>) {
        return type == WireType::kVarint;
    } else if constexpr (codec::IsVector<T>::value) {
        return type == WireType::kLength || (type == WireType::kVarint && codec::Varint<typename T::value_type>);
    } else {
        return type == WireType::kLength;
    }
}

template <class T>
Result<> read_value(Reader& reader, WireType type, T& value) {
    if constexpr (codec::Varint<T>) {
        return read_number(reader, value);
    } else if constexpr (codec::IsVector<T>::value) {
        using Item = typename T::value_type;
        if constexpr (codec::Varint<Item>) {
            if (type == WireType::kVarint) {
                Item item{};
                TRY_OK(read_number(reader, item));
                value.push_back(item);
                return {};
            }
            TRY(packed, reader.length());
            return read_numbers(packed, value);
        } else {
            TRY(piece, reader.length());
            return read_piece(piece, value.emplace_back());
        }
    } else if constexpr (codec::IsOptional<T>::value) {
        TRY(piece, reader.length());
        return read_piece(piece, value ? *value : value.emplace());  // what comes twice is merged
    } else {
        TRY(piece, reader.length());
        return read_piece(piece, value);
    }
}

}  // namespace detail

template <codec::Struct T>
Result<> read_loosely(BytesView bytes, T& into) {
    codec::Reader reader{bytes};
    while (!reader.done()) {
        TRY(tag, reader.tag());
        bool known = false;
        Result<> read;
        codec::for_each_field<T>([&](const auto& each) {
            using Member = std::remove_cvref_t<decltype(into.*each.member)>;
            if (each.number == tag.number && detail::fits<Member>(tag.type)) {
                known = true;
                read = detail::read_value(reader, tag.type, into.*each.member);
            }
        });
        if (!known) {
            read = detail::pass_over(reader, tag.type);
        }
        TRY_OK(read);
    }
    return {};
}

template <codec::Struct T>
Result<T> decode_loosely(BytesView bytes) {
    T out{};
    TRY_OK(read_loosely(bytes, out));
    return out;
}

}  // namespace sublet::abci
