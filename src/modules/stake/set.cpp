// set.cpp: who decides blocks: the most power first, founders' grants while they stand, what the engine is told.
// Deterministic. Spec: docs/spec/stake.md (the set, founders).
#include <algorithm>
#include <map>

#include "base/must.hpp"
#include "modules/bank/bank.hpp"
#include "modules/stake/keys.hpp"
#include "modules/stake/process.hpp"

namespace sublet::stake {
namespace {

struct Candidate {
    Validator validator;
    std::uint64_t units = 0;  // of its stake
    std::uint64_t power = 0;
};

std::vector<Candidate> first_candidates(const View& view, const Params& rules) {
    std::vector<Candidate> out;
    view.visit_index(ranks(), ranks(), [&](BytesView, BytesView operator_address) {
        Validator validator = must(find(view, Address{*fixed_from<20>(operator_address)}));
        const std::uint64_t units = units_floor(validator.stake, rules);
        out.push_back({std::move(validator), units, 0});
        return out.size() < rules.max_validators;
    });
    return out;
}

struct Sums {
    u128 units = 0;
    u128 grants = 0;
};
Sums sums_of(const std::vector<Candidate>& candidates) {
    Sums sums;
    for (const Candidate& each : candidates) {
        sums.units += each.units;
        sums.grants += each.validator.grant;
    }
    return sums;
}

// Those that stay without a grant have enough of all LET at stake, are enough, and none of them could stop the network
// alone.
bool stakes_are_enough(const View& view, const std::vector<Candidate>& candidates, const Params& rules) {
    constexpr u128 kThousand = 1'000;
    u128 units = 0;
    std::uint64_t most = 0;
    std::size_t count = 0;
    for (const Candidate& each : candidates) {
        if (each.units > 0 && is_backed_by_stake(each.validator, rules)) {
            units += each.units;
            most = std::max(most, each.units);
            ++count;
        }
    }
    const u128 issued = bank::supply(view, bank::kLet).issued.value();
    return count >= kMinBondedAtEnd && u128{most} * 3 < units &&
           units * rules.power_unit * kThousand >= issued * rules.grants_end_permille;
}

// For good, of those in jail too. Founders that nobody bonds to leave in time.
void end_grants(Ledger& ledger, const Params& rules, const Block& block) {
    Pool all = pool(ledger);
    all.grants_ended = true;
    std::vector<Validator> founders;
    ledger.visit(validator_prefix(), validator_prefix(), [&](BytesView, BytesView value) {
        Validator each = *codec::decode<Validator>(value);
        if (each.grant > 0) {
            founders.push_back(std::move(each));
        }
        return true;
    });
    for (Validator& each : founders) {
        each.grant = 0;
        all.validators -= counts(each) ? 0U : 1U;
        if (each.shares == 0) {
            each.retires_at = after(block.now, Millis{rules.unbonding_ms});
        }
        save(ledger, each);
    }
    save(ledger, all);
    ledger.emit({"sublet.stake.grants_ended", {{"founders", std::to_string(founders.size())}}});
}

// While grants stand, stakes together have less than a third of all power, each in proportion.
void give_power(std::vector<Candidate>& candidates, const Sums& sums) {
    const u128 most = sums.grants == 0 ? sums.units : std::min(sums.units, (sums.grants - 1) / 2);
    for (Candidate& each : candidates) {
        const u128 of_stake = sums.units == 0 ? 0 : most * each.units / sums.units;
        each.power = each.validator.grant + static_cast<std::uint64_t>(of_stake);
    }
    std::erase_if(candidates, [](const Candidate& each) { return each.power == 0; });
}

// What earns: the stake of those who are in the set.
void give_weight(Ledger& ledger, const std::vector<Candidate>& in, const EngineSet& before) {
    std::map<Address, std::uint64_t> weights;
    for (const Member& each : before.members) {
        weights[each.operator_address] = 0;
    }
    for (const Candidate& each : in) {
        weights[each.validator.operator_address] = each.units;
    }
    std::uint64_t total = 0;
    for (const auto& [operator_address, weight] : weights) {
        total += weight;
        Validator validator = must(find(ledger, operator_address));
        if (validator.weight != weight) {
            validator = settled(ledger, std::move(validator));
            validator.weight = weight;
            save(ledger, validator);
        }
    }
    Pool all = pool(ledger);
    if (all.weight != total) {
        all.weight = total;
        save(ledger, all);
    }
}

std::vector<Update> difference(const EngineSet& before, const EngineSet& after) {
    std::map<Hash, std::uint64_t> updates;
    for (const Member& each : before.members) {
        updates[each.key] = 0;
    }
    for (const Member& each : after.members) {
        const auto old = std::ranges::find(before.members, each.key, &Member::key);
        if (old != before.members.end() && old->power == each.power) {
            updates.erase(each.key);
        } else {
            updates[each.key] = each.power;
        }
    }
    std::vector<Update> out;
    for (const auto& [key, power] : updates) {
        out.push_back({key, power});
    }
    return out;
}

}  // namespace

Result<> check_change(const View& view, const Params& after) {
    const Params before = params(view);
    if (!pool(view).grants_ended && after.max_validators < before.max_validators) {
        return fail(Code::kBadField, "max_validators does not fall while founders' grants stand: they take its places");
    }
    const bool about_the_set = after.max_validators != before.max_validators ||
                               after.min_self_bond != before.min_self_bond || after.power_unit != before.power_unit;
    const EngineSet set = engine_set(view);
    const auto stays = [&](const Member& each) {
        const Validator validator = must(find(view, each.operator_address));
        return is_backed(validator, after) && validator.grant + units_floor(validator.stake, after) > 0;
    };
    const auto staying = static_cast<std::size_t>(std::ranges::count_if(set.members, stays));
    return about_the_set &&
                   std::min<std::size_t>(staying, after.max_validators) < std::min(kMinBondedAtEnd, set.members.size())
               ? fail(Code::kBadField, "with that, fewer than four of those who are in the set would stay in it")
               : Result<>{};
}

std::vector<Update> update_set(Ledger& ledger, const Block& block) {
    if (!has_validators(ledger)) {
        return {};
    }
    const Params rules = params(ledger);
    std::vector<Candidate> candidates = first_candidates(ledger, rules);
    Sums sums = sums_of(candidates);
    if (!pool(ledger).grants_ended) {
        if (stakes_are_enough(ledger, candidates, rules)) {
            end_grants(ledger, rules, block);
            candidates = first_candidates(ledger, rules);
            sums = sums_of(candidates);
        } else if (sums.grants == 0) {
            return {};  // no founder is left, and stakes are not enough to be the network: those before stay
        }
    }
    give_power(candidates, sums);
    if (candidates.empty()) {
        return {};  // the engine needs somebody: those before stay
    }
    const EngineSet before = engine_set(ledger);
    EngineSet after;
    for (const Candidate& each : candidates) {
        after.members.push_back({each.validator.consensus_key, each.power, each.validator.operator_address});
    }
    std::ranges::sort(after.members, {}, &Member::key);
    give_weight(ledger, candidates, before);
    std::vector<Update> updates = difference(before, after);
    if (!updates.empty()) {
        save(ledger, after);
        for (const Update& each : updates) {
            ledger.emit({"sublet.stake.power_changed",
                         {{"key", to_hex(view_of(each.key))}, {"power", std::to_string(each.power)}}});
        }
    }
    return updates;
}

}  // namespace sublet::stake
