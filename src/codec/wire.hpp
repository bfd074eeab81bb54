// wire.hpp: protobuf's wire primitives in their canonical form: minimal varints, tags, length-delimited pieces.
// Deterministic. Spec: docs/spec/codec.md.
#pragma once

#include <cstdint>

#include "base/bytes.hpp"

namespace sublet::codec {

enum class WireType : std::uint8_t { kVarint = 0, kFixed64 = 1, kLength = 2, kFixed32 = 5 };

void write_varint(Bytes& out, std::uint64_t value);
void write_tag(Bytes& out, std::uint32_t number, WireType type);
void write_length(Bytes& out, BytesView content);

// Reads from the front of a view. Each read answers kMalformed at a short input and kNotCanonical at an overlong
// varint.
class Reader {
public:
    explicit Reader(BytesView bytes) : rest_(bytes) {}
    [[nodiscard]] bool done() const { return rest_.empty(); }
    Result<std::uint64_t> varint() {
        if (!rest_.empty() && static_cast<unsigned char>(rest_.front()) < 128) {  // most are one byte
            const auto value = static_cast<std::uint64_t>(rest_.front());
            rest_.remove_prefix(1);
            return value;
        }
        return long_varint();
    }
    Result<BytesView> length();
    Result<> skip(std::size_t bytes);

    struct Tag {
        std::uint32_t number = 0;
        WireType type = WireType::kVarint;
    };
    Result<Tag> tag();
    // The next tag without taking it; number 0 at the end.
    Result<Tag> peek_tag() const;

private:
    Result<std::uint64_t> long_varint();

    BytesView rest_;
};

}  // namespace sublet::codec
