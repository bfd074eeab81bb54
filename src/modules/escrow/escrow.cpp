// escrow.cpp: exact arithmetic of one stream: rate × time in 10⁻¹² ucredit, rounded only where a coin moves.
// Deterministic. Spec: docs/spec/money.md.
#include "modules/escrow/escrow.hpp"

#include <algorithm>

namespace sublet::escrow {
namespace {

u128 pico(Rate rate, Millis time) { return u128{rate.value()} * time.value(); }

Amount sum_remaining(const Account& account) {
    Amount sum;
    for (const Deposit& deposit : account.deposits) {
        sum = saturating_add(sum, deposit.remaining);
    }
    return sum;
}

void consume(Account& account, Amount amount) {
    for (Deposit& deposit : account.deposits) {
        const Amount piece = std::min(deposit.remaining, amount);
        deposit.remaining = saturating_sub(deposit.remaining, piece);
        amount = saturating_sub(amount, piece);
    }
    SUBLET_ASSERT(amount.is_zero());
}

}  // namespace

Amount cost_ceil(Rate rate, Millis length) {
    const u128 whole = (pico(rate, length) + (kPicoPerUcredit - 1)) / kPicoPerUcredit;
    return whole > ~std::uint64_t{0} ? Amount{~std::uint64_t{0}} : Amount{static_cast<std::uint64_t>(whole)};
}

Amount held(const Account& account) { return sum_remaining(account); }

Millis affordable_floor(const Account& account) {
    if (account.rate.is_zero()) {
        return Millis{};
    }
    const Amount spendable = saturating_add(account.paid, held(account));
    const u128 time = u128{spendable.value()} * kPicoPerUcredit / account.rate.value();
    return time > ~std::uint64_t{0} ? Millis{~std::uint64_t{0}} : Millis{static_cast<std::uint64_t>(time)};
}

Millis billed(const Account& account, ServiceClock clock) {
    Millis time = account.served;
    if (account.running && clock > account.started_at) {
        time = saturating_add(time, Millis{clock.value() - account.started_at.value()});
    }
    return std::min(time, affordable_floor(account));
}

Amount earned_floor(const Account& account, ServiceClock clock) {
    // Fits: billed ≤ affordable, so the quotient is at most paid + held.
    return Amount{static_cast<std::uint64_t>(pico(account.rate, billed(account, clock)) / kPicoPerUcredit)};
}

ServiceClock stops_at(const Account& account) {
    const Millis left = saturating_sub(affordable_floor(account), account.served);
    return saturating_add(account.started_at, ServiceClock{left.value()});
}

bool has_room(const Account& account, const Address& depositor) {
    if (!account.deposits.empty() && account.deposits.back().depositor == depositor) {
        return true;
    }
    return account.deposits.size() + (depositor == account.owner ? 0U : 1U) < kMaxDeposits;
}

void deposit(Account& account, const Address& depositor, Amount amount) {
    const std::optional<Amount> total = checked_add(account.deposited, amount);
    SUBLET_ASSERT(total.has_value());
    account.deposited = *total;
    if (!account.deposits.empty() && account.deposits.back().depositor == depositor) {
        account.deposits.back().remaining = saturating_add(account.deposits.back().remaining, amount);
        return;
    }
    SUBLET_ASSERT(account.deposits.size() < kMaxDeposits);
    account.deposits.push_back({depositor, amount});
}

void start(Account& account, ServiceClock clock) {
    SUBLET_ASSERT(!account.running);
    account.running = true;
    account.started_at = clock;
}

void stop(Account& account, ServiceClock clock) {
    SUBLET_ASSERT(account.running);
    account.served = billed(account, clock);
    account.running = false;
}

void raise_to(Account& account, Millis least) {
    SUBLET_ASSERT(!account.running);
    account.served = std::min(std::max(account.served, least), affordable_floor(account));
}

void pay(Account& account, Amount amount) {
    consume(account, amount);
    account.paid = saturating_add(account.paid, amount);
}

void burn(Account& account, Amount amount) {
    consume(account, amount);
    account.burnt = saturating_add(account.burnt, amount);
}

std::vector<Refund> refund_all(Account& account) {
    std::vector<Refund> refunds;
    for (const Deposit& deposit : account.deposits) {
        if (!deposit.remaining.is_zero()) {
            refunds.push_back({deposit.depositor, deposit.remaining});
            account.refunded = saturating_add(account.refunded, deposit.remaining);
        }
    }
    account.deposits.clear();
    return refunds;
}

}  // namespace sublet::escrow
