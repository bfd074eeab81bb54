// address.cpp: an account's address and its text.
// Deterministic. Spec: Cosmos ADR-028 (secp256k1 accounts), BIP-173.
#include "crypto/address.hpp"

#include <algorithm>

#include "base/assert.hpp"
#include "crypto/bech32.hpp"
#include "crypto/sha256.hpp"

namespace sublet::crypto {

Address address_of(const PublicKey& key) noexcept { return Address{ripemd160(view_of(sha256(view_of(key))))}; }

std::string to_bech32(const Address& address) { return to_bech32(address, kAddressPrefix); }

std::string to_bech32(const Address& address, std::string_view prefix) {
    auto text = encode_bech32(prefix, words_from_bytes(address.view()));
    // Twenty bytes are 32 words: with a prefix of the declared form nothing can be refused.
    SUBLET_ASSERT(text.has_value());
    return *std::move(text);
}

Result<Address> parse_address(std::string_view text) { return parse_address(text, kAddressPrefix); }

Result<Address> parse_address(std::string_view text, std::string_view prefix) {
    // What is quoted in an error is bounded and printable: the text may come from anybody.
    const auto refuse = [text](const std::string& why) {
        std::string quoted{text.substr(0, kMaxBech32Text)};
        std::replace_if(quoted.begin(), quoted.end(), [](char c) { return c < 32 || c > 126; }, '?');
        return fail(Code::kBadAddress, "address \"" + quoted + "\": " + why);
    };
    auto decoded = decode_bech32(text);
    if (!decoded) {
        return refuse(decoded.error().message);
    }
    if (decoded->prefix != prefix) {
        return refuse("starts with \"" + decoded->prefix + "\", expected \"" + std::string{prefix} + "\"");
    }
    // A whole text in upper case is valid bech32, but a second spelling of the same account.
    if (text.substr(0, prefix.size()) != prefix) {
        return refuse("write it in lower case");
    }
    auto bytes = bytes_from_words(decoded->words);
    if (!bytes) {
        return refuse(bytes.error().message);
    }
    auto fixed = fixed_from<20>(*bytes);
    if (!fixed) {
        return refuse(fixed.error().message);
    }
    return Address{*fixed};
}

}  // namespace sublet::crypto
