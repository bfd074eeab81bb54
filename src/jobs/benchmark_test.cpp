// benchmark_test.cpp: rates from what the benchmark says, and work from turns that were cut short.
#include "jobs/benchmark.hpp"

#include <gtest/gtest.h>

namespace sublet::jobs {
namespace {

TEST(Benchmark, TheReferenceMachineHasAThousand) {
    EXPECT_EQ(*benchmark_rate(R"({"room": 0.75, "glass": 0.39, "crowd": 0.23})"), 1'000U);
    EXPECT_EQ(*benchmark_rate(R"({"room": 1.5, "glass": 0.78, "crowd": 0.46})"), 500U);
    // One scene that is eight times faster is twice as fast in the mean.
    EXPECT_EQ(*benchmark_rate(R"({"room": 0.09375, "glass": 0.39, "crowd": 0.23})"), 2'000U);
}

TEST(Benchmark, WhatNamesNoTimesIsRefused) {
    for (const char* each : {"", "[]", "{}", R"({"room": 1, "glass": 1})", R"({"room": 1, "glass": 1, "crowd": "1"})",
                             R"({"room": 0, "glass": 1, "crowd": 1})", R"({"room": -1, "glass": 1, "crowd": 1})",
                             R"({"room": 1e9, "glass": 1, "crowd": 1})"}) {
        const Result<std::uint64_t> rate = benchmark_rate(each);
        ASSERT_FALSE(rate.has_value()) << each;
        EXPECT_EQ(rate.error().code, Code::kParse);
    }
}

TEST(Benchmark, TwoTurnsMakeALine) {
    const Turn few{.seconds = 1.5, .samples = 2, .of = 128};
    const Turn more{.seconds = 3.0, .samples = 8, .of = 128};
    EXPECT_DOUBLE_EQ(whole_time(few, more), 3.0 + 120 * 0.25);
    // Noise that makes the longer turn the faster one costs nobody anything below what was seen.
    EXPECT_DOUBLE_EQ(whole_time({.seconds = 2, .samples = 2, .of = 128}, {.seconds = 1, .samples = 8, .of = 128}), 1.0);
    EXPECT_DOUBLE_EQ(whole_time({.seconds = 1, .samples = 1, .of = 4}, {.seconds = 2, .samples = 4, .of = 4}), 2.0);
    EXPECT_DOUBLE_EQ(whole_time({.seconds = 1, .samples = 1, .of = 1}, {.seconds = 2, .samples = 1, .of = 1}), 2.0);
}

TEST(Benchmark, ATurnSaysItsSamples) {
    const Result<Turn> turn = parse_turn("4 128\n", 2.5);
    ASSERT_TRUE(turn.has_value());
    EXPECT_EQ(turn->samples, 4U);
    EXPECT_EQ(turn->of, 128U);
    EXPECT_DOUBLE_EQ(turn->seconds, 2.5);
    for (const char* each :
         {"", "4", "4 ", "0 128", "-1 128", "129 128", "4,128", "4 99999999999999999999", "4 16777217"}) {
        EXPECT_FALSE(parse_turn(each, 1).has_value()) << each;
    }
}

TEST(Benchmark, WorkHasBounds) {
    EXPECT_EQ(work_of(2.0, 1'500, 2), 6'000U);
    EXPECT_EQ(work_of(0.0, 1'500, 1), 1U);
    EXPECT_EQ(work_of(1e12, 1'000'000'000, 64), 1'000'000'000'000U);
}

}  // namespace
}  // namespace sublet::jobs
