// token.hpp: short-lived bearer tokens with which a tenant speaks to its provider's gateway.
// Spec: RFC 7519 (JWT), RFC 8812 (ES256K), Cosmos ADR-036 (ES256KADR36), threats.md T10.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/units.hpp"
#include "client/signed_text.hpp"
#include "crypto/address.hpp"
#include "net/host.hpp"

namespace sublet::client {

inline constexpr std::uint64_t kMaxTokenLife_s = 300;
inline constexpr std::uint64_t kTokenSkew_s = 30;
inline constexpr std::size_t kMaxChainId = 64;
inline constexpr std::size_t kMinTokenId = 16;
inline constexpr std::size_t kMaxTokenId = 64;

enum class Scope : std::uint8_t { kManifest, kStatus, kLogs, kEvents, kShell, kJob };
inline constexpr std::size_t kMaxScopes = 6;

// What a token says; every field is in every token. Times are unix seconds.
struct TokenClaims {
    crypto::Address issuer;    // iss: the account whose key signed
    crypto::Address audience;  // aud: the provider
    std::string chain_id;
    Hash spki{};    // SHA-256 of the gateway's public key info, as the ledger's record of the provider pins it
    LeaseId lease;  // of one or the other; the other is zero
    JobId job;
    std::vector<Scope> scopes;    // each at most once
    std::uint64_t issued_s = 0;   // iat
    std::uint64_t begins_s = 0;   // nbf
    std::uint64_t expires_s = 0;  // exp, at most 300 s after the earlier of the two above
    std::string id;               // jti: 16–64 characters of A–Z a–z 0–9 - _, never used twice

    [[nodiscard]] bool allows(Scope scope) const;
};

// What one request to one gateway needs.
struct TokenTarget {
    crypto::Address audience;
    std::string chain_id;
    Hash spki{};
    LeaseId lease;  // or a job
    std::vector<Scope> scopes;
    JobId job = {};
};

// Claims from `now_s` on for `life_s` (1–300), with a random id; the issuer is filled in by make_token.
TokenClaims claims_for(const TokenTarget& target, std::uint64_t now_s, std::uint64_t life_s, net::Random& random);

// Signs. The issuer is the key's own address whatever `claims` says; kUsage when verify_token would refuse the rest.
Result<std::string> make_token(TokenClaims claims, const crypto::SecretKey& key);

struct TokenExpectations {
    std::string_view chain_id;
    crypto::Address audience;
    Hash spki{};
    std::uint64_t now_s = 0;
};

// Takes ES256K, and ES256KADR36 of wallets that sign nothing but documents: then the signature is over adr036_document
// of the key's own address and the text up to the second dot. Every refusal is kUnauthorized with the rule that was
// broken. What the caller still owes: the issuer is the lease's tenant, the lease is this gateway's, the scope fits the
// request, and SeenTokens::admit after those.
Result<TokenClaims> verify_token(std::string_view text, const TokenExpectations& expected);

std::string_view scope_name(Scope scope) noexcept;

}  // namespace sublet::client
