// invariants.cpp: the sums of stakes, shares and rewards, added up from every record.
// Deterministic. Spec: docs/spec/stake.md (invariants).
#include <algorithm>
#include <map>

#include "modules/stake/process.hpp"

namespace sublet::stake {
namespace {

template <codec::Struct T, class Visit>
void each_record(const View& view, const Bytes& prefix, const Visit& visit) {
    view.visit(prefix, prefix, [&](BytesView, BytesView value) {
        visit(*codec::decode<T>(value));
        return true;
    });
}

struct Held {
    u128 bonded = 0;
    u128 unbonding = 0;
    u128 weight = 0;
    u128 income = 0;  // grains
    std::uint64_t validators = 0;
    std::map<Address, Validator> settled;
    std::map<Address, std::uint64_t> shares;
};

Held add_up_all(const View& view) {
    Held held;
    each_record<Validator>(view, validator_prefix(), [&](const Validator& each) {
        held.bonded += each.stake.value();
        held.weight += each.weight;
        held.validators += counts(each) ? 1U : 0U;
        const Validator now = settled(view, each);
        held.income += number_of(now.carry) + number_of(now.commission);
        held.settled.emplace(each.operator_address, now);
    });
    each_record<Delegation>(view, delegation_prefix(), [&](const Delegation& each) {
        held.shares[each.validator] += each.shares;
        const auto validator = held.settled.find(each.validator);
        held.income += validator == held.settled.end() ? 0 : number_of(settled(validator->second, each).owed);
    });
    each_record<Unbonding>(view, unbonding_prefix(), [&](const Unbonding& each) {
        for (const Leaving& entry : each.entries) {
            held.unbonding += entry.amount.value();
        }
    });
    return held;
}

std::string broken_validator(const View& view, const Validator& validator, const Held& held) {
    const auto shares = held.shares.find(validator.operator_address);
    const auto own = find_delegation(view, validator.operator_address, validator.operator_address);
    const std::string name = "validator " + crypto::to_bech32(validator.operator_address);
    if (validator.shares != (shares == held.shares.end() ? 0 : shares->second) ||
        validator.self_shares != (own ? own->shares : 0)) {
        return name + " miscounts its shares";
    }
    if ((validator.shares == 0) != validator.stake.is_zero()) {
        return name + " has stake without shares, or shares without stake";
    }
    return "";
}

std::string broken_set(const View& view, const Held& held) {
    const EngineSet set = engine_set(view);
    u128 power = 0;
    u128 weight = 0;
    for (const Member& each : set.members) {
        const auto validator = held.settled.find(each.operator_address);
        if (each.power == 0 || validator == held.settled.end() || validator->second.consensus_key != each.key) {
            return "the engine's set has a member that is no validator";
        }
        power += each.power;
        weight += validator->second.weight;
    }
    const bool ascending = std::ranges::is_sorted(set.members, std::less_equal{}, &Member::key);
    if (set.members.empty() || set.members.size() > kMaxSet || power > kMaxPower || !ascending) {
        return "the engine's set is empty, too large or out of order";
    }
    return weight == held.weight ? "" : "somebody outside the engine's set earns";
}

}  // namespace

std::string broken_stakes(const View& view) {
    if (!has_validators(view)) {
        return "";
    }
    const Held held = add_up_all(view);
    const Pool all = pool(view);
    if (held.bonded != all.bonded.value() || held.unbonding != all.unbonding.value() || held.weight != all.weight ||
        held.validators != all.validators) {
        return "what validators hold together is not the sum of them";
    }
    if (held.income + number_of(all.carry) != u128{all.rewards.value()} * kGrainsOfOne) {
        return "the rewards that are held are not what delegations, commissions and remainders add up to";
    }
    for (const auto& [address, validator] : held.settled) {
        if (std::string broken = broken_validator(view, validator, held); !broken.empty()) {
            return broken;
        }
    }
    return broken_set(view, held);
}

}  // namespace sublet::stake
