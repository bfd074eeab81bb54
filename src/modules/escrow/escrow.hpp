// escrow.hpp: one lease's money: FIFO deposits and one stream on the machine's service clock. Pure arithmetic over a
// struct that the lease's record embeds; moving coins is the caller's part, told by the returned sums. Deterministic.
// Spec: docs/spec/money.md.
#pragma once

#include "modules/bank/bank.hpp"

namespace sublet::escrow {

inline constexpr std::size_t kMaxDeposits = 16;  // T4; one entry is kept for the owner
// rate (nano-ucredit per second) × service time (ms) is in 10⁻¹² ucredit.
inline constexpr std::uint64_t kPicoPerUcredit = 1'000'000'000'000;

struct Deposit {
    Address depositor;
    Amount remaining;
    static constexpr auto fields() {
        return codec::list(codec::field(1, "depositor", &Deposit::depositor),
                           codec::field(2, "remaining", &Deposit::remaining));
    }
    bool operator==(const Deposit&) const = default;
};

struct Account {
    Address owner;
    std::vector<Deposit> deposits;  // oldest first; `remaining` is what is neither paid nor burnt
    Rate rate;
    bool running = false;
    ServiceClock started_at;  // clock when the current stretch began; meaningful while running
    Millis served;            // service time of earlier stretches
    Amount deposited;         // ever
    Amount paid;              // to the provider, ever
    Amount burnt;             // penalties, ever
    Amount refunded;          // ever

    static constexpr auto fields() {
        using codec::field;
        return codec::list(field(1, "owner", &Account::owner), field(2, "deposits", &Account::deposits),
                           field(3, "rate", &Account::rate), field(4, "running", &Account::running),
                           field(5, "started_at", &Account::started_at), field(6, "served", &Account::served),
                           field(7, "deposited", &Account::deposited), field(8, "paid", &Account::paid),
                           field(9, "burnt", &Account::burnt), field(10, "refunded", &Account::refunded));
    }
    bool operator==(const Account&) const = default;
};

// Least ucredit that covers `length` at `rate`, rounded up; kMaxAmount when it would not fit.
Amount cost_ceil(Rate rate, Millis length);
// deposited − paid − burnt − refunded.
Amount held(const Account& account);
// Service time that the deposits can pay for in all, rounded down: the stream never runs past it.
Millis affordable_floor(const Account& account);
// Service time billed when the machine's clock shows `clock`; clamped to affordable_floor.
Millis billed(const Account& account, ServiceClock clock);
// Whole ucredit earned by the provider for that service time; the fraction stays with the account.
Amount earned_floor(const Account& account, ServiceClock clock);
// The clock value at which the money is used up: c* = c_start + affordable − served. Only while running.
ServiceClock stops_at(const Account& account);

// Appends or adds to the depositor's last entry. The caller has checked room (kMaxDeposits) and moved the coins into
// `held`.
void deposit(Account& account, const Address& depositor, Amount amount);
// True when another entry of this depositor fits: the last free entry is kept for the owner.
bool has_room(const Account& account, const Address& depositor);

void start(Account& account, ServiceClock clock);
// Ends the stretch at `clock` (clamped to c*).
void stop(Account& account, ServiceClock clock);
// The minimum bill (T3): raises the service time of a stopped account to `least`, as far as the money goes.
void raise_to(Account& account, Millis least);

// Takes `amount` from the deposits, oldest first, as paid or as burnt; never more than is held.
void pay(Account& account, Amount amount);
void burn(Account& account, Amount amount);

struct Refund {
    Address depositor;
    Amount amount;
};
// Empties the deposits; each depositor gets its own remainder. Call after the last pay and burn.
std::vector<Refund> refund_all(Account& account);

}  // namespace sublet::escrow
