// delegation.cpp: shares of a validator's stake: bound, taken out, paid.
// Deterministic. Spec: docs/spec/stake.md (shares, rewards).
#include "modules/stake/delegation.hpp"

#include <algorithm>

#include "base/must.hpp"
#include "modules/bank/bank.hpp"
#include "modules/stake/keys.hpp"

namespace sublet::stake {
namespace {

Bytes pair_key(std::uint8_t table, const Address& validator, const Address& delegator) {
    return keys::with(keys::with(keys::table(8, table), validator), delegator);
}

void save_delegation(ledger::Ledger& ledger, const Delegation& delegation) {
    const Bytes key = delegation_key(delegation.validator, delegation.delegator);
    const bool there = ledger.get(key).has_value();
    if (delegation.shares == 0) {
        ledger.erase(key);
        ledger::replace_index(ledger, index_entries(delegation), {});
        return;
    }
    ledger::save(ledger, key, delegation);
    ledger::replace_index(ledger, there ? index_entries(delegation) : ledger::IndexEntries{},
                          index_entries(delegation));
}

Amount plus(Amount a, Amount b) { return must(checked_add(a, b)); }
Amount minus(Amount a, Amount b) { return must(checked_sub(a, b)); }

void add_unbonding(ledger::Ledger& ledger, const Validator& validator, const Address& delegator,
                   const Leaving& leaving) {
    const std::optional<Unbonding> before = find_unbonding(ledger, validator.operator_address, delegator);
    Unbonding after = before.value_or(
        Unbonding{.version = 1, .validator = validator.operator_address, .delegator = delegator, .entries = {}});
    const auto later = [](const Leaving& a, const Leaving& b) { return a.due < b.due; };
    after.entries.insert(std::ranges::upper_bound(after.entries, leaving, later), leaving);
    SUBLET_ASSERT(after.entries.size() <= kMaxUnbondings);
    ledger::save(ledger, unbonding_key(validator.operator_address, delegator), after);
    ledger::replace_index(ledger, before ? index_entries(*before) : ledger::IndexEntries{}, index_entries(after));
}

// Pays the whole ucredit of it.
Amount pay_whole(ledger::Ledger& ledger, const Address& to, Grains& income) {
    const Amount whole = whole_floor(income);
    income = fraction(income);
    Pool all = pool(ledger);
    all.rewards = minus(all.rewards, whole);
    save(ledger, all);
    bank::release(ledger, to, whole);
    return whole;
}

}  // namespace

Bytes delegation_prefix() { return keys::table(8, 5); }
Bytes delegation_key(const Address& validator, const Address& delegator) { return pair_key(5, validator, delegator); }
Bytes unbonding_prefix() { return keys::table(8, 6); }
Bytes unbonding_key(const Address& validator, const Address& delegator) { return pair_key(6, validator, delegator); }

std::optional<Delegation> find_delegation(const ledger::View& view, const Address& validator,
                                          const Address& delegator) {
    return ledger::load<Delegation>(view, delegation_key(validator, delegator));
}
std::optional<Unbonding> find_unbonding(const ledger::View& view, const Address& validator, const Address& delegator) {
    return ledger::load<Unbonding>(view, unbonding_key(validator, delegator));
}

ledger::IndexEntries index_entries(const Delegation& delegation) {
    ledger::IndexEntries entries;
    entries.emplace(keys::with(of_delegator(delegation.delegator), delegation.validator), "1");
    return entries;
}

ledger::IndexEntries index_entries(const Unbonding& unbonding) {
    ledger::IndexEntries entries;
    if (!unbonding.entries.empty()) {
        entries.emplace(keys::with(leaving_of(unbonding.delegator), unbonding.validator), "1");
        Bytes due = timer(unbonding.entries.front().due, Timer::kUnbonding, unbonding.validator);
        entries.emplace(keys::with(std::move(due), unbonding.delegator), "1");
    }
    return entries;
}

std::vector<Delegation> delegations_of(const ledger::View& view, const Address& delegator, std::size_t most) {
    std::vector<Delegation> out;
    const Bytes mine = of_delegator(delegator);
    view.visit_index(mine, mine, [&](BytesView key, BytesView) {
        const Address validator{*fixed_from<20>(key.substr(mine.size()))};
        out.push_back(must(find_delegation(view, validator, delegator)));
        return out.size() < most;
    });
    return out;
}

std::vector<Unbonding> unbondings_of(const ledger::View& view, const Address& delegator, std::size_t most) {
    std::vector<Unbonding> out;
    const Bytes mine = leaving_of(delegator);
    view.visit_index(mine, mine, [&](BytesView key, BytesView) {
        const Address validator{*fixed_from<20>(key.substr(mine.size()))};
        out.push_back(must(find_unbonding(view, validator, delegator)));
        return out.size() < most;
    });
    return out;
}

Amount value_floor(const Validator& validator, std::uint64_t shares) {
    if (validator.shares == 0) {
        return Amount{};
    }
    return Amount{static_cast<std::uint64_t>(u128{shares} * validator.stake.value() / validator.shares)};
}

std::optional<std::uint64_t> shares_for_floor(const Validator& validator, Amount stake) {
    const u128 shares = validator.shares == 0 ? u128{stake.value()}
                                              : u128{stake.value()} * validator.shares /
                                                    std::max(validator.stake.value(), std::uint64_t{1});
    constexpr u128 kMost = ~std::uint64_t{0};
    if (validator.shares + shares > kMost || validator.stake.value() + u128{stake.value()} > kMost) {
        return std::nullopt;
    }
    return static_cast<std::uint64_t>(shares);
}

Validator settled(const ledger::View& view, Validator validator) { return settled(pool(view), std::move(validator)); }

Validator settled(const Pool& pool, Validator validator) {
    const u128 now = number_of(pool.per_weight);
    const u128 income = (now - number_of(validator.seen)) * validator.weight;
    validator.seen = grains_of(now);
    constexpr u128 kThousand = 1'000;
    const u128 commission = validator.shares == 0 ? income
                                                  : income / kThousand * validator.commission_permille +
                                                        income % kThousand * validator.commission_permille / kThousand;
    add(validator.commission, commission);
    if (validator.shares > 0) {
        const u128 rest = number_of(validator.carry) + (income - commission);
        add(validator.per_share, rest / validator.shares);
        validator.carry = grains_of(rest % validator.shares);
    }
    return validator;
}

Delegation settled(const Validator& settled_validator, Delegation delegation) {
    const u128 now = number_of(settled_validator.per_share);
    add(delegation.owed, (now - number_of(delegation.seen)) * delegation.shares);
    delegation.seen = grains_of(now);
    return delegation;
}

void bond(ledger::Ledger& ledger, Validator& validator, const Address& delegator, Amount amount) {
    bank::hold(ledger, delegator, amount, bank::kLet);
    validator = settled(ledger, std::move(validator));
    Delegation fresh{.validator = validator.operator_address, .delegator = delegator};
    fresh.seen = validator.per_share;
    Delegation mine =
        settled(validator, find_delegation(ledger, validator.operator_address, delegator).value_or(std::move(fresh)));
    const std::uint64_t shares = must(shares_for_floor(validator, amount));
    mine.shares += shares;
    validator.shares += shares;
    const bool counted = counts(validator);
    validator.self_shares += delegator == validator.operator_address ? shares : 0;
    validator.stake = plus(validator.stake, amount);
    validator.retires_at = LedgerTime{};
    save_delegation(ledger, mine);
    save(ledger, validator);
    Pool all = pool(ledger);
    all.bonded = plus(all.bonded, amount);
    all.validators += counts(validator) && !counted ? 1U : 0U;
    save(ledger, all);
}

void unbond(ledger::Ledger& ledger, Validator& validator, const Address& delegator, Amount amount,
            const Leaving& leaving) {
    validator = settled(ledger, std::move(validator));
    Delegation mine = settled(validator, must(find_delegation(ledger, validator.operator_address, delegator)));
    const u128 exact = u128{amount.value()} * validator.shares;
    const std::uint64_t shares =
        amount == value_floor(validator, mine.shares)
            ? mine.shares
            : static_cast<std::uint64_t>((exact + validator.stake.value() - 1) / validator.stake.value());
    SUBLET_ASSERT(shares <= mine.shares);
    mine.shares -= shares;
    validator.shares -= shares;
    const bool counted = counts(validator);
    validator.self_shares -= delegator == validator.operator_address ? shares : 0;
    validator.stake = minus(validator.stake, amount);
    if (mine.shares == 0) {
        (void)pay_whole(ledger, delegator, mine.owed);
        add(validator.carry, number_of(mine.owed));  // less than a ucredit: for those who stay
    }
    if (validator.shares == 0) {
        add(validator.commission, number_of(validator.carry));
        validator.carry = Grains{};
        validator.retires_at = validator.grant == 0 && !is_struck(validator) ? leaving.due : LedgerTime{};
    }
    save_delegation(ledger, mine);
    save(ledger, validator);
    add_unbonding(ledger, validator, delegator, leaving);
    Pool all = pool(ledger);
    all.bonded = minus(all.bonded, amount);
    all.unbonding = plus(all.unbonding, amount);
    all.validators -= counted && !counts(validator) ? 1U : 0U;
    save(ledger, all);
}

Amount withdraw(ledger::Ledger& ledger, Validator& validator, const Address& delegator) {
    validator = settled(ledger, std::move(validator));
    Amount paid;
    if (std::optional<Delegation> found = find_delegation(ledger, validator.operator_address, delegator)) {
        Delegation mine = settled(validator, *std::move(found));
        paid = pay_whole(ledger, delegator, mine.owed);
        save_delegation(ledger, mine);
    }
    if (delegator == validator.operator_address) {
        paid = plus(paid, pay_whole(ledger, delegator, validator.commission));
    }
    save(ledger, validator);
    return paid;
}

}  // namespace sublet::stake
