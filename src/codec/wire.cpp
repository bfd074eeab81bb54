// wire.cpp: protobuf's wire primitives in their canonical form.
// Deterministic. Spec: docs/spec/codec.md.
#include "codec/wire.hpp"

namespace sublet::codec {

void write_varint(Bytes& out, std::uint64_t value) {
    while (value >= 128) {
        out.push_back(static_cast<char>((value & 127U) | 128U));
        value >>= 7U;
    }
    out.push_back(static_cast<char>(value));
}

void write_tag(Bytes& out, std::uint32_t number, WireType type) {
    write_varint(out, (std::uint64_t{number} << 3U) | static_cast<std::uint8_t>(type));
}

void write_length(Bytes& out, BytesView content) {
    write_varint(out, content.size());
    out.append(content);
}

Result<std::uint64_t> Reader::long_varint() {
    std::uint64_t value = 0;
    for (unsigned i = 0; i < 10; ++i) {
        if (i >= rest_.size()) {
            return fail(Code::kMalformed, "a varint ends early");
        }
        const auto byte = static_cast<unsigned char>(rest_[i]);
        if (i == 9 && byte > 1) {
            return fail(Code::kMalformed, "a varint exceeds 64 bits");
        }
        value |= static_cast<std::uint64_t>(byte & 127U) << (7 * i);
        if (byte < 128) {
            if (byte == 0 && i > 0) {
                return fail(Code::kNotCanonical, "a varint is longer than it needs to be");
            }
            rest_.remove_prefix(i + 1);
            return value;
        }
    }
    return fail(Code::kMalformed, "a varint exceeds 10 bytes");
}

Result<BytesView> Reader::length() {
    TRY(size, varint());
    if (size > rest_.size()) {
        return fail(Code::kMalformed, "a field is longer than its message");
    }
    const BytesView piece = rest_.substr(0, size);
    rest_.remove_prefix(size);
    return piece;
}

Result<> Reader::skip(std::size_t bytes) {
    if (bytes > rest_.size()) {
        return fail(Code::kMalformed, "a field is longer than its message");
    }
    rest_.remove_prefix(bytes);
    return {};
}

Result<Reader::Tag> Reader::tag() {
    TRY(raw, varint());
    const std::uint64_t type = raw & 7U;
    const std::uint64_t number = raw >> 3U;
    if (number == 0 || number > 0x1fffffff || (type != 0 && type != 1 && type != 2 && type != 5)) {
        return fail(Code::kMalformed, "not a field tag");
    }
    return Tag{static_cast<std::uint32_t>(number), static_cast<WireType>(type)};
}

Result<Reader::Tag> Reader::peek_tag() const {
    if (done()) {
        return Tag{};
    }
    Reader copy = *this;
    return copy.tag();
}

}  // namespace sublet::codec
