// decode.hpp: canonical protobuf bytes to a struct. Whatever encode would not have written is refused, so
// encode(decode(b)) == b. Deterministic. Spec: docs/spec/codec.md.
#pragma once

#include "codec/read_field.hpp"

namespace sublet::codec {

namespace detail {

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

// Enumerations without a value for zero must be written out, also those of a plain sub-message that was left out.
template <Struct T>
Result<> all_there(const T& value) {
    Result<> result;
    for_each_field<T>([&](const auto& each) {
        using Member = std::remove_cvref_t<decltype(value.*each.member)>;
        if constexpr (Struct<Member>) {
            if (result) {
                result = all_there(value.*each.member);
            }
        } else if constexpr (std::is_enum_v<Member>) {
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
        bool known = false;
        Result<> read;
        for_each_field<T>([&](const auto& each) {
            if (each.number == tag.number) {
                known = true;
                const detail::FieldHead head{each.number, each.name, each.content};
                read = detail::read_field(reader, head, tag.type, out.*each.member);
            }
        });
        if (!known) {
            return fail(Code::kUnknownField, "field " + std::to_string(tag.number) + " is not known");
        }
        TRY_OK(read);
    }
    TRY_OK(detail::all_there(out));
    return out;
}

}  // namespace sublet::codec
