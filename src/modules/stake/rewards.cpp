// rewards.cpp: fees of blocks, shared among the stakes of those who decide them.
// Deterministic. Spec: docs/spec/stake.md (rewards).
#include "base/must.hpp"
#include "modules/bank/bank.hpp"
#include "modules/stake/process.hpp"

namespace sublet::stake {

void share_out(Ledger& ledger, Amount fees) {
    if (fees.is_zero() || !has_validators(ledger)) {
        return;
    }
    Pool all = pool(ledger);
    if (all.weight == 0) {
        return;  // nobody has a stake in it: they stay nobody's
    }
    bank::hold_fees(ledger, fees);
    const u128 pot = number_of(all.carry) + u128{fees.value()} * kGrainsOfOne;
    add(all.per_weight, pot / all.weight);
    all.carry = grains_of(pot % all.weight);
    all.rewards = must(checked_add(all.rewards, fees));
    save(ledger, all);
}

}  // namespace sublet::stake
