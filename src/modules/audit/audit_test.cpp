// audit_test.cpp: draws by stake, the probability of an audit, and what is looked at again.
#include <gtest/gtest.h>

#include <map>

#include "modules/audit/process.hpp"
#include "modules/audit/weights.hpp"
#include "modules/bank/bank.hpp"

namespace sublet::audit {
namespace {

Address who(std::uint8_t number) {
    Address out;
    out.bytes.fill(number);
    return out;
}

TEST(Weights, FindsWhoseShareAPointIs) {
    ledger::Ledger ledger;
    const std::vector<std::uint64_t> shares{3, 1, 4, 1, 5, 9, 2, 6, 5, 3, 5};
    for (const std::uint64_t each : shares) {
        append_weight(ledger, each);
    }
    const auto found = [&] {
        std::map<std::uint64_t, std::uint64_t> out;
        for (std::uint64_t point = 0; point < weights(ledger).total; ++point) {
            ++out[number_at(ledger, point)];
        }
        return out;
    };
    std::map<std::uint64_t, std::uint64_t> wanted;
    for (std::size_t i = 0; i < shares.size(); ++i) {
        wanted[i + 1] = shares[i];
    }
    EXPECT_EQ(found(), wanted);
    change_weight(ledger, 6, 9, 0);
    change_weight(ledger, 1, 3, 7);
    change_weight(ledger, 11, 5, 0);
    drop_last_weight(ledger);
    wanted.erase(6);
    wanted.erase(11);
    wanted[1] = 7;
    EXPECT_EQ(found(), wanted);
    EXPECT_EQ(weights(ledger).count, 10U);
}

TEST(Standing, WhoLeavesIsDrawnNoMore) {
    ledger::Ledger ledger;
    for (std::uint8_t i = 1; i <= 5; ++i) {
        Standing standing{.owner = who(i), .engines = {"batch"}};
        save(ledger, standing);
        set_stake(ledger, standing, Amount{std::uint64_t{i} * 10});
    }
    EXPECT_EQ(all_stakes(ledger), Amount{150});
    EXPECT_EQ(broken_draws(ledger), "");
    Standing second = standing_of(ledger, who(2));
    EXPECT_EQ(take(ledger, second, kAll), Amount{20});
    Standing fourth = standing_of(ledger, who(4));
    EXPECT_EQ(take(ledger, fourth, Amount{15}), Amount{15});
    EXPECT_EQ(all_stakes(ledger), Amount{115});
    EXPECT_EQ(weights(ledger).count, 4U);
    EXPECT_EQ(broken_draws(ledger), "");
    for (std::uint64_t point = 0; point < 115; ++point) {
        EXPECT_NE(staker_at(ledger, point), who(2));
    }
    EXPECT_EQ(count_auditors(ledger, "batch", Amount{26}, 10), 2U);
    EXPECT_EQ(count_auditors(ledger, "batc", Amount{1}, 10), 0U);
}

// What is leaving can be lost too, after the rest.
TEST(Standing, WhatLeavesIsLostLast) {
    ledger::Ledger ledger;
    Standing standing{.owner = who(1), .leaving = Amount{30}, .leaves_at = LedgerTime{9}};
    save(ledger, standing);
    set_stake(ledger, standing, Amount{20});
    EXPECT_EQ(take(ledger, standing, Amount{25}), Amount{25});
    EXPECT_EQ(standing.stake, Amount{});
    EXPECT_EQ(standing.leaving, Amount{25});
    EXPECT_EQ(take(ledger, standing, kAll), Amount{25});
    EXPECT_TRUE(standing.leaves_at.is_zero());
    EXPECT_EQ(standing.slashed, Amount{50});
}

// Where a liar and the worker both leave the draws, the order is the protocol's: seats first, as they stand, then the
// worker. Each leaves its number to whoever has the last one.
TEST(Finish, AuditorsLoseTheirStakesBeforeTheWorker) {
    ledger::Ledger ledger;
    bank::issue(ledger, who(9), Amount{50}, bank::kCredit);
    bank::hold(ledger, who(9), Amount{50});
    for (std::uint8_t i = 1; i <= 5; ++i) {
        Standing standing{.owner = who(i)};
        save(ledger, standing);
        set_stake(ledger, standing, Amount{10});
    }
    Audit audit{.worker = who(1), .pay = Amount{1}, .stage = Stage::kSeats, .round = Round::kArbiters};
    const Seat said{.round = Round::kArbiters, .state = SeatState::kShown, .verdict = Verdict::kFail};
    audit.seats.assign(4, said);
    audit.seats[0].round = Round::kFirst;
    audit.seats[0].verdict = Verdict::kPass;  // and it found what the arbiters found
    for (std::uint8_t i = 0; i < 4; ++i) {
        audit.seats[i].auditor = who(static_cast<std::uint8_t>(i + 2));
    }
    finish(ledger, audit, Outcome::kFail, {});
    EXPECT_EQ(weights(ledger).count, 3U);
    EXPECT_EQ(standing_of(ledger, who(4)).number, 1U);  // of the worker
    EXPECT_EQ(standing_of(ledger, who(5)).number, 2U);  // of the liar
    EXPECT_EQ(audit.from_loser, Amount{3});
    EXPECT_EQ(bank::supply(ledger).burnt, Amount{17});
}

struct Case {
    const char* what;
    std::uint64_t passes, exposure, stake, collateral;
    std::uint32_t floor;
    bool doubled, forced;
    std::uint32_t permille;
};

TEST(Probability, IsTheLargestOfRampFloorAndValue) {
    // 10,000 E / (9 (E + S)), rounded up.
    const Case cases[] = {
        {"a newcomer", 0, 100, 1'000'000, 0, 1, false, false, 1'000},
        {"after four", 4, 100, 1'000'000, 0, 1, false, false, 1'000},
        {"after five", 5, 100, 1'000'000, 0, 1, false, false, 487},
        {"after thirty", 30, 100, 1'000'000, 0, 1, false, false, 139},
        {"the floor", 30, 100, 1'000'000, 0, 143, false, false, 143},
        {"the end of the ramp", 5'000, 100, 1'000'000, 0, 1, false, false, 83},
        {"nothing at stake", 5'000, 100, 0, 0, 1, false, false, 1'000},
        {"a claim's stake alone", 5'000, 100, 0, 10, 1, false, false, 1'000},
        {"as much at stake as in hand", 5'000, 100, 100, 0, 1, false, false, 556},
        {"ten times as much", 5'000, 100, 990, 10, 1, false, false, 102},
        {"sixty-four tasks in hand", 5'000, 6'400, 990, 10, 1, false, false, 961},
        {"nobody showed an element", 30, 100, 1'000'000, 0, 143, true, false, 286},
        {"not more than always", 5, 100, 100, 0, 1, true, false, 1'000},
        {"looked at again", 5'000, 100, 1'000'000, 0, 1, false, true, 1'000},
    };
    for (const Case& each : cases) {
        ledger::Ledger ledger;
        Standing standing{.owner = who(1), .passes = each.passes, .exposure = Amount{each.exposure}};
        save(ledger, standing);
        set_stake(ledger, standing, Amount{each.stake});
        const Audit audit{.worker = who(1),
                          .collateral = Amount{each.collateral},
                          .floor_permille = each.floor,
                          .forced = each.forced};
        EXPECT_EQ(probability_permille(ledger, audit, each.doubled), each.permille) << each.what;
    }
}

TEST(Terms, PayAndFundRoundUp) {
    const Terms crops{.engine = "blender-3.4-cpu", .share_permille = 100, .floor_permille = 143};
    EXPECT_TRUE(check(crops).has_value());
    EXPECT_EQ(audit_pay(crops, Amount{10'001}), Amount{1'001});
    EXPECT_EQ(audit_pay(crops, Amount{1}), Amount{1});
    EXPECT_EQ(fund_of(crops, Amount{10'000}), Amount{1'250});
    EXPECT_EQ(fund_of({.engine = "batch", .share_permille = 1, .floor_permille = 1}, Amount{10}), Amount{1});
    for (const Terms& each : {Terms{.engine = "", .share_permille = 1, .floor_permille = 1},
                              Terms{.engine = "a", .share_permille = 0, .floor_permille = 1},
                              Terms{.engine = "a", .share_permille = 1, .floor_permille = 0},
                              Terms{.engine = "a", .share_permille = 1'001, .floor_permille = 1},
                              Terms{.engine = "a", .share_permille = 1, .floor_permille = 1'001},
                              Terms{.engine = "a", .share_permille = 1, .floor_permille = 1, .tip = Bytes(31, 't')}}) {
        EXPECT_FALSE(check(each).has_value());
    }
}

}  // namespace
}  // namespace sublet::audit
