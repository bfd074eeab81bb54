// format_test.cpp: numbers as people read and write them.
#include "cli/format.hpp"

#include <gtest/gtest.h>

#include "cli/exit.hpp"
#include "cli/progress.hpp"

namespace sublet::cli {
namespace {

TEST(Format, Credits) {
    struct Row {
        std::uint64_t ucredit = 0;
        const char* text = nullptr;
    };
    for (const Row& row : {Row{0, "0.000000"}, Row{1, "0.000001"}, Row{1'234'567, "1.234567"},
                           Row{1'000'000, "1.000000"}, Row{~0ULL, "18446744073709.551615"}}) {
        EXPECT_EQ(credits_number(Amount{row.ucredit}), row.text);
    }
    EXPECT_EQ(credits(Amount{1'234'567}), "1.234567 credits");
}

TEST(Format, RatesRoundUpInTheNinthDecimal) {
    struct Row {
        std::uint64_t rate = 0;
        std::uint64_t seconds = 0;
        const char* text = nullptr;
    };
    const Row rows[] = {
        {0, kSecondsPerHour, "0.00"},
        {1, 1, "0.000000001"},          // 10⁻¹⁵ credits are more than nothing
        {1'000'000, 1, "0.000000001"},  // exactly
        {1'000'001, 1, "0.000000002"},
        {20'000'000'000, kSecondsPerHour, "0.072"},
        {20'000'000'000, kSecondsPerMonth, "51.84"},
        {1'000'000'000'000'000, 1, "1.00"},
        {~0ULL, kSecondsPerMonth, "47813960639.055157787"},
    };
    for (const Row& row : rows) {
        EXPECT_EQ(rate_number_ceil(Rate{row.rate}, row.seconds), row.text) << row.rate << " for " << row.seconds;
    }
}

TEST(Format, ParsesCreditsExactly) {
    struct Row {
        const char* text = nullptr;
        std::optional<std::uint64_t> ucredit;
    };
    const Row rows[] = {
        {"1", 1'000'000},
        {"1.25", 1'250'000},
        {"0.000001", 1},
        {"250000ucredit", 250'000},
        {"0", 0},
        {"", std::nullopt},
        {"1.", std::nullopt},
        {".5", std::nullopt},
        {"-1", std::nullopt},
        {"1e6", std::nullopt},
        {"0.0000001", std::nullopt},
        {"1 credit", std::nullopt},
        {"1.5ucredit", std::nullopt},
        {"18446744073709.551615", ~0ULL},
        {"18446744073709.551616", std::nullopt},
        {"99999999999999999999", std::nullopt},
    };
    for (const Row& row : rows) {
        const Result<Amount> amount = parse_credits(row.text);
        EXPECT_EQ(amount.has_value(), row.ucredit.has_value()) << row.text;
        if (amount && row.ucredit) {
            EXPECT_EQ(amount->value(), *row.ucredit) << row.text;
        }
    }
}

TEST(Format, HourlyPricesRoundDown) {
    EXPECT_EQ(parse_hourly_floor("0.0036")->value(), 1'000'000'000U);  // 1 ucredit a second
    EXPECT_EQ(parse_hourly_floor("0.01")->value(), 2'777'777'777U);
    EXPECT_EQ(parse_hourly_floor("0")->value(), 0U);
    EXPECT_FALSE(parse_hourly_floor("0.1234567891").has_value());
    EXPECT_FALSE(parse_hourly_floor("cheap").has_value());
}

TEST(Format, Durations) {
    struct Row {
        std::uint64_t ms = 0;
        const char* text = nullptr;
    };
    for (const Row& row : {Row{0, "0 ms"}, Row{999, "999 ms"}, Row{1'000, "1 s"}, Row{61'000, "1 min 1 s"},
                           Row{3'600'000, "1 h"}, Row{3'601'000, "1 h"}, Row{93'784'000, "1 d 2 h"}}) {
        EXPECT_EQ(duration(Millis{row.ms}), row.text) << row.ms;
    }
}

TEST(Format, SizesAndCores) {
    EXPECT_EQ(bytes_text(0), "0 B");
    EXPECT_EQ(bytes_text(1023), "1023 B");
    EXPECT_EQ(bytes_text(512ULL << 20U), "512 MiB");
    EXPECT_EQ(bytes_text(3ULL << 29U), "1.5 GiB");
    EXPECT_EQ(cores_text(100), "0.1");
    EXPECT_EQ(cores_text(2'000), "2");
    EXPECT_EQ(cores_text(1'250), "1.25");
    EXPECT_EQ(cores_text(0), "0");
    EXPECT_EQ(utc_time(1'767'225'600'000), "2026-01-01T00:00:00Z");
}

TEST(Format, TablesCountCharactersNotBytes) {
    EXPECT_EQ(table({"A", "LONG"}, {{"x…y", "1"}, {"z", "22"}}), "A    LONG\nx…y  1\nz    22\n");
    EXPECT_EQ(short_address("sublet19rl4cm2hmr8afy4kldpxz3fka4jguq0acx3njx"), "sublet19rl4c…cx3njx");
}

TEST(Exit, CodesByRange) {
    struct Row {
        Code code;
        int exit;
    };
    const Row rows[] = {
        {Code::kOk, kExitOk},
        {Code::kUsage, kExitUsage},
        {Code::kMalformed, kExitRefused},
        {Code::kFeeTooLow, kExitRefused},
        {Code::kInsufficientFunds, kExitRefused},
        {Code::kNotFound, kExitNotFound},
        {Code::kLeaseUnknown, kExitNotFound},
        {Code::kTimeout, kExitTimeout},
        {Code::kIo, kExitEnvironment},
        {Code::kEngine, kExitEnvironment},
        {Code::kKeyring, kExitFailed},
        {Code::kInternal, kExitFailed},
        {Code::kUnauthorized, kExitFailed},
    };
    for (const Row& row : rows) {
        EXPECT_EQ(exit_of(row.code), row.exit) << code_name(row.code);
    }
}

TEST(Progress, WhatAWorkerSaysDoesNotSteerTheTerminal) {
    EXPECT_EQ(without_controls("12 × 5 … done\n\tgrüße"), "12 × 5 … done\n\tgrüße");
    EXPECT_EQ(without_controls("\x1b]0;title\x07\x1b[2J\r\b\x7f"), "?]0;title??[2J???");
    EXPECT_EQ(without_controls("\xc2\x9b"
                               "31m\xc2\x85\xc2\xa0"),
              "\xc2?31m\xc2?\xc2\xa0");
    EXPECT_EQ(without_controls(std::string("a\0b", 3)), "a?b");
}

}  // namespace
}  // namespace sublet::cli
