// delegation.hpp: a creator's written word that somebody else may bring one job of his to workers while he is away: its
// package and this one input, and nothing else. Whoever presents it says who he is with a token of his own.
// Spec: docs/spec/gateway.md (delegations), docs/spec/storage.md.
#pragma once

#include <string>
#include <string_view>

#include "base/units.hpp"
#include "crypto/address.hpp"

namespace sublet::client {

inline constexpr std::uint64_t kMaxDelegationLife_s = 30ULL * 86'400;
inline constexpr const char* kDelegationHeader = "sublet-delegation";

struct Delegation {
    crypto::Address creator;  // iss: who signed
    crypto::Address keeper;   // sub: the operator key of the provider that keeps the job
    std::string chain_id;
    JobId job;
    Hash input{};  // what the input's swarm is (agent::identity_of); zero: none, it goes through gateways
    std::uint64_t issued_s = 0;
    std::uint64_t expires_s = 0;  // at most kMaxDelegationLife_s later
    bool operator==(const Delegation&) const = default;
};

// Signs; the creator is the key's own address whatever is said. Errors: kUsage (a time that no delegation has).
Result<std::string> make_delegation(Delegation delegation, const crypto::SecretKey& key);

// Errors: kUnauthorized with the rule that was broken. What the caller still owes: the creator is the job's on the
// ledger, the keeper is who presents it, the request is one that keepers may make.
Result<Delegation> verify_delegation(std::string_view text, std::string_view chain_id, std::uint64_t now_s);

}  // namespace sublet::client
