// validator.hpp: the records of validators, of the engine's set and of what they hold together.
// Deterministic. Spec: docs/spec/stake.md.
#pragma once

#include "modules/account/account.hpp"
#include "modules/stake/consensus.hpp"
#include "modules/stake/grains.hpp"
#include "modules/stake/params.hpp"

namespace sublet::stake {

inline constexpr std::size_t kMaxValidators = 1'000;  // that are counted: counts()
inline constexpr std::size_t kMaxNameBytes = 64;
inline constexpr std::uint64_t kMaxGrant = 1'000'000'000'000;  // of one founder
// Founders stand before all others in the order of who may be in the set, so that nobody pushes them out of it.
inline constexpr std::uint64_t kFoundersFirst = std::uint64_t{1} << 63U;

struct Validator {
    std::uint32_t version = 1;
    Address operator_address;
    Hash consensus_key{};  // ed25519
    std::string name;
    std::uint32_t commission_permille = 0;  // of what its delegators earn
    LedgerTime raised_at;                   // when the commission was raised last; zero: never
    std::uint64_t number = 0;               // in order of coming, from 1
    Amount stake;                           // ulet, held; what its shares are worth together
    std::uint64_t shares = 0;
    std::uint64_t self_shares = 0;  // of them its operator's
    std::uint64_t grant = 0;        // a founder's power without stake
    std::uint64_t weight = 0;       // units of stake that earn: those of who is in the set
    Grains seen{};                  // the pool's per_weight when it was settled last
    Grains per_share{};             // income per share, ever; wraps around
    Grains carry{};                 // what could not be divided by its shares
    Grains commission{};            // its operator's income, not withdrawn
    bool jailed = false;
    LedgerTime jailed_until;
    Height struck_at;                   // the block that took evidence against it: it is out for good; zero: none did
    Height offence_at;                  // where it voted twice
    std::uint64_t struck_permille = 0;  // what of its stake was burnt
    std::uint64_t missed_bucket = 0;    // the newest of `missed`
    std::vector<std::uint32_t> missed;  // blocks that it did not sign, by bucket, the newest first
    LedgerTime retires_at;              // nothing is bonded: it leaves then; zero: it stays

    static constexpr auto fields() {
        using codec::field;
        return codec::list(
            field(1, "version", &Validator::version), field(2, "operator_address", &Validator::operator_address),
            field(3, "consensus_key", &Validator::consensus_key), field(4, "name", &Validator::name),
            field(5, "commission_permille", &Validator::commission_permille),
            field(6, "raised_at", &Validator::raised_at), field(7, "number", &Validator::number),
            field(8, "stake", &Validator::stake), field(9, "shares", &Validator::shares),
            field(10, "self_shares", &Validator::self_shares), field(11, "grant", &Validator::grant),
            field(12, "weight", &Validator::weight), field(13, "seen", &Validator::seen),
            field(14, "per_share", &Validator::per_share), field(15, "carry", &Validator::carry),
            field(16, "commission", &Validator::commission), field(17, "jailed", &Validator::jailed),
            field(18, "jailed_until", &Validator::jailed_until), field(19, "struck_at", &Validator::struck_at),
            field(20, "offence_at", &Validator::offence_at), field(21, "struck_permille", &Validator::struck_permille),
            field(22, "missed_bucket", &Validator::missed_bucket), field(23, "missed", &Validator::missed),
            field(24, "retires_at", &Validator::retires_at));
    }
};

// Of the engine's set, as it was told last.
struct Member {
    Hash key{};
    std::uint64_t power = 0;
    Address operator_address;
    static constexpr auto fields() {
        using codec::field;
        return codec::list(field(1, "key", &Member::key), field(2, "power", &Member::power),
                           field(3, "operator_address", &Member::operator_address));
    }
    bool operator==(const Member&) const = default;
};
struct EngineSet {
    std::uint32_t version = 1;
    std::vector<Member> members;  // ascending keys; never empty
    static constexpr auto fields() {
        return codec::list(codec::field(1, "version", &EngineSet::version),
                           codec::field(2, "members", &EngineSet::members));
    }
};

// Of all validators together.
struct Pool {
    std::uint32_t version = 1;
    std::uint64_t validators = 0;   // those that count
    std::uint64_t last_number = 0;  // that was given
    Amount bonded;                  // ulet
    Amount unbonding;               // ulet, what is still to be burnt of it included
    Amount rewards;                 // ucredit, held until it is withdrawn
    std::uint64_t weight = 0;       // of all validators
    Grains per_weight{};            // income per unit, ever; wraps around
    Grains carry{};                 // what could not be divided
    bool grants_ended = false;      // founders' grants, for good; until then nobody else has a third of the power
    static constexpr auto fields() {
        using codec::field;
        return codec::list(field(1, "version", &Pool::version), field(2, "validators", &Pool::validators),
                           field(3, "last_number", &Pool::last_number), field(4, "bonded", &Pool::bonded),
                           field(5, "unbonding", &Pool::unbonding), field(6, "rewards", &Pool::rewards),
                           field(7, "weight", &Pool::weight), field(8, "per_weight", &Pool::per_weight),
                           field(9, "carry", &Pool::carry), field(10, "grants_ended", &Pool::grants_ended));
    }
};

Bytes validator_prefix();
Bytes validator_key(const Address& operator_address);
std::optional<Validator> find(const ledger::View& view, const Address& operator_address);
std::optional<Validator> find_by_key(const ledger::View& view, const ConsensusAddress& address);
// In order of their operators' addresses, those behind one of them.
std::vector<Validator> validators_behind(const ledger::View& view, const std::optional<Address>& operator_address,
                                         std::size_t most);
void save(ledger::Ledger& ledger, const Validator& validator);
void erase(ledger::Ledger& ledger, const Validator& validator);
ledger::IndexEntries index_entries(const Validator& validator, const Params& params);
inline bool is_struck(const Validator& validator) { return !validator.struck_at.is_zero(); }
// Among the 1,000 that there may be: its operator has something at stake, or it is a founder. Who has taken out his own
// takes nobody's place, whatever others leave with him.
inline bool counts(const Validator& validator) {
    return !is_struck(validator) && (validator.grant > 0 || validator.self_shares > 0);
}
// Its operator has enough at stake.
bool is_backed_by_stake(const Validator& validator, const Params& params);
// That, or it is a founder.
bool is_backed(const Validator& validator, const Params& params);
// Of its stake alone; the rest of a unit counts for nothing.
inline std::uint64_t units_floor(Amount stake, const Params& params) { return stake.value() / params.power_unit; }

Bytes engine_set_key();
Bytes pool_key();
EngineSet engine_set(const ledger::View& view);
void save(ledger::Ledger& ledger, const EngineSet& set);
Pool pool(const ledger::View& view);
void save(ledger::Ledger& ledger, const Pool& pool);

}  // namespace sublet::stake
