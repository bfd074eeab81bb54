// bech32.hpp: text with a readable prefix and a checksum that finds typing errors.
// Deterministic. Spec: BIP-173 (the checksum constant 1, not BIP-350's).
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.hpp"

namespace sublet::crypto {

inline constexpr std::size_t kMaxBech32Text = 90;
inline constexpr std::size_t kBech32ChecksumWords = 6;

// The part before the last "1", in lower case, and five bits per word without the checksum.
struct Bech32 {
    std::string prefix;
    std::vector<std::uint8_t> words;
};

// kMalformed: prefix not 1–83 characters of lower-case ASCII 33–126, a word above 31, or more than 90 characters.
Result<std::string> encode_bech32(std::string_view prefix, const std::vector<std::uint8_t>& words);

// Accepts all-lower and all-upper case, as BIP-173 says. kMalformed with the rule that was broken.
Result<Bech32> decode_bech32(std::string_view text);

// Eight-bit bytes to five-bit words, the last one filled with zero bits, and back (kMalformed: over 4 bits of padding,
// or padding that is not zero).
std::vector<std::uint8_t> words_from_bytes(BytesView bytes);
Result<Bytes> bytes_from_words(const std::vector<std::uint8_t>& words);

}  // namespace sublet::crypto
