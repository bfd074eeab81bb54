// seen_tokens.cpp: remembers used tokens until they expire.
// Spec: threats.md T10.
#include "client/seen_tokens.hpp"

#include <algorithm>

namespace sublet::client {

Result<> SeenTokens::admit(const TokenClaims& claims, Scope use, std::uint64_t now_s) {
    latest_s_ = std::max(latest_s_, now_s);
    forget_expired();
    if (!claims.allows(use)) {
        return fail(Code::kUnauthorized, "the token is not for \"" + std::string{scope_name(use)} + "\"");
    }
    if (latest_s_ >= claims.expires_s && latest_s_ - claims.expires_s >= kTokenSkew_s) {
        return fail(Code::kUnauthorized, "the token has expired; make a new one");
    }
    if (use != Scope::kManifest && use != Scope::kShell) {
        return {};  // reading again what may be read harms nobody
    }
    const Key key{.issuer = claims.issuer, .use = use, .id = claims.id};
    if (by_token_.contains(key)) {
        return fail(Code::kUnauthorized, "the token was used before; make a new one for each request");
    }
    const auto own = per_issuer_.find(claims.issuer);
    if (by_token_.size() >= tokens_max_ || (own != per_issuer_.end() && own->second >= kMaxSeenPerIssuer)) {
        return fail(Code::kRefused, "too many tokens were used in the last minutes; try again in five minutes");
    }
    by_token_.insert(key);
    by_expiry_.emplace(claims.expires_s, key);
    ++per_issuer_[claims.issuer];
    return {};
}

void SeenTokens::forget_expired() {
    while (!by_expiry_.empty() && latest_s_ >= by_expiry_.begin()->first &&
           latest_s_ - by_expiry_.begin()->first >= kTokenSkew_s) {
        const Key key = by_expiry_.begin()->second;
        by_expiry_.erase(by_expiry_.begin());
        by_token_.erase(key);
        if (const auto own = per_issuer_.find(key.issuer); --own->second == 0) {
            per_issuer_.erase(own);
        }
    }
}

}  // namespace sublet::client
