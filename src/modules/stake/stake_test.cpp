// stake_test.cpp: rounding of shares, founders of a genesis that do not hold together, parameters, power below a third.
#include <gtest/gtest.h>

#include <functional>

#include "modules/bank/bank.hpp"
#include "modules/stake/process.hpp"

namespace sublet::stake {
namespace {

Address somebody(std::uint8_t number) {
    Address out;
    out.bytes.fill(number);
    return out;
}
Hash key_number(std::uint8_t number) {
    Hash out{};
    out.fill(number);
    return out;
}
Founder founder(std::uint8_t number, std::uint64_t power = 10) {
    return {crypto::to_bech32(somebody(number)), Bytes{view_of(key_number(number))}, power, "n"};
}

// Whoever bonds and takes out, in whatever pieces, has at most what he had.
TEST(Shares, NobodyGainsByRounding) {
    std::uint64_t dice = 7;
    const auto below = [&](std::uint64_t most) {
        dice =
            dice * 6'364'136'223'846'793'005U + 1'442'695'040'888'963'407U;  // Knuth's generator: the same everywhere
        return (dice >> 33U) % most;
    };
    for (int round = 0; round < 2'000; ++round) {
        Validator validator;
        validator.stake = Amount{1 + below(1'000'000)};
        validator.shares = validator.stake.value() + below(1'000'000);
        const Amount others_before = validator.stake;
        const std::uint64_t others = validator.shares;
        const Amount in{1 + below(1'000)};
        const std::uint64_t shares = *shares_for_floor(validator, in);
        validator.stake = saturating_add(validator.stake, in);
        validator.shares += shares;
        EXPECT_LE(value_floor(validator, shares), in);
        EXPECT_GE(value_floor(validator, others), others_before);
    }
}

TEST(Shares, DoNotFitIntoMoreThan64Bits) {
    Validator validator;
    validator.stake = Amount{1'000};
    validator.shares = 2'000;
    EXPECT_EQ(shares_for_floor(validator, Amount{5}), 10U);
    EXPECT_EQ(shares_for_floor(validator, Amount{~std::uint64_t{0} / 2}), std::nullopt);
    validator.stake = Amount{~std::uint64_t{0} - 4};
    EXPECT_EQ(shares_for_floor(validator, Amount{5}), std::nullopt);
}

TEST(Grains, AreWholeAndARest) {
    const Grains both = grains_of(u128{7} * kGrainsOfOne + 5);
    EXPECT_EQ(whole_floor(both), Amount{7});
    EXPECT_EQ(number_of(fraction(both)), u128{5});
    EXPECT_EQ(number_of(grains_of(~u128{0})), ~u128{0});
}

TEST(Founders, ThatDoNotHoldTogetherAreRefused) {
    Params narrow;
    narrow.max_validators = 5;
    const struct {
        std::vector<Founder> founders;
        Params params;
        bool holds;
    } rows[] = {
        {{founder(1)}, {}, true},
        {{}, {}, false},
        {{founder(1, 0)}, {}, false},
        {{founder(1, kMaxGrant + 1)}, {}, false},
        {{founder(1), founder(1)}, {}, false},
        {{founder(1), {crypto::to_bech32(somebody(2)), Bytes{view_of(key_number(1))}, 1, "n"}}, {}, false},
        {{{crypto::to_bech32(somebody(1)), Bytes(31, 'k'), 1, "n"}}, {}, false},
        {{{crypto::to_bech32(somebody(1)), Bytes(32, '\0'), 1, "n"}}, {}, false},
        {{{crypto::to_bech32(somebody(1)), Bytes(32, 'k'), 1, ""}}, {}, false},
        {{{"nobody", Bytes(32, 'k'), 1, "n"}}, {}, false},
        {{founder(1)}, narrow, true},
        {{founder(1), founder(2)}, narrow, false},  // no room for four others
    };
    for (const auto& row : rows) {
        ledger::Ledger ledger;
        EXPECT_EQ(found(ledger, row.founders, row.params).has_value(), row.holds);
        EXPECT_EQ(row.holds ? broken_stakes(ledger) : "", "");
    }
    ledger::Ledger twice;
    ASSERT_TRUE(found(twice, {founder(1)}, {}));
    EXPECT_EQ(found(twice, {founder(2)}, {}).error().code, Code::kConflict);
}

TEST(Params, RelationsThatMustHold) {
    const std::function<void(Params&)> spoilt[] = {
        [](Params& p) { p.version = 2; },
        [](Params& p) { p.power_unit = kMinPowerUnit - 1; },
        [](Params& p) { p.min_self_bond = Amount{p.power_unit - 1}; },
        [](Params& p) { p.max_validators = 0; },
        [](Params& p) { p.max_validators = kMaxSet + 1; },
        [](Params& p) { p.unbonding_ms = 0; },
        [](Params& p) { p.jail_ms = 0; },
        [](Params& p) { p.signed_blocks_window = kBuckets - 1; },
        [](Params& p) { p.min_signed_permille = 0; },
        [](Params& p) { p.min_signed_permille = 1'001; },
        [](Params& p) { p.double_sign_permille = kMaxSlashPermille + 1; },
        [](Params& p) { p.grants_end_permille = 0; },
    };
    EXPECT_TRUE(check(Params{}));
    for (const auto& spoil : spoilt) {
        Params params;
        spoil(params);
        EXPECT_EQ(check(params).error().code, Code::kBadField);
    }
}

TEST(Set, StakesHaveLessThanAThirdWhileGrantsStand) {
    ledger::Ledger ledger;
    Params rules;
    rules.grants_end_permille = 1'000;
    ASSERT_TRUE(found(ledger, {founder(1, 7), founder(2, 8)}, rules));
    bank::issue(ledger, somebody(9), Amount{~std::uint64_t{0}}, bank::kLet);
    Pool all = pool(ledger);
    for (std::uint8_t i = 3; i < 6; ++i) {
        Validator validator{.operator_address = somebody(i), .consensus_key = key_number(i), .number = i};
        ++all.validators;
        save(ledger, all);
        bond(ledger, validator, somebody(9), Amount{std::uint64_t{i} * 1'000'000'000'000'000});
        validator.self_shares = validator.shares;  // as if it were its operator's
        save(ledger, validator);
        all = pool(ledger);
    }
    const std::vector<Update> updates = update_set(ledger, {});
    std::uint64_t stakes = 0;
    for (const Update& each : updates) {
        stakes += each.power;
    }
    EXPECT_EQ(updates.size(), 3U);
    EXPECT_LT(stakes * 3, stakes + 15);
    EXPECT_GT(stakes, 0U);
    EXPECT_TRUE(update_set(ledger, {}).empty());
}

}  // namespace
}  // namespace sublet::stake
