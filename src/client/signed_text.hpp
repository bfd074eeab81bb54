// signed_text.hpp: a JSON object that an account signed, as one line of text: header.claims.signature. Tokens,
// delegations and receipts are such texts, told apart by the keys of their claims.
// Spec: RFC 7515, RFC 7519 (JWT), RFC 8812 (ES256K), Cosmos ADR-036 (ES256KADR36); docs/spec/gateway.md.
#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <string_view>

#include "crypto/address.hpp"

namespace sublet::client {

inline constexpr std::size_t kMaxTokenText = 4096;

// As it was read: nothing is known of the signature until check_signature() took it.
struct SignedText {
    nlohmann::json claims;
    crypto::PublicKey key{};  // that the header carries: whose it is says its hash
    bool by_wallet = false;   // ES256KADR36: the document of ADR-036 is signed, not the text itself
    std::string_view signature;
    std::string_view signed_part;  // of the text that was read, which must outlive this
};

// Errors: kParse, saying which part is malformed ("it …", "its …", "in its header …").
Result<SignedText> read_signed(std::string_view text);
// Errors: kUnauthorized ("its signature does not match …").
Result<> check_signature(const SignedText& text);
crypto::Address signer_of(const SignedText& text);

// ES256K. Errors: kInternal (the key is none).
Result<std::string> sign_claims(const nlohmann::json& claims, const crypto::SecretKey& key);

}  // namespace sublet::client
