// msg_edit_validator.cpp: another name, another commission.
// Deterministic. Spec: docs/spec/stake.md (validators).
#include "modules/stake/messages.hpp"

namespace sublet::stake {

Result<> check_static(const MsgEditValidator& message) {
    TRY(owner, account::parse(message.operator_address, "operator_address"));
    (void)owner;
    TRY_OK(check_name(message.name));
    return message.commission_permille > 1'000
               ? fail(Code::kOutOfRange, "commission_permille: at most 1,000 thousandths")
               : Result<>{};
}

Result<> check_state(const MsgEditValidator& message, const View& view, const Block& block) {
    TRY(validator, need(view, message.operator_address));
    if (message.commission_permille <= validator.commission_permille) {
        return {};
    }
    if (message.commission_permille > validator.commission_permille + kMaxRaisePermille) {
        return fail(Code::kOutOfRange, "commission_permille: it rises by at most 50 thousandths at a time");
    }
    const LedgerTime next = validator.raised_at.is_zero() ? LedgerTime{} : after(validator.raised_at, kBetweenRaises);
    return block.now < next ? fail(Code::kTooEarly, "commission_permille: it was raised less than a day ago")
                            : Result<>{};
}

void apply(const MsgEditValidator& message, Ledger& ledger, const Block& block) {
    // What was earned up to now was earned under the old commission.
    Validator validator = settled(ledger, *need(ledger, message.operator_address));
    if (message.commission_permille > validator.commission_permille) {
        validator.raised_at = block.now;
    }
    validator.name = message.name;
    validator.commission_permille = message.commission_permille;
    save(ledger, validator);
    ledger.emit({"sublet.stake.validator_edited",
                 {{"operator", message.operator_address},
                  {"commission_permille", std::to_string(message.commission_permille)}}});
}

}  // namespace sublet::stake
