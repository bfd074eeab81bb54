// msg_delegate.cpp: LET is bound to a validator.
// Deterministic. Spec: docs/spec/stake.md (shares).
#include "modules/stake/messages.hpp"

namespace sublet::stake {

Result<> check_static(const MsgDelegate& message) {
    TRY(delegator, account::parse(message.delegator, "delegator"));
    TRY(validator, account::parse(message.validator, "validator"));
    (void)delegator;
    (void)validator;
    return message.amount.is_zero() ? fail(Code::kOutOfRange, "amount: at least 1 ulet") : Result<>{};
}

Result<> check_state(const MsgDelegate& message, const View& view, const Block& /*block*/) {
    const Address delegator = account::parsed(message.delegator);
    TRY(validator, need(view, message.validator));
    if (is_struck(validator)) {
        return fail(Code::kStruck, "this validator voted twice and is out for good");
    }
    const std::optional<std::uint64_t> shares = shares_for_floor(validator, message.amount);
    if (!shares) {
        return fail(Code::kOverflow, "the validator's stake would not fit into 64 bits");
    }
    const std::optional<Delegation> mine = find_delegation(view, validator.operator_address, delegator);
    const Amount there = mine ? value_floor(validator, mine->shares) : Amount{};
    const bool own = delegator == validator.operator_address;
    if (own && !counts(validator) && pool(view).validators >= kMaxValidators) {
        return fail(Code::kTooManyValidators, "there are 1,000 validators");
    }
    const Params rules = params(view);
    const std::uint64_t least = own ? rules.min_self_bond.value() : rules.power_unit;
    if (*shares == 0 || saturating_add(there, message.amount).value() < least) {
        return fail(Code::kBondTooSmall,
                    (own ? "amount: an operator's own bond is at least " : "amount: a delegation is at least ") +
                        std::to_string(least) + " ulet");
    }
    return bank::require(view, delegator, message.amount, bank::kLet);
}

void apply(const MsgDelegate& message, Ledger& ledger, const Block& /*block*/) {
    Validator validator = *need(ledger, message.validator);
    bond(ledger, validator, account::parsed(message.delegator), message.amount);
    ledger.emit({"sublet.stake.delegated",
                 {{"delegator", message.delegator},
                  {"validator", message.validator},
                  {"amount", std::to_string(message.amount.value())}}});
}

}  // namespace sublet::stake
