// msg_unstake_work.cpp: an owner takes stake out, a week before it has it.
// Deterministic. Spec: docs/spec/audits.md (standing), T21.
#include "modules/audit/messages_stake.hpp"

namespace sublet::audit {

Result<> check_static(const MsgUnstakeWork& message) {
    TRY(owner, account::parse(message.owner, "owner"));
    (void)owner;
    return message.amount.is_zero() ? fail(Code::kOutOfRange, "amount: at least 1 ucredit") : Result<>{};
}

Result<> check_state(const MsgUnstakeWork& message, const View& view, const Block& block) {
    const Standing standing = standing_of(view, account::parsed(message.owner));
    const std::optional<Amount> rest = checked_sub(standing.stake, message.amount);
    if (!rest) {
        return fail(Code::kOutOfRange,
                    "amount: " + std::to_string(standing.stake.value()) + " ucredit are at stake, not more");
    }
    if (!rest->is_zero() && *rest < block.params.min_work_stake) {
        return fail(
            Code::kStakeTooSmall,
            "what stays is at least " + std::to_string(block.params.min_work_stake.value()) + " ucredit, or nothing");
    }
    return {};
}

void apply(const MsgUnstakeWork& message, Ledger& ledger, const Block& block) {
    Standing standing = standing_of(ledger, account::parsed(message.owner));
    standing.leaving = saturating_add(standing.leaving, message.amount);
    standing.leaves_at = after(block.now, Millis{block.params.work_unlock_ms});
    set_stake(ledger, standing, saturating_sub(standing.stake, message.amount));
    ledger.emit({"sublet.audit.stake_leaves",
                 {{"owner", message.owner},
                  {"amount", std::to_string(message.amount.value())},
                  {"at", std::to_string(standing.leaves_at.value())}}});
}

}  // namespace sublet::audit
