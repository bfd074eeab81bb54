// bytes.cpp: hex, base64 and big-endian integers.
// Deterministic.
#include "base/bytes.hpp"

namespace sublet {
namespace {

constexpr std::string_view kLowerHex = "0123456789abcdef";
constexpr std::string_view kUpperHex = "0123456789ABCDEF";
constexpr std::string_view kBase64 = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
constexpr std::string_view kBase64Url = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

constexpr std::uint8_t kNoDigit = 64;

// What each character stands for: a transaction's text is looked through character by character.
constexpr std::array<std::uint8_t, 256> values_of(std::string_view alphabet) {
    std::array<std::uint8_t, 256> out{};
    out.fill(kNoDigit);
    for (std::uint8_t i = 0; i < alphabet.size(); ++i) {
        out[static_cast<unsigned char>(alphabet[i])] = i;
    }
    return out;
}

constexpr std::array<std::uint8_t, 256> kOfBase64 = values_of(kBase64);
constexpr std::array<std::uint8_t, 256> kOfBase64Url = values_of(kBase64Url);

std::string hex_with(BytesView bytes, std::string_view digits) {
    std::string out;
    out.reserve(bytes.size() * 2);
    for (const char c : bytes) {
        const auto byte = static_cast<unsigned char>(c);
        out.push_back(digits[byte >> 4U]);
        out.push_back(digits[byte & 15U]);
    }
    return out;
}

int hex_digit(char c) {
    if (c >= '0' && c <= '9') {
        return c - '0';
    }
    if (c >= 'a' && c <= 'f') {
        return c - 'a' + 10;
    }
    return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

std::string encode64(BytesView bytes, std::string_view alphabet, bool padded) {
    std::string out;
    out.reserve((bytes.size() + 2) / 3 * 4);
    std::uint32_t window = 0;
    unsigned bits = 0;
    for (const char c : bytes) {
        window = (window << 8U) | static_cast<unsigned char>(c);
        bits += 8;
        while (bits >= 6) {
            bits -= 6;
            out.push_back(alphabet[(window >> bits) & 63U]);
        }
    }
    if (bits > 0) {
        out.push_back(alphabet[(window << (6 - bits)) & 63U]);
    }
    while (padded && out.size() % 4 != 0) {
        out.push_back('=');
    }
    return out;
}

// Strict: no stray characters, and the unused low bits of the last digit are zero, so that each byte string has one
// text.
Result<Bytes> decode64(std::string_view text, const std::array<std::uint8_t, 256>& values) {
    Bytes out(text.size() * 3 / 4, '\0');  // whole digits give no more
    std::size_t at = 0;
    std::uint32_t window = 0;
    unsigned bits = 0;
    for (const char c : text) {
        const std::uint8_t digit = values[static_cast<unsigned char>(c)];
        if (digit == kNoDigit) {
            return fail(Code::kMalformed, "not base64: unexpected character");
        }
        window = ((window << 6U) | digit) & 0xffffffU;
        bits += 6;
        if (bits >= 8) {
            bits -= 8;
            out[at++] = static_cast<char>((window >> bits) & 255U);
        }
    }
    if (bits >= 6 || (window & ((1U << bits) - 1U)) != 0) {
        return fail(Code::kMalformed, "not base64: it ends in the middle of a byte");
    }
    return out;
}

}  // namespace

std::string to_hex(BytesView bytes) { return hex_with(bytes, kLowerHex); }
std::string to_hex_upper(BytesView bytes) { return hex_with(bytes, kUpperHex); }

Result<Bytes> from_hex(std::string_view text) {
    if (text.size() % 2 != 0) {
        return fail(Code::kMalformed, "not hex: odd number of digits");
    }
    Bytes out;
    out.reserve(text.size() / 2);
    for (std::size_t i = 0; i < text.size(); i += 2) {
        const int high = hex_digit(text[i]);
        const int low = hex_digit(text[i + 1]);
        if (high < 0 || low < 0) {
            return fail(Code::kMalformed, "not hex: unexpected character");
        }
        out.push_back(static_cast<char>(high * 16 + low));
    }
    return out;
}

std::string to_base64(BytesView bytes) { return encode64(bytes, kBase64, true); }
std::string to_base64url(BytesView bytes) { return encode64(bytes, kBase64Url, false); }

Result<Bytes> from_base64(std::string_view text) {
    if (text.size() % 4 != 0) {
        return fail(Code::kMalformed, "not base64: the padding is missing");
    }
    const std::size_t padding = text.ends_with("==") ? 2U : (text.ends_with('=') ? 1U : 0U);
    text.remove_suffix(padding);
    return decode64(text, kOfBase64);
}

Result<Bytes> from_base64url(std::string_view text) { return decode64(text, kOfBase64Url); }

void append_be64(Bytes& out, std::uint64_t value) {
    for (int shift = 56; shift >= 0; shift -= 8) {
        out.push_back(static_cast<char>((value >> shift) & 255U));
    }
}

void append_be32(Bytes& out, std::uint32_t value) {
    for (int shift = 24; shift >= 0; shift -= 8) {
        out.push_back(static_cast<char>((value >> shift) & 255U));
    }
}

std::uint64_t read_be64(BytesView bytes) noexcept {
    std::uint64_t value = 0;
    for (std::size_t i = 0; i < 8; ++i) {
        value = (value << 8U) | static_cast<unsigned char>(bytes[i]);
    }
    return value;
}

}  // namespace sublet
