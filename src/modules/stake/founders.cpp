// founders.cpp: validators that a genesis names, with power that was granted and no stake.
// Deterministic. Spec: docs/spec/stake.md (founders).
#include <algorithm>

#include "modules/stake/messages.hpp"
#include "modules/stake/process.hpp"

namespace sublet::stake {
namespace {

Result<Validator> founder_of(const View& view, const Founder& founder) {
    TRY(operator_address, account::parse(founder.address, "genesis validator"));
    const auto key = fixed_from<32>(founder.public_key);
    if (!key || *key == Hash{}) {
        return fail(Code::kBadField, "genesis: the key of validator " + founder.address + " is not 32 bytes");
    }
    if (founder.power == 0 || founder.power > kMaxGrant) {
        return fail(Code::kBadField, "genesis: the power of validator " + founder.address + " is 1 to 10^12");
    }
    TRY_OK(check_name(founder.name));
    if (find(view, operator_address) || find_by_key(view, consensus_address(*key))) {
        return fail(Code::kBadField, "genesis: two validators have the operator or the key of " + founder.address);
    }
    Validator validator;
    validator.operator_address = operator_address;
    validator.consensus_key = *key;
    validator.name = founder.name;
    validator.grant = founder.power;
    return validator;
}

}  // namespace

Result<> found(Ledger& ledger, const std::vector<Founder>& founders, const Params& rules) {
    TRY_OK(check(rules));
    if (founders.empty() || founders.size() + kMinBondedAtEnd > rules.max_validators) {
        return fail(Code::kBadField,
                    "genesis: 1 to max_validators - 4 validators: founders leave room for four others");
    }
    if (has_validators(ledger)) {
        return fail(Code::kConflict,
                    "genesis: the state has validators of its own: new ones go to that of a network without");
    }
    ledger::save(ledger, params_key(), rules);
    Pool all;
    EngineSet set;
    for (const Founder& each : founders) {
        TRY(validator, founder_of(ledger, each));
        validator.number = ++all.last_number;
        set.members.push_back({validator.consensus_key, validator.grant, validator.operator_address});
        account::touch(ledger, validator.operator_address);
        save(ledger, validator);
    }
    all.validators = founders.size();
    std::ranges::sort(set.members, {}, &Member::key);
    save(ledger, set);
    save(ledger, all);
    return {};
}

}  // namespace sublet::stake
