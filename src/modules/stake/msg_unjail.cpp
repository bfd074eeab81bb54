// msg_unjail.cpp: a validator that was absent comes back.
// Deterministic. Spec: docs/spec/stake.md (absence).
#include "modules/stake/messages.hpp"

namespace sublet::stake {

Result<> check_static(const MsgUnjail& message) {
    TRY(owner, account::parse(message.operator_address, "operator_address"));
    (void)owner;
    return {};
}

Result<> check_state(const MsgUnjail& message, const View& view, const Block& block) {
    TRY(validator, need(view, message.operator_address));
    if (is_struck(validator)) {
        return fail(Code::kStruck, "this validator voted twice and is out for good");
    }
    if (!validator.jailed) {
        return fail(Code::kNotJailed, "this validator is not in jail");
    }
    if (block.now < validator.jailed_until) {
        return fail(Code::kTooEarly, "in jail for another " +
                                         std::to_string(since(block.now, validator.jailed_until).value() / 1'000 + 1) +
                                         " s");
    }
    const Params rules = params(view);
    return is_backed(validator, rules)
               ? Result<>{}
               : fail(Code::kBondTooSmall, "its operator bonds at least " +
                                               std::to_string(rules.min_self_bond.value()) + " ulet of its own");
}

void apply(const MsgUnjail& message, Ledger& ledger, const Block& /*block*/) {
    Validator validator = *need(ledger, message.operator_address);
    validator.jailed = false;
    validator.jailed_until = LedgerTime{};
    save(ledger, validator);
    ledger.emit({"sublet.stake.validator_unjailed", {{"operator", message.operator_address}}});
}

}  // namespace sublet::stake
