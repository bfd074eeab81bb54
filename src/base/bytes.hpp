// bytes.hpp: byte strings, their views, hex and base64.
// Deterministic.
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"

namespace sublet {

// Owned bytes. std::string because it is ordered, hashable and has small-size storage; never text unless said so.
using Bytes = std::string;
using BytesView = std::string_view;

template <std::size_t N>
using FixedBytes = std::array<std::uint8_t, N>;
using Hash = FixedBytes<32>;

template <std::size_t N>
BytesView view_of(const FixedBytes<N>& bytes) noexcept {
    return {reinterpret_cast<const char*>(bytes.data()), N};
}

// Copies exactly N bytes, or answers kMalformed.
template <std::size_t N>
Result<FixedBytes<N>> fixed_from(BytesView bytes) {
    if (bytes.size() != N) {
        return fail(Code::kMalformed, "expected " + std::to_string(N) + " bytes, got " + std::to_string(bytes.size()));
    }
    FixedBytes<N> out{};
    for (std::size_t i = 0; i < N; ++i) {
        out[i] = static_cast<std::uint8_t>(bytes[i]);
    }
    return out;
}

std::string to_hex(BytesView bytes);        // lower case
std::string to_hex_upper(BytesView bytes);  // as CometBFT prints hashes
Result<Bytes> from_hex(std::string_view text);

std::string to_base64(BytesView bytes);            // RFC 4648 §4 with padding
Result<Bytes> from_base64(std::string_view text);  // strict: padding required, no spaces
std::string to_base64url(BytesView bytes);         // RFC 4648 §5 without padding, as JWT uses it
Result<Bytes> from_base64url(std::string_view text);

// Big-endian, so that keys sort as numbers do.
void append_be64(Bytes& out, std::uint64_t value);
void append_be32(Bytes& out, std::uint32_t value);
std::uint64_t read_be64(BytesView bytes) noexcept;  // needs at least 8 bytes

}  // namespace sublet
