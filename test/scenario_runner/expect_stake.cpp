// expect_stake.cpp: the facts of validators, delegations, the stakes together, proposals and parameters.
#include <numeric>

#include "facts.hpp"
#include "modules/gov/process.hpp"
#include "modules/stake/delegation.hpp"

namespace sublet::scenario {
namespace {

Facts facts_of(const stake::Validator& stored, const std::string& name, const World& world) {
    const stake::Validator validator = stake::settled(world.view(), stored);
    const std::uint64_t missed = std::accumulate(validator.missed.begin(), validator.missed.end(), std::uint64_t{0});
    return {{"power", counted(world.power(name))},  // in the engine's set
            {"stake", money(validator.stake)},
            {"shares", counted(validator.shares)},
            {"self", money(stake::value_floor(validator, validator.self_shares))},
            {"grant", counted(validator.grant)},
            {"weight", counted(validator.weight)},
            {"commission", money(stake::whole_floor(validator.commission))},
            {"commission_permille", counted(validator.commission_permille)},
            {"missed", counted(missed)},
            {"jailed", text(validator.jailed ? "yes" : "no")},
            {"struck", text(stake::is_struck(validator) ? "yes" : "no")},
            {"leaves", text(validator.retires_at.is_zero() ? "no" : "yes")}};
}

// "DELEGATOR/VALIDATOR"
std::pair<Address, Address> pair_of(const std::string& which) {
    const std::vector<std::string> names = split(which, '/');
    if (names.size() != 2) {
        throw Failure("a delegation is called DELEGATOR/VALIDATOR, for example alice/ann");
    }
    return {World::raw_address(names[0]), World::raw_address(names[1])};
}

Facts delegation_facts(const std::string& which, const World& world) {
    const auto [delegator, operator_address] = pair_of(which);
    const auto found = stake::find(world.view(), operator_address);
    Facts out{{"worth", money({})}, {"shares", counted(0)}, {"earned", money({})}, {"leaving", money({})}};
    if (const auto mine = stake::find_delegation(world.view(), operator_address, delegator)) {
        const stake::Validator validator = stake::settled(world.view(), there(found, "its validator"));
        out["worth"] = money(stake::value_floor(validator, mine->shares));
        out["shares"] = counted(mine->shares);
        out["earned"] = money(stake::whole_floor(stake::settled(validator, *mine).owed));
    }
    if (const auto leaving = stake::find_unbonding(world.view(), operator_address, delegator)) {
        std::uint64_t sum = 0;
        for (const stake::Leaving& each : leaving->entries) {
            sum += each.amount.value();
        }
        out["leaving"] = money(Amount{sum});
    }
    return out;
}

Facts pool_facts(const World& world) {
    const stake::Pool pool = stake::pool(world.view());
    return {{"validators", counted(pool.validators)}, {"bonded", money(pool.bonded)},
            {"unbonding", money(pool.unbonding)},     {"rewards", money(pool.rewards)},
            {"weight", counted(pool.weight)},         {"set", counted(stake::engine_set(world.view()).members.size())}};
}

Facts facts_of(const gov::Proposal& proposal) {
    return {{"state", text(gov::to_name(proposal.state))},
            {"deposit", money(proposal.deposit)},
            {"ballots", counted(proposal.ballots.size())},
            {"yes", counted(proposal.yes)},
            {"no", counted(proposal.no)},
            {"abstain", counted(proposal.abstain)},
            {"total", counted(proposal.total)}};
}

// Every parameter by its whole name, as a plain number.
Fact parameter(const std::string& name, const World& world) {
    std::optional<Fact> out;
    const auto look = [&](const auto& params) {
        codec::for_each_field<std::remove_cvref_t<decltype(params)>>([&](const auto& field) {
            if (field.name == name) {
                out = counted(codec::to_number(params.*field.member));
            }
        });
    };
    const gov::AllParams all = gov::all_params(world.view());
    look(all.ledger);
    look(all.stake);
    look(all.gov);
    return there(out, "parameter " + name);
}

// Of the upgrade that is ahead, or was done.
Facts upgrade_facts(const std::string& name, const World& world) {
    Facts out{{"state", text("unknown")}};
    if (const auto plan = gov::plan(world.view()); plan && plan->name == name) {
        out["state"] = text("ahead");
    }
    for (const gov::Upgrade& each : gov::upgrades_done(world.view())) {
        out["state"] = each.name == name ? text("done") : out["state"];
    }
    return out;
}

}  // namespace

std::optional<Facts> stake_facts(const std::string& thing, const std::string& which, const World& world) {
    if (thing == "validator") {
        const auto found = stake::find(world.view(), World::raw_address(which));
        return facts_of(there(found, "validator " + which), which, world);
    }
    if (thing == "delegation") {
        return delegation_facts(which, world);
    }
    if (thing == "stakes") {
        return pool_facts(world);
    }
    if (thing == "proposal") {
        return facts_of(there(gov::find_proposal(world.view(), gov::ProposalId{number(which)}), "proposal " + which));
    }
    if (thing == "param") {
        return Facts{{"is", parameter(which, world)}};
    }
    if (thing == "upgrade") {
        return upgrade_facts(which, world);
    }
    return std::nullopt;
}

}  // namespace sublet::scenario
