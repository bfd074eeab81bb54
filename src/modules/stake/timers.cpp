// timers.cpp: stake that comes back, and validators that leave with nothing bonded to them.
// Deterministic. Spec: docs/spec/stake.md (unbonding, leaving).
#include <algorithm>

#include "base/must.hpp"
#include "modules/bank/bank.hpp"
#include "modules/stake/keys.hpp"
#include "modules/stake/process.hpp"

namespace sublet::stake {
namespace {

// It stood for a vote at the height of the offence, and had left before the evidence came. Rounded up.
Amount lost(const std::optional<Validator>& validator, const Leaving& leaving) {
    constexpr std::uint64_t kAll = 1'000;
    constexpr std::uint64_t kBlocksUntilGone = 2;  // of the engine: a change of block h holds from h + 2 on
    if (!validator || !is_struck(*validator) || leaving.since >= validator->struck_at ||
        leaving.since.value() + kBlocksUntilGone <= validator->offence_at.value()) {
        return Amount{};
    }
    const u128 exact = u128{leaving.amount.value()} * validator->struck_permille;
    return Amount{static_cast<std::uint64_t>((exact + kAll - 1) / kAll)};
}

// The first entry alone; the timer of the next one is due at once if it is.
void on_unbonded(Ledger& ledger, const Address& operator_address, const Address& delegator) {
    const Unbonding before = must(find_unbonding(ledger, operator_address, delegator));
    Unbonding after = before;
    const Leaving leaving = after.entries.front();
    after.entries.erase(after.entries.begin());
    const Bytes key = unbonding_key(operator_address, delegator);
    if (after.entries.empty()) {
        ledger.erase(key);
    } else {
        ledger::save(ledger, key, after);
    }
    ledger::replace_index(ledger, index_entries(before), index_entries(after));
    Pool all = pool(ledger);
    all.unbonding = must(checked_sub(all.unbonding, leaving.amount));
    save(ledger, all);
    const Amount burnt = lost(find(ledger, operator_address), leaving);
    const Amount back = must(checked_sub(leaving.amount, burnt));
    if (!burnt.is_zero()) {
        bank::burn_held(ledger, burnt, bank::kLet);
    }
    bank::release(ledger, delegator, back, bank::kLet);
    ledger.emit({"sublet.stake.unbonded",
                 {{"delegator", crypto::to_bech32(delegator)},
                  {"validator", crypto::to_bech32(operator_address)},
                  {"amount", std::to_string(back.value())},
                  {"burnt", std::to_string(burnt.value())}}});
}

void on_retired(Ledger& ledger, const Address& operator_address, const Block& block) {
    Validator validator = settled(ledger, must(find(ledger, operator_address)));
    const EngineSet set = engine_set(ledger);
    const Bytes leaving = keys::with(unbonding_prefix(), operator_address);
    bool owes =
        false;  // what was taken out of it can be lost as long as it is there (a vote may have shortened the delay)
    ledger.visit(leaving, leaving, [&](BytesView, BytesView) {
        owes = true;
        return false;
    });
    if (owes || std::ranges::find(set.members, validator.consensus_key, &Member::key) != set.members.end()) {
        validator.retires_at = after(block.now, Millis{params(ledger).unbonding_ms});
        save(ledger, validator);
        return;
    }
    (void)withdraw(ledger, validator, operator_address);
    erase(ledger, validator);
    Pool all = pool(ledger);
    add(all.carry, number_of(validator.commission));  // less than a ucredit
    save(ledger, all);
    ledger.emit({"sublet.stake.validator_left", {{"operator", crypto::to_bech32(operator_address)}}});
}

}  // namespace

std::size_t run_timers(Ledger& ledger, const Block& block, std::size_t budget) {
    std::size_t handled = 0;
    for (; handled < budget; ++handled) {
        Bytes key;
        ledger.visit_index(timers(), timers(), [&](BytesView first, BytesView) {
            key = first;
            return false;
        });
        if (key.empty() || read_be64(BytesView{key}.substr(2)) > block.now.value()) {
            break;
        }
        const BytesView what = BytesView{key}.substr(2 + 8);
        const Address operator_address{*fixed_from<20>(what.substr(1, 20))};
        if (static_cast<Timer>(what[0]) == Timer::kUnbonding) {
            on_unbonded(ledger, operator_address, Address{*fixed_from<20>(what.substr(21))});
        } else {
            on_retired(ledger, operator_address, block);
        }
    }
    return handled;
}

}  // namespace sublet::stake
