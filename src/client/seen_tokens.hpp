// seen_tokens.hpp: remembers used tokens until they expire, so that one for a manifest or a shell works once.
// Spec: threats.md T10.
#pragma once

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <utility>

#include "client/token.hpp"

namespace sublet::client {

inline constexpr std::size_t kMaxSeenTokens = 65'536;
inline constexpr std::size_t kMaxSeenPerIssuer = 256;  // one tenant cannot fill the memory of all
static_assert(kMaxSeenPerIssuer < kMaxSeenTokens);

// Not thread-safe. Forgets at restart: a token can then be used once more within its 330 s.
class SeenTokens {
public:
    explicit SeenTokens(std::size_t tokens_max = kMaxSeenTokens) : tokens_max_(tokens_max) {}

    // Ask after verify_token and after everything else about the request was found right. kUnauthorized: the scope is
    // not in the token, or a token for the manifest or the shell was used for it before, or it has expired. kRefused:
    // no room to remember it; try again when tokens have expired.
    Result<> admit(const TokenClaims& claims, Scope use, std::uint64_t now_s);

    [[nodiscard]] std::size_t size() const { return by_token_.size(); }

private:
    struct Key {
        crypto::Address issuer;
        Scope use{};
        std::string id;
        auto operator<=>(const Key&) const = default;
    };
    void forget_expired();

    std::size_t tokens_max_;
    std::uint64_t latest_s_ = 0;  // the clock as far as it ever got: a step back must not revive what was forgotten
    std::set<Key> by_token_;
    std::set<std::pair<std::uint64_t, Key>> by_expiry_;
    std::map<crypto::Address, std::size_t> per_issuer_;
};

}  // namespace sublet::client
