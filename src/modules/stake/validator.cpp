// validator.cpp: validators in state and index, the engine's set, the pool.
// Deterministic. Spec: docs/spec/stake.md.
#include "modules/stake/validator.hpp"

#include "modules/stake/delegation.hpp"
#include "modules/stake/keys.hpp"

namespace sublet::stake {

Bytes pool_key() { return keys::table(8, 2); }
Bytes engine_set_key() { return keys::table(8, 3); }
Bytes validator_prefix() { return keys::table(8, 4); }
Bytes validator_key(const Address& operator_address) { return keys::with(validator_prefix(), operator_address); }

std::optional<Validator> find(const ledger::View& view, const Address& operator_address) {
    return ledger::load<Validator>(view, validator_key(operator_address));
}

std::optional<Validator> find_by_key(const ledger::View& view, const ConsensusAddress& address) {
    const std::optional<BytesView> found = view.get_index(by_consensus(address));
    return found ? find(view, Address{*fixed_from<20>(*found)}) : std::nullopt;
}

std::vector<Validator> validators_behind(const ledger::View& view, const std::optional<Address>& operator_address,
                                         std::size_t most) {
    std::vector<Validator> out;
    Bytes from = validator_prefix();
    if (operator_address) {
        from = validator_key(*operator_address) + '\0';
    }
    view.visit(validator_prefix(), from, [&](BytesView, BytesView value) {
        out.push_back(*codec::decode<Validator>(value));
        return out.size() < most;
    });
    return out;
}

bool is_backed_by_stake(const Validator& validator, const Params& params) {
    return value_floor(validator, validator.self_shares) >= params.min_self_bond;
}
bool is_backed(const Validator& validator, const Params& params) {
    return validator.grant > 0 || is_backed_by_stake(validator, params);
}

ledger::IndexEntries index_entries(const Validator& validator, const Params& params) {
    ledger::IndexEntries entries;
    entries.emplace(by_consensus(consensus_address(validator.consensus_key)), Bytes{validator.operator_address.view()});
    const std::uint64_t power = validator.grant + units_floor(validator.stake, params);
    if (!validator.jailed && power > 0 && is_backed(validator, params)) {
        const std::uint64_t first = validator.grant > 0 ? kFoundersFirst : 0;
        entries.emplace(rank(first + power, validator.number), Bytes{validator.operator_address.view()});
    }
    if (!validator.retires_at.is_zero()) {
        entries.emplace(timer(validator.retires_at, Timer::kRetire, validator.operator_address), "1");
    }
    return entries;
}

void save(ledger::Ledger& ledger, const Validator& validator) {
    const std::optional<Validator> before = find(ledger, validator.operator_address);
    const Params rules = params(ledger);
    ledger::save(ledger, validator_key(validator.operator_address), validator);
    ledger::replace_index(ledger, before ? index_entries(*before, rules) : ledger::IndexEntries{},
                          index_entries(validator, rules));
}

void erase(ledger::Ledger& ledger, const Validator& validator) {
    ledger::replace_index(ledger, index_entries(validator, params(ledger)), {});
    ledger.erase(validator_key(validator.operator_address));
}

EngineSet engine_set(const ledger::View& view) {
    return ledger::load<EngineSet>(view, engine_set_key()).value_or(EngineSet{});
}
void save(ledger::Ledger& ledger, const EngineSet& set) { ledger::save(ledger, engine_set_key(), set); }
Pool pool(const ledger::View& view) { return ledger::load<Pool>(view, pool_key()).value_or(Pool{}); }
void save(ledger::Ledger& ledger, const Pool& pool) { ledger::save(ledger, pool_key(), pool); }

}  // namespace sublet::stake
