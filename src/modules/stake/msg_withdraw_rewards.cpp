// msg_withdraw_rewards.cpp: a delegator takes what its stake earned, an operator its commission too.
// Deterministic. Spec: docs/spec/stake.md (rewards).
#include "modules/stake/messages.hpp"

namespace sublet::stake {

Result<> check_static(const MsgWithdrawRewards& message) {
    TRY(delegator, account::parse(message.delegator, "delegator"));
    TRY(validator, account::parse(message.validator, "validator"));
    (void)delegator;
    (void)validator;
    return {};
}

Result<> check_state(const MsgWithdrawRewards& message, const View& view, const Block& /*block*/) {
    TRY(found, need(view, message.validator));
    const Validator validator = settled(view, found);
    const bool own = message.delegator == message.validator;
    const std::optional<Delegation> mine =
        find_delegation(view, validator.operator_address, account::parsed(message.delegator));
    if (!mine && !own) {
        return fail(Code::kDelegationUnknown, message.delegator + " has nothing bonded to " + message.validator);
    }
    const Amount earned = mine ? whole_floor(settled(validator, *mine).owed) : Amount{};
    const Amount commission = own ? whole_floor(validator.commission) : Amount{};
    return earned.is_zero() && commission.is_zero()
               ? fail(Code::kNothingToWithdraw, "less than one ucredit was earned since the last time")
               : Result<>{};
}

void apply(const MsgWithdrawRewards& message, Ledger& ledger, const Block& /*block*/) {
    Validator validator = *need(ledger, message.validator);
    const Amount paid = withdraw(ledger, validator, account::parsed(message.delegator));
    ledger.emit({"sublet.stake.rewards_withdrawn",
                 {{"delegator", message.delegator},
                  {"validator", message.validator},
                  {"amount", std::to_string(paid.value())}}});
}

}  // namespace sublet::stake
