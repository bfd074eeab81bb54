// growth_test.cpp: who gets on and who only says so.
#include "agent/growth.hpp"

#include <gtest/gtest.h>

namespace sublet::agent {
namespace {

// A worker that answers 1, 2, 1, 2, or everything and never "complete", is not waited for.
TEST(Growth, OnlyWhatIsNewIsGrowth) {
    constexpr std::uint64_t kWhole = 100'000'000;
    constexpr std::uint64_t kLong_ms = 45'001;
    Growth honest{kWhole, 1'000};
    honest.has(1, kLong_ms);
    EXPECT_FALSE(honest.stalled(90'000));
    Growth between{kWhole, 0};
    Growth whole{kWhole, 0};
    for (std::uint64_t now_ms = 0; now_ms <= 60'000; now_ms += 1'000) {
        between.has(1 + now_ms / 1'000 % 2, now_ms);
        whole.has(kWhole + now_ms, now_ms);
    }
    EXPECT_TRUE(between.stalled(60'000));
    EXPECT_FALSE(whole.stalled(54'000));  // it is being unpacked
    EXPECT_TRUE(whole.stalled(60'000));
}

}  // namespace
}  // namespace sublet::agent
