// bip39_words.hpp: the English word list of BIP-39.
// Deterministic. Spec: BIP-39.
#pragma once

#include <array>
#include <string_view>

namespace sublet::client {

inline constexpr std::size_t kBip39Words = 2048;

// Sorted, so that a word is found by halving; its place is its 11 bits.
extern const std::array<std::string_view, kBip39Words> kBip39English;

}  // namespace sublet::client
