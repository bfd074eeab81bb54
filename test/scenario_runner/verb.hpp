// verb.hpp: what a verb of a scenario is, and what it is given.
#pragma once

#include <span>

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

struct Verb {
    std::string_view name;
    bool agents;  // signed by the provider's operator
    ledger::Any (*make)(Call&);
};

// Those of jobs (verbs_job.cpp).
std::span<const Verb> job_verbs();

}  // namespace sublet::scenario
