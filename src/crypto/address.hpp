// address.hpp: an account's address and its text.
// Deterministic. Spec: Cosmos ADR-028 (secp256k1 accounts), BIP-173.
#pragma once

#include <compare>
#include <string>
#include <string_view>

#include "base/bytes.hpp"
#include "crypto/secp256k1.hpp"

namespace sublet::crypto {

inline constexpr std::string_view kAddressPrefix = "sublet";
inline constexpr std::size_t kAddressTextLength = 45;  // "sublet" + "1" + 32 words + 6 words of checksum

struct Address {
    FixedBytes<20> bytes{};
    auto operator<=>(const Address&) const = default;
    // For keys of the state: valid while the address lives.
    [[nodiscard]] BytesView view() const noexcept { return view_of(bytes); }
};

// RIPEMD-160 of SHA-256 of the compressed key.
Address address_of(const PublicKey& key) noexcept;

std::string to_bech32(const Address& address);
std::string to_bech32(const Address& address, std::string_view prefix);  // prefix: 1–51 lower-case characters

// Strict, so that an address has one spelling: this prefix, lower case, 20 bytes; else kBadAddress.
Result<Address> parse_address(std::string_view text);
Result<Address> parse_address(std::string_view text, std::string_view prefix);

}  // namespace sublet::crypto
