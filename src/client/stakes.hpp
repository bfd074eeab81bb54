// stakes.hpp: validators, delegations, proposals and votes of a network, read through a Chain.
// Spec: docs/spec/stake.md, docs/spec/governance.md.
#pragma once

#include "client/chain.hpp"
#include "modules/gov/process.hpp"
#include "modules/stake/delegation.hpp"

namespace sublet::client {

// Nothing of it is there on a network without validators. Errors as Chain's.
struct Stakes {
    stake::Params params;
    stake::Pool pool;
    stake::EngineSet set;
    std::vector<stake::Validator> validators;  // in order of their operators' addresses, as they were stored

    // In the engine's set; zero: it is not in it.
    [[nodiscard]] std::uint64_t power(const stake::Validator& validator) const;
    // What it earned up to now is where it belongs.
    [[nodiscard]] stake::Validator settled(stake::Validator validator) const;
};
// Errors: kNotFound (the network has no validators).
Task<Result<Stakes>> stakes(Chain& chain);
Task<Result<std::vector<stake::Delegation>>> delegations(Chain& chain, Address delegator);
Task<Result<std::vector<stake::Unbonding>>> unbondings(Chain& chain, Address delegator);
Task<Result<std::vector<gov::Proposal>>> proposals(Chain& chain);
// The one that is ahead, if there is one, then those that were done.
Task<Result<std::vector<gov::Upgrade>>> upgrades(Chain& chain);

}  // namespace sublet::client
