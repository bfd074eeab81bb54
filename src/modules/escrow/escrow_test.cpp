// escrow_test.cpp: tables and random histories of one account, against sums kept another way.
#include <gtest/gtest.h>
#include <rapidcheck.h>

#include "modules/escrow/escrow.hpp"

namespace sublet::escrow {
namespace {

Address who(std::uint8_t number) {
    Address address;
    address.bytes.fill(number);
    return address;
}

Account account_with(std::uint64_t rate, std::uint64_t amount) {
    Account account;
    account.owner = who(1);
    account.rate = Rate{rate};
    deposit(account, who(1), Amount{amount});
    return account;
}

TEST(Escrow, RateTimesTimeIsExact) {
    const struct {
        std::uint64_t rate;
        std::uint64_t funds;
        std::uint64_t ms;
        std::uint64_t earned;
        std::uint64_t affordable;
    } rows[] = {
        // rate 1000 nano/s = 1 ucredit per 1,000,000 s
        {1'000, 10, 999'999'999, 0, 10'000'000'000},
        {1'000, 10, 1'000'000'000, 1, 10'000'000'000},
        {1'000, 10, 99'000'000'000, 10, 10'000'000'000},
        {1'000'000'000, 5, 4'999, 4, 5'000},
        {1'000'000'000, 5, 5'000, 5, 5'000},
        {3'000'000'000, 5, 100'000, 4, 1'666},  // 1,666 ms × 3 = 4.998: the fraction stays
        {1, 1, ~0ULL, 1, 1'000'000'000'000},
    };
    for (const auto& row : rows) {
        Account account = account_with(row.rate, row.funds);
        start(account, ServiceClock{0});
        EXPECT_EQ(affordable_floor(account), Millis{row.affordable}) << row.rate;
        EXPECT_EQ(earned_floor(account, ServiceClock{row.ms}), Amount{row.earned}) << row.rate << " " << row.ms;
        EXPECT_EQ(stops_at(account), ServiceClock{row.affordable});
    }
}

TEST(Escrow, RefundsGoToTheirDepositorsAndTheOldestPaysFirst) {
    Account account = account_with(1'000'000'000, 10);
    deposit(account, who(2), Amount{10});
    deposit(account, who(1), Amount{5});
    start(account, ServiceClock{100});
    stop(account, ServiceClock{100 + 12'000});
    pay(account, earned_floor(account, ServiceClock{}));
    const std::vector<Refund> refunds = refund_all(account);
    ASSERT_EQ(refunds.size(), 2U);
    EXPECT_EQ(refunds[0].depositor, who(2));
    EXPECT_EQ(refunds[0].amount, Amount{8});
    EXPECT_EQ(refunds[1].amount, Amount{5});
    EXPECT_EQ(account.refunded, Amount{13});
}

// The least bill of a short stay takes what is there and no more.
TEST(Escrow, WhatIsRaisedStaysWithinTheMoney) {
    Account account = account_with(1'000'000'000, 10);  // 10 s of money
    raise_to(account, Millis{60'000});
    EXPECT_EQ(account.served, Millis{10'000});
    raise_to(account, Millis{5'000});
    EXPECT_EQ(account.served, Millis{10'000});
}

TEST(Escrow, TheLastEntryIsKeptForTheOwner) {
    Account account = account_with(1, 1);
    for (std::uint8_t i = 2; has_room(account, who(i)); ++i) {
        deposit(account, who(i), Amount{1});
    }
    EXPECT_EQ(account.deposits.size(), kMaxDeposits - 1);
    EXPECT_FALSE(has_room(account, who(99)));
    EXPECT_TRUE(has_room(account, account.deposits.back().depositor));
    EXPECT_TRUE(has_room(account, who(1)));
}

// A random life of one account. The model keeps the stretches as a list and divides big sums only at the end.
TEST(Escrow, AnyHistoryConservesAndIsTimePure) {
    const bool ok = rc::check("deposits = paid + burnt + refunded + held; settling often changes nothing", [] {
        const auto rate = *rc::gen::inRange<std::uint64_t>(1, 5'000'000'000);
        Account account = account_with(rate, *rc::gen::inRange<std::uint64_t>(0, 1'000'000));
        std::uint64_t clock = *rc::gen::inRange<std::uint64_t>(0, 1'000'000);
        std::uint64_t model_time = 0;  // service time, clamped whenever the money ran out
        const int steps = *rc::gen::inRange(1, 30);
        for (int i = 0; i < steps; ++i) {
            const auto length = *rc::gen::inRange<std::uint64_t>(0, 3'000'000);
            switch (*rc::gen::inRange(0, 5)) {
                case 0:
                    // As the market does: what ran out is stopped before money comes in.
                    if (account.running && ServiceClock{clock} >= stops_at(account)) {
                        stop(account, ServiceClock{clock});
                    }
                    deposit(account, who(*rc::gen::inRange<std::uint8_t>(1, 4)),
                            Amount{*rc::gen::inRange<std::uint64_t>(0, 100'000)});
                    break;
                case 1: {
                    // Paying in between, at any instant, moves no earning.
                    const Amount earned = earned_floor(account, ServiceClock{clock});
                    pay(account, saturating_sub(earned, account.paid));
                    RC_ASSERT(earned_floor(account, ServiceClock{clock}) == earned);
                    break;
                }
                case 2:
                    if (account.running) {
                        stop(account, ServiceClock{clock});
                    } else {
                        start(account, ServiceClock{clock});
                    }
                    break;
                case 3: {
                    // Burning leaves what is earned untouched as long as it is covered.
                    const Amount owed = saturating_sub(earned_floor(account, ServiceClock{clock}), account.paid);
                    const Amount spare = saturating_sub(held(account), saturating_add(owed, Amount{1}));
                    burn(account, Amount{spare.value() / 3});
                    break;
                }
                default:
                    clock += length;
                    if (account.running) {
                        const u128 spendable = u128{account.paid.value() + held(account).value()} * kPicoPerUcredit;
                        const auto most = static_cast<std::uint64_t>(spendable / rate);
                        model_time = std::max(model_time, std::min(model_time + length, most));
                    }
                    break;
            }
            RC_ASSERT(account.deposited.value() ==
                      account.paid.value() + account.burnt.value() + held(account).value());
            RC_ASSERT(earned_floor(account, ServiceClock{clock}).value() <=
                      account.paid.value() + held(account).value());
            RC_ASSERT(billed(account, ServiceClock{clock}).value() == model_time);
            RC_ASSERT(account.paid <= earned_floor(account, ServiceClock{clock}));
        }
        if (account.running) {
            stop(account, ServiceClock{clock});
        }
        pay(account, saturating_sub(earned_floor(account, ServiceClock{clock}), account.paid));
        refund_all(account);
        RC_ASSERT(account.deposited.value() == account.paid.value() + account.burnt.value() + account.refunded.value());
    });
    EXPECT_TRUE(ok);
}

}  // namespace
}  // namespace sublet::escrow
