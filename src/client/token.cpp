// token.cpp: short-lived bearer tokens with which a tenant speaks to its provider's gateway.
// Spec: RFC 7519 (JWT), RFC 8812 (ES256K), Cosmos ADR-036 (ES256KADR36), threats.md T10.
#include "client/token.hpp"

#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>

#include "client/signed_text.hpp"
#include "client/strict_json.hpp"

namespace sublet::client {
namespace {

using nlohmann::json;

constexpr std::array<std::string_view, kMaxScopes> kScopeNames = {"manifest", "status", "logs",
                                                                  "events",   "shell",  "job"};
constexpr std::size_t kTokenIdBytes = 16;

std::unexpected<Error> refuse(const std::string& why) {
    return fail(Code::kUnauthorized, "the token is refused: " + why);
}

Result<std::vector<Scope>> scopes_of(const json& list) {
    std::vector<Scope> out;
    if (!list.is_array() || list.empty() || list.size() > kMaxScopes) {
        return fail(Code::kParse, "\"scope\" must be a list of 1 to 6 scopes");
    }
    for (const json& item : list) {
        const auto found = !item.is_string()
                               ? kScopeNames.end()
                               : std::find(kScopeNames.begin(), kScopeNames.end(), item.get_ref<const std::string&>());
        if (found == kScopeNames.end()) {
            return fail(Code::kParse, "\"scope\" knows manifest, status, logs, events, shell and job only");
        }
        const auto scope = static_cast<Scope>(found - kScopeNames.begin());
        if (std::find(out.begin(), out.end(), scope) != out.end()) {
            return fail(Code::kParse, "\"scope\" names one scope twice");
        }
        out.push_back(scope);
    }
    return out;
}

Result<TokenClaims> claims_of(const json& object) {
    const char* what = object.is_object() && object.contains("job") ? "job" : "lease";
    TRY_OK(require_keys(object, {"iss", "aud", "chain_id", "spki", what, "scope", "iat", "nbf", "exp", "jti"}));
    TokenClaims out;
    TRY(issuer, string_at(object, "iss"));
    TRY(audience, string_at(object, "aud"));
    TRY(issuer_address, crypto::parse_address(issuer));
    TRY(audience_address, crypto::parse_address(audience));
    TRY(chain_id, string_at(object, "chain_id"));
    TRY(spki, string_at(object, "spki"));
    TRY(spki_bytes, from_hex(spki));
    TRY(spki_hash, fixed_from<32>(spki_bytes));
    TRY(subject, number_at(object, what));
    const bool of_job = what == std::string_view{"job"};
    TRY(scopes, scopes_of(object["scope"]));
    TRY(issued, number_at(object, "iat"));
    TRY(begins, number_at(object, "nbf"));
    TRY(expires, number_at(object, "exp"));
    TRY(id, string_at(object, "jti"));
    return TokenClaims{.issuer = issuer_address,
                       .audience = audience_address,
                       .chain_id = chain_id,
                       .spki = spki_hash,
                       .lease = LeaseId{of_job ? 0 : subject},
                       .job = JobId{of_job ? subject : 0},
                       .scopes = scopes,
                       .issued_s = issued,
                       .begins_s = begins,
                       .expires_s = expires,
                       .id = id};
}

bool is_token_id(std::string_view id) {
    const auto allowed = [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '_';
    };
    return id.size() >= kMinTokenId && id.size() <= kMaxTokenId && std::all_of(id.begin(), id.end(), allowed);
}

// What a token must satisfy whoever reads it and whenever.
Result<> check_shape(const TokenClaims& claims) {
    if (!is_token_id(claims.id)) {
        return fail(Code::kParse, "\"jti\" must have 16 to 64 characters of A-Z a-z 0-9 - _");
    }
    if (claims.chain_id.empty() || claims.chain_id.size() > kMaxChainId) {
        return fail(Code::kParse, "\"chain_id\" must have 1 to 64 characters");
    }
    const std::uint64_t start = std::min(claims.issued_s, claims.begins_s);
    if (claims.expires_s <= std::max(claims.issued_s, claims.begins_s)) {
        return fail(Code::kParse, "\"exp\" must come after \"iat\" and \"nbf\"");
    }
    if (claims.expires_s - start > kMaxTokenLife_s) {
        return fail(Code::kParse, "it lives longer than 300 s");
    }
    return {};
}

// Sums are on the side of `now` and of differences that cannot wrap: the claims come from a stranger.
Result<> check_time(const TokenClaims& claims, std::uint64_t now_s) {
    const std::uint64_t latest = now_s + kTokenSkew_s;
    if (claims.issued_s > latest || claims.begins_s > latest) {
        return refuse("it is not valid yet; compare the clocks of both machines");
    }
    if (claims.expires_s < now_s && now_s - claims.expires_s >= kTokenSkew_s) {
        return refuse("it has expired; make a new one, and compare the clocks of both machines");
    }
    return {};
}

json to_json(const TokenClaims& claims) {
    const bool of_job = claims.job != JobId{};
    json scopes = json::array();
    for (Scope scope : claims.scopes) {
        scopes.push_back(scope_name(scope));
    }
    return json{{"iss", crypto::to_bech32(claims.issuer)},
                {"aud", crypto::to_bech32(claims.audience)},
                {"chain_id", claims.chain_id},
                {"spki", to_hex(view_of(claims.spki))},
                {of_job ? "job" : "lease", of_job ? claims.job.value() : claims.lease.value()},
                {"scope", scopes},
                {"iat", claims.issued_s},
                {"nbf", claims.begins_s},
                {"exp", claims.expires_s},
                {"jti", claims.id}};
}

}  // namespace

bool TokenClaims::allows(Scope scope) const { return std::find(scopes.begin(), scopes.end(), scope) != scopes.end(); }

std::string_view scope_name(Scope scope) noexcept { return kScopeNames[static_cast<std::size_t>(scope)]; }

TokenClaims claims_for(const TokenTarget& target, std::uint64_t now_s, std::uint64_t life_s, net::Random& random) {
    return TokenClaims{.audience = target.audience,
                       .chain_id = target.chain_id,
                       .spki = target.spki,
                       .lease = target.lease,
                       .job = target.job,
                       .scopes = target.scopes,
                       .issued_s = now_s,
                       .begins_s = now_s,
                       .expires_s = now_s + life_s,
                       .id = to_base64url(random.bytes(kTokenIdBytes))};
}

Result<std::string> make_token(TokenClaims claims, const crypto::SecretKey& key) {
    TRY(own, crypto::public_key(key));
    claims.issuer = crypto::address_of(own);
    const json body = to_json(claims);
    auto shape = check_shape(claims);
    auto read_back = claims_of(body);
    if (!shape || !read_back) {
        return fail(Code::kUsage, "no such token can be made: " + (!shape ? shape.error() : read_back.error()).message);
    }
    return sign_claims(body, key);
}

Result<TokenClaims> verify_token(std::string_view text, const TokenExpectations& expected) {
    const auto read = read_signed(text);
    if (!read) {
        return refuse(read.error().message);
    }
    auto claims = claims_of(read->claims);
    if (!claims) {
        return refuse("in its claims " + claims.error().message);
    }
    if (auto shape = check_shape(*claims); !shape) {
        return refuse(shape.error().message);
    }
    if (auto genuine = check_signature(*read); !genuine) {
        return refuse(genuine.error().message);
    }
    if (claims->issuer != signer_of(*read)) {
        return refuse("its key is not the key of its issuer");
    }
    if (claims->chain_id != expected.chain_id) {
        return refuse("it is for another chain");
    }
    if (claims->audience != expected.audience) {
        return refuse("it is for another provider");
    }
    if (claims->spki != expected.spki) {
        return refuse("it is for another TLS key; read the provider's record again");
    }
    TRY_OK(check_time(*claims, expected.now_s));
    return claims;
}

}  // namespace sublet::client
