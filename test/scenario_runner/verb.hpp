// verb.hpp: what a verb of a scenario is, and what it is given.
#pragma once

#include <span>

#include "crypto/sha256.hpp"
#include "modules/audit/terms.hpp"
#include "verbs.hpp"

namespace sublet::scenario {

struct Call {
    const std::string& name;
    std::string signer;  // the account itself, or its operator for an agent's verb
    Args& args;
    const World& world;
    Operators& operators;

    [[nodiscard]] std::string me() const { return World::address(signer); }
};

template <ledger::Message M>
ledger::Any wrap(const M& message) {
    return {std::string{M::kTypeUrl}, codec::encode(message)};
}

template <class Id>
Id id(Call& call, const std::string& key) {
    return Id{number(call.args.need(key))};
}

inline std::uint32_t small(std::string_view text) { return static_cast<std::uint32_t>(number(text)); }
inline Bytes nonce_of(Call& call) { return Bytes{view_of(crypto::sha256(call.args.take("nonce", "nonce")))}; }

struct Verb {
    std::string_view name;
    bool agents;  // signed by the provider's operator
    ledger::Any (*make)(Call&);
};

// Those of jobs (verbs_job.cpp), of audits (verbs_audit.cpp), of stakes and votes (verbs_stake.cpp).
std::span<const Verb> job_verbs();
std::span<const Verb> audit_verbs();
std::span<const Verb> stake_verbs();
// audit=crops|whole engine= share= floor= seeds=; nothing where there is no `audit`.
std::optional<audit::Terms> audit_terms(Args& args);

}  // namespace sublet::scenario
