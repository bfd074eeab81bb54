// delegation.hpp: who bonded how much to which validator, and what is on its way back.
// Deterministic. Spec: docs/spec/stake.md (shares, unbonding).
#pragma once

#include "modules/stake/validator.hpp"

namespace sublet::stake {

inline constexpr std::size_t kMaxUnbondings = 7;  // of one delegator with one validator at a time

struct Delegation {
    std::uint32_t version = 1;
    Address validator;  // its operator
    Address delegator;
    std::uint64_t shares = 0;
    Grains seen{};  // the validator's per_share when this was settled last
    Grains owed{};  // income that is not withdrawn
    static constexpr auto fields() {
        using codec::field;
        return codec::list(field(1, "version", &Delegation::version), field(2, "validator", &Delegation::validator),
                           field(3, "delegator", &Delegation::delegator), field(4, "shares", &Delegation::shares),
                           field(5, "seen", &Delegation::seen), field(6, "owed", &Delegation::owed));
    }
};

struct Leaving {
    Amount amount;  // ulet
    Height since;   // the block that took it out: it stands for votes up to the next one
    LedgerTime due;
    static constexpr auto fields() {
        using codec::field;
        return codec::list(field(1, "amount", &Leaving::amount), field(2, "since", &Leaving::since),
                           field(3, "due", &Leaving::due));
    }
};
struct Unbonding {
    std::uint32_t version = 1;
    Address validator;  // its operator
    Address delegator;
    std::vector<Leaving> entries;  // the first due first; 1 to kMaxUnbondings
    static constexpr auto fields() {
        using codec::field;
        return codec::list(field(1, "version", &Unbonding::version), field(2, "validator", &Unbonding::validator),
                           field(3, "delegator", &Unbonding::delegator), field(4, "entries", &Unbonding::entries));
    }
};

Bytes delegation_prefix();
Bytes delegation_key(const Address& validator, const Address& delegator);
std::optional<Delegation> find_delegation(const ledger::View& view, const Address& validator, const Address& delegator);
ledger::IndexEntries index_entries(const Delegation& delegation);
Bytes unbonding_prefix();
Bytes unbonding_key(const Address& validator, const Address& delegator);
std::optional<Unbonding> find_unbonding(const ledger::View& view, const Address& validator, const Address& delegator);
ledger::IndexEntries index_entries(const Unbonding& unbonding);
// Of one delegator, by validators.
std::vector<Delegation> delegations_of(const ledger::View& view, const Address& delegator, std::size_t most);
std::vector<Unbonding> unbondings_of(const ledger::View& view, const Address& delegator, std::size_t most);

// What shares are worth, rounded down. Of a validator without shares: nothing.
Amount value_floor(const Validator& validator, std::uint64_t shares);
// Shares for so much stake, rounded down; nothing where they would not fit into 64 bits.
std::optional<std::uint64_t> shares_for_floor(const Validator& validator, Amount stake);

// With everything that it earned up to now put where it belongs; nothing is written.
Validator settled(const Pool& pool, Validator validator);
Validator settled(const ledger::View& view, Validator validator);
Delegation settled(const Validator& settled_validator, Delegation delegation);

// Binds stake; the caller has checked balance, shares and validator.
void bond(ledger::Ledger& ledger, Validator& validator, const Address& delegator, Amount amount);
// Takes stake out, at most what the delegation is worth; all of it: the delegation goes and its income is paid.
void unbond(ledger::Ledger& ledger, Validator& validator, const Address& delegator, Amount amount,
            const Leaving& leaving);
// Pays whole ucredit of a delegation's income, of an operator with its commission. What there was to pay.
Amount withdraw(ledger::Ledger& ledger, Validator& validator, const Address& delegator);

}  // namespace sublet::stake
