// msg_unbond.cpp: LET leaves a validator, and is back after the unbonding delay.
// Deterministic. Spec: docs/spec/stake.md (unbonding).
#include "modules/stake/messages.hpp"

namespace sublet::stake {
namespace {

// What stays is enough, or nothing stays; and of little all may always go.
Result<> check_rest(const MsgUnbond& message, const Params& rules, Amount rest) {
    const bool own = message.delegator == message.validator;
    const Amount least = own ? rules.min_self_bond : Amount{rules.power_unit};
    if (!rest.is_zero() && rest < least) {
        return fail(Code::kBondTooSmall, "amount: what stays is at least " + std::to_string(least.value()) +
                                             " ulet, or nothing: " + std::to_string(rest.value()) + " would stay");
    }
    return {};
}

}  // namespace

Result<> check_static(const MsgUnbond& message) {
    TRY(delegator, account::parse(message.delegator, "delegator"));
    TRY(validator, account::parse(message.validator, "validator"));
    (void)delegator;
    (void)validator;
    return message.amount.is_zero() ? fail(Code::kOutOfRange, "amount: at least 1 ulet") : Result<>{};
}

Result<> check_state(const MsgUnbond& message, const View& view, const Block& /*block*/) {
    const Address delegator = account::parsed(message.delegator);
    TRY(validator, need(view, message.validator));
    const std::optional<Delegation> mine = find_delegation(view, validator.operator_address, delegator);
    if (!mine) {
        return fail(Code::kDelegationUnknown, message.delegator + " has nothing bonded to " + message.validator);
    }
    const Amount there = value_floor(validator, mine->shares);
    const std::optional<Amount> rest = checked_sub(there, message.amount);
    if (!rest) {
        return fail(Code::kOutOfRange, "amount: " + std::to_string(there.value()) + " ulet are bonded, not more");
    }
    TRY_OK(check_rest(message, params(view), *rest));
    const std::optional<Unbonding> leaving = find_unbonding(view, validator.operator_address, delegator);
    if (leaving && leaving->entries.size() >= kMaxUnbondings) {
        return fail(Code::kTooManyUnbondings,
                    "7 amounts are on their way back from this validator: wait for the first");
    }
    return {};
}

void apply(const MsgUnbond& message, Ledger& ledger, const Block& block) {
    Validator validator = *need(ledger, message.validator);
    const Leaving leaving{
        .amount = message.amount, .since = block.height, .due = after(block.now, Millis{params(ledger).unbonding_ms})};
    unbond(ledger, validator, account::parsed(message.delegator), message.amount, leaving);
    ledger.emit({"sublet.stake.unbonding",
                 {{"delegator", message.delegator},
                  {"validator", message.validator},
                  {"amount", std::to_string(message.amount.value())},
                  {"at", std::to_string(leaving.due.value())}}});
}

}  // namespace sublet::stake
