// units_test.cpp: sizes, CPU, prices and windows at their boundaries.
#include "sdl/units.hpp"

#include <gtest/gtest.h>

#include "sdl/collate.hpp"

namespace sublet::sdl {
namespace {

TEST(Units, Bytes) {
    struct Row {
        const char* text;
        std::uint64_t bytes;
        bool usual;
    };
    constexpr Row kRows[] = {
        {"0", 0, true},
        {"1", 1, true},
        {"1k", 1000, true},
        {"1Ki", 1024, true},
        {"512Mi", 536870912, true},
        {"1.5Gi", 1610612736, true},
        {"0.1Gi", 107374183, true},
        {"1G", 1000000000, true},
        {"16Ei", 0, false},
        {"15Ei", 17293822569102704640U, true},
        {"512mi", 536870912, false},
        {"512MB", 512000000, false},
        {"1.5", 2, true},
    };
    for (const Row& row : kRows) {
        const auto got = read_bytes(row.text);
        if (std::string_view(row.text) == "16Ei") {
            EXPECT_FALSE(got) << "2^64 does not fit";
            continue;
        }
        ASSERT_TRUE(got) << row.text;
        EXPECT_EQ(got->bytes, row.bytes) << row.text;
        EXPECT_EQ(got->usual_suffix, row.usual) << row.text;
    }
    for (const char* bad : {"", "Mi", "-1Mi", "1 Mi", "1.2.3Mi", "Mi1", ".", "1e400", "0x10", "1Mi "}) {
        EXPECT_FALSE(read_bytes(bad)) << bad;
    }
}

TEST(Units, Cpu) {
    EXPECT_EQ(read_cpu_text("100m"), 100U);
    EXPECT_EQ(read_cpu_text("0.5"), 500U);
    EXPECT_EQ(read_cpu_text("2"), 2000U);
    EXPECT_EQ(read_cpu_text("0.0001"), 0U);
    EXPECT_EQ(read_cpu_number(0.1), 100U);
    EXPECT_EQ(read_cpu_number(1.5), 1500U);
    EXPECT_FALSE(read_cpu_text("1g"));
    EXPECT_FALSE(read_cpu_text("-1"));
    EXPECT_FALSE(read_cpu_number(-0.1));
    EXPECT_FALSE(read_cpu_number(1e300));
}

TEST(Units, PricesAreExactAndRoundedUp) {
    EXPECT_EQ(print_decimal(*read_decimal("0.000000000000000001")), "0.000000000000000001");
    EXPECT_EQ(print_decimal(*read_decimal("100")), "100.000000000000000000");
    for (const char* bad : {"", ".", "1.", ".5", "-1", "1e3", "0.0000000000000000001", "12345678901234567890"}) {
        EXPECT_FALSE(read_decimal(bad)) << bad;
    }
    EXPECT_EQ(rate_ceil(*read_decimal("6"), "uact").value(), 1'000'000'000U);
    EXPECT_EQ(rate_ceil(*read_decimal("1"), "uakt").value(), 166'666'667U);
    EXPECT_EQ(rate_ceil(*read_decimal("1"), "ucredit").value(), 1'000'000'000U);
    EXPECT_EQ(rate_ceil(*read_decimal("0.000000000000000001"), "uact").value(), 1U);
    EXPECT_EQ(rate_ceil(*read_decimal("0"), "uact").value(), 0U);
    EXPECT_EQ(rate_ceil(*read_decimal("9999999999999999999"), "ucredit").value(), ~std::uint64_t{0});
}

TEST(Units, Windows) {
    EXPECT_EQ(read_window_s("24h"), 86400U);
    EXPECT_EQ(read_window_s("30m"), 1800U);
    EXPECT_EQ(read_window_s("1s"), 1U);
    for (const char* bad : {"", "h", "0s", "1h30m", "01h", "-1h", "1d", "1.5h", "24", "99999999999999h"}) {
        EXPECT_FALSE(read_window_s(bad)) << bad;
    }
}

TEST(Collate, PunctuationDigitsLettersThenCase) {
    const char* order[] = {"a", "A", "a_b", "a-b", "a1", "aa", "ab", "b"};
    for (std::size_t i = 0; i + 1 < std::size(order); ++i) {
        EXPECT_TRUE(collates_before(order[i], order[i + 1])) << order[i] << " " << order[i + 1];
        EXPECT_FALSE(collates_before(order[i + 1], order[i])) << order[i + 1] << " " << order[i];
    }
    EXPECT_FALSE(collates_before("x", "x"));
}

}  // namespace
}  // namespace sublet::sdl
