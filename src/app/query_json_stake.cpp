// query_json_stake.cpp: validators, what is bonded to them, and proposals as JSON for REST.
// Deterministic. Spec: docs/spec/stake.md, docs/spec/governance.md.
#include <algorithm>

#include "app/json_text.hpp"
#include "modules/query.hpp"

namespace sublet::app {
namespace {

// Everything that it earned up to now is where it belongs.
std::string validator_json(const ledger::View& view, const stake::Validator& stored) {
    const stake::Validator validator = stake::settled(view, stored);
    const stake::EngineSet set = stake::engine_set(view);
    const auto member = std::ranges::find(set.members, validator.consensus_key, &stake::Member::key);
    const std::uint64_t power = member == set.members.end() ? 0 : member->power;
    const std::string_view state = stake::is_struck(validator) ? "struck"
                                   : validator.jailed          ? "jailed"
                                   : power > 0                 ? "active"
                                                               : "waiting";
    std::string json = codec::to_json(validator);
    json = with_field(std::move(json), "power", json_quoted(std::to_string(power)));
    json = with_field(std::move(json), "state", json_quoted(state));
    const auto address = stake::consensus_address(validator.consensus_key);
    json = with_field(std::move(json), "consensus_address", json_quoted(to_hex_upper(view_of(address))));
    return with_field(std::move(json), "to_withdraw",
                      json_quoted(std::to_string(stake::whole_floor(validator.commission).value())));
}

std::string delegation_json(const ledger::View& view, const stake::Delegation& delegation) {
    std::string json = codec::to_json(delegation);
    const std::optional<stake::Validator> stored = stake::find(view, delegation.validator);
    const stake::Validator validator = stake::settled(view, stored.value_or(stake::Validator{}));
    const Amount worth = stake::value_floor(validator, delegation.shares);
    const Amount earned = stake::whole_floor(stake::settled(validator, delegation).owed);
    json = with_field(std::move(json), "worth", json_quoted(std::to_string(worth.value())));
    return with_field(std::move(json), "to_withdraw", json_quoted(std::to_string(earned.value())));
}

template <class T, class Json>
std::string joined_json(const std::vector<T>& all, const Json& json) {
    std::string out = "[";
    for (const T& each : all) {
        out += out.size() == 1 ? "" : ",";
        out += json(each);
    }
    return out + "]";
}

Result<std::string> validators_json(const ledger::View& view, std::string_view id, const std::string& behind) {
    if (!id.empty()) {
        TRY(address, account::parse(id, "address"));
        const std::optional<stake::Validator> found = stake::find(view, address);
        return found ? Result<std::string>{validator_json(view, *found)} : fail(Code::kNotFound, "no such validator");
    }
    std::optional<Address> after;
    if (!behind.empty()) {
        TRY(address, account::parse(behind, "behind"));
        after = address;
    }
    return "{\"validators\":" +
           joined_json(stake::validators_behind(view, after, query::kMaxListed),
                       [&](const stake::Validator& each) { return validator_json(view, each); }) +
           ",\"pool\":" + codec::to_json(stake::pool(view)) + ",\"params\":" + codec::to_json(stake::params(view)) +
           "}";
}

Result<std::string> delegations_json(const ledger::View& view, std::string_view id) {
    TRY(delegator, account::parse(id, "address"));
    return "{\"delegations\":" +
           joined_json(stake::delegations_of(view, delegator, query::kMaxListed),
                       [&](const stake::Delegation& each) { return delegation_json(view, each); }) +
           ",\"unbondings\":" +
           joined_json(stake::unbondings_of(view, delegator, query::kMaxListed),
                       [](const stake::Unbonding& each) { return codec::to_json(each); }) +
           "}";
}

Result<std::string> proposals_json(const ledger::View& view, std::string_view id, const std::string& after) {
    if (!id.empty()) {
        TRY(number, number_of(id));
        const std::optional<gov::Proposal> found = gov::find_proposal(view, gov::ProposalId{number});
        return found ? Result<std::string>{codec::to_json(*found)} : fail(Code::kNotFound, "no such proposal");
    }
    TRY(above, number_of(after.empty() ? "0" : after));
    const auto plain = [](const auto& each) { return codec::to_json(each); };
    return "{\"proposals\":" +
           joined_json(gov::proposals_after(view, gov::ProposalId{above}, query::kMaxListed), plain) +
           ",\"upgrades\":" + joined_json(gov::upgrades(view), plain) +
           ",\"params\":" + codec::to_json(gov::params(view)) + "}";
}

}  // namespace

std::optional<Result<std::string>> stake_json(const ledger::View& view, std::string_view table, std::string_view id,
                                              const std::map<std::string, std::string>& parameters) {
    const auto given = [&](const char* name) {
        const auto at = parameters.find(name);
        return at == parameters.end() ? std::string{} : at->second;
    };
    if (table == "validators") {
        return validators_json(view, id, given("behind"));
    }
    if (table == "delegations") {
        return delegations_json(view, id);
    }
    if (table == "proposals") {
        return proposals_json(view, id, given("after"));
    }
    return std::nullopt;
}

}  // namespace sublet::app
