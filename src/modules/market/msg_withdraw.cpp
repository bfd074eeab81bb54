// msg_withdraw.cpp: the provider's owner is paid what is older than the hold window (T9).
// Deterministic. Spec: docs/spec/money.md (hold window).
#include "base/must.hpp"
#include "modules/market/lifecycle.hpp"
#include "modules/market/messages.hpp"
#include "modules/market/parties.hpp"

namespace sublet::market {
namespace {

constexpr std::size_t kMaxWithdrawn = 64;

// Service time never passes faster than ledger time, so what was earned within the window is at most rate × window,
// less the time that the stream has stood still.
Amount withdrawable(const View& view, const Lease& lease, const Block& block) {
    const provider::Provider provider = must(provider::find(view, lease.provider));
    const ServiceClock clock = provider::machine_clock(provider, lease.machine);
    Millis held_back{block.params.hold_window_ms};
    if (!lease.account.running) {
        held_back = saturating_sub(held_back, since(lease.stopped_at, block.now));
    }
    escrow::Account aged = lease.account;
    aged.served = saturating_sub(escrow::billed(lease.account, clock), held_back);
    aged.running = false;
    return saturating_sub(escrow::earned_floor(aged, clock), lease.account.paid);
}

}  // namespace

Result<> check_static(const MsgWithdraw& message) {
    TRY(operator_address, account::parse(message.operator_address, "operator_address"));
    (void)operator_address;
    if (message.leases.empty() || message.leases.size() > kMaxWithdrawn) {
        return fail(Code::kBadField, "leases: 1 to 64 ids are expected");
    }
    for (std::size_t i = 1; i < message.leases.size(); ++i) {
        if (message.leases[i] <= message.leases[i - 1]) {
            return fail(Code::kBadField, "leases: ids must be ascending, each once");
        }
    }
    return {};
}

Result<> check_state(const MsgWithdraw& message, const View& view, const Block& block) {
    Amount sum;
    for (const LeaseId id : message.leases) {
        TRY(lease, require_own_lease(view, message.operator_address, id));
        sum = saturating_add(sum, withdrawable(view, lease, block));
    }
    if (sum.is_zero()) {
        return fail(Code::kNothingToWithdraw,
                    "nothing was earned more than " + std::to_string(block.params.hold_window_ms / 1000) + " s ago");
    }
    return {};
}

void apply(const MsgWithdraw& message, Ledger& ledger, const Block& block) {
    for (const LeaseId id : message.leases) {
        Lease lease = must(find_lease(ledger, id));
        const Amount amount = withdrawable(ledger, lease, block);
        if (amount.is_zero()) {
            continue;
        }
        escrow::pay(lease.account, amount);
        save(ledger, lease);
        bank::release(ledger, lease.provider, amount);
        provider::Provider provider = must(provider::find(ledger, lease.provider));
        provider.counters.earned = saturating_add(provider.counters.earned, amount);
        provider::save(ledger, provider);
        ledger::Event event = lease_event("lease_paid", lease);
        event.attributes.push_back({"amount", std::to_string(amount.value())});
        ledger.emit(std::move(event));
    }
}

}  // namespace sublet::market
