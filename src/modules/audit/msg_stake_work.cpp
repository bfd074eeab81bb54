// msg_stake_work.cpp: an owner puts credits at stake for its work and its audits.
// Deterministic. Spec: docs/spec/audits.md (standing), T21.
#include <algorithm>
#include <functional>

#include "modules/audit/messages_stake.hpp"

namespace sublet::audit {

Result<> check_static(const MsgStakeWork& message) {
    TRY(owner, account::parse(message.owner, "owner"));
    (void)owner;
    const auto& engines = message.engines;
    const bool sorted = std::ranges::adjacent_find(engines, std::greater_equal{}) == engines.end();
    if (engines.size() > kMaxEngines || !sorted || !std::ranges::all_of(engines, is_engine)) {
        return fail(Code::kBadField, "engines: at most 8 names of 1 to 32 of a to z, 0 to 9, - and ., sorted");
    }
    return {};
}

Result<> check_state(const MsgStakeWork& message, const View& view, const Block& block) {
    const Address owner = account::parsed(message.owner);
    if (!provider::find(view, owner)) {
        return fail(Code::kProviderUnknown, message.owner + " has no provider: register one first");
    }
    const Amount after_it = saturating_add(standing_of(view, owner).stake, message.amount);
    if (after_it < block.params.min_work_stake) {
        return fail(Code::kStakeTooSmall,
                    "a work stake is at least " + std::to_string(block.params.min_work_stake.value()) + " ucredit");
    }
    return bank::require(view, owner, message.amount);
}

void apply(const MsgStakeWork& message, Ledger& ledger, const Block& /*block*/) {
    const Address owner = account::parsed(message.owner);
    bank::hold(ledger, owner, message.amount);
    Standing standing = standing_of(ledger, owner);
    standing.engines = message.engines;
    save(ledger, standing);
    set_stake(ledger, standing, saturating_add(standing.stake, message.amount));
    ledger.emit({"sublet.audit.work_staked",
                 {{"owner", message.owner},
                  {"amount", std::to_string(message.amount.value())},
                  {"stake", std::to_string(standing.stake.value())}}});
}

}  // namespace sublet::audit
