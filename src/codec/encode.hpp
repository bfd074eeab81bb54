// encode.hpp: a struct to canonical protobuf bytes: fields in order, defaults left out, presence of optional parts
// kept. Deterministic. Spec: docs/spec/codec.md.
#pragma once

#include "codec/fields.hpp"
#include "codec/wire.hpp"

namespace sublet::codec {

template <Struct T>
Bytes encode(const T& value);

namespace detail {

template <class T>
Bytes piece_of(const T& value) {
    if constexpr (std::same_as<T, Bytes>) {
        return value;
    } else if constexpr (IsFixedBytes<T>::value) {
        return Bytes{view_of(value)};
    } else if constexpr (BytesLike<T>) {
        return Bytes{AsBytes<T>::to_bytes(value)};
    } else {
        return encode(value);
    }
}

inline bool all_zero(BytesView bytes) {
    for (const char c : bytes) {
        if (c != 0) {
            return false;
        }
    }
    return true;
}

template <class T>
bool left_out(BytesView piece) {
    if constexpr (IsFixedBytes<T>::value || BytesLike<T>) {
        return all_zero(piece);
    } else {
        return piece.empty();
    }
}

template <class T>
void write_vector(Bytes& out, std::uint32_t number, const std::vector<T>& values) {
    if constexpr (Varint<T>) {
        if (values.empty()) {
            return;
        }
        Bytes packed;
        for (const T& each : values) {
            write_varint(packed, to_number(each));
        }
        write_tag(out, number, WireType::kLength);
        write_length(out, packed);
    } else {
        for (const T& each : values) {
            write_tag(out, number, WireType::kLength);
            write_length(out, piece_of(each));
        }
    }
}

template <class T>
void write_field(Bytes& out, std::uint32_t number, const T& value) {
    if constexpr (Varint<T>) {
        if (to_number(value) != 0) {
            write_tag(out, number, WireType::kVarint);
            write_varint(out, to_number(value));
        }
    } else if constexpr (IsVector<T>::value) {
        write_vector(out, number, value);
    } else if constexpr (IsOptional<T>::value) {
        if (value) {
            write_tag(out, number, WireType::kLength);
            write_length(out, piece_of(*value));
        }
    } else {
        const Bytes piece = piece_of(value);
        if (!left_out<T>(piece)) {
            write_tag(out, number, WireType::kLength);
            write_length(out, piece);
        }
    }
}

}  // namespace detail

template <Struct T>
Bytes encode(const T& value) {
    static_assert(ascending<T>(), "field numbers must rise");
    Bytes out;
    for_each_field<T>([&](const auto& each) { detail::write_field(out, each.number, value.*each.member); });
    return out;
}

}  // namespace sublet::codec
