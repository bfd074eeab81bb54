// hand_test.cpp: work on another thread while the loop goes on, in order, bounded, and ended with its owner.
#include "net/hand.hpp"

#include <gtest/gtest.h>

#include <atomic>

#include "net/host.hpp"
#include "net/run.hpp"

namespace sublet::net {
namespace {

TEST(Hand, TheLoopGoesOnMeanwhile) {
    Loop loop;
    const std::unique_ptr<Clock> clock = system_clock();
    Hand hand{loop};
    std::atomic<bool> released = false;
    const std::thread::id here = std::this_thread::get_id();
    const auto wait_for_loop = [&]() -> Task<Result<int>> {
        std::function<Result<int>()> work = [&]() -> Result<int> {
            for (int tries = 0; !released && tries < 5'000; ++tries) {
                std::this_thread::sleep_for(std::chrono::milliseconds{1});
            }
            return std::this_thread::get_id() == here ? 1 : released ? 2 : 3;
        };
        co_return co_await hand.run(std::move(work));
    };
    const auto release = [&]() -> Task<> {
        co_await clock->sleep(5);
        released = true;
    };
    spawn(loop, release());
    EXPECT_EQ(run(loop, wait_for_loop()).value_or(0), 2);
}

TEST(Hand, OneAfterTheOtherAndErrorsComeBack) {
    Loop loop;
    Hand hand{loop};
    std::string order;
    const auto both = [&]() -> Task<Result<>> {
        for (const char* each : {"a", "b", "c"}) {
            std::function<Result<>()> work = [&order, each]() -> Result<> {
                order += each;
                return {};
            };
            CO_TRY_OK(co_await hand.run(std::move(work)));
        }
        std::function<Result<>()> work = []() -> Result<> { return fail(Code::kIo, "no room"); };
        co_return co_await hand.run(std::move(work));
    };
    const Result<> done = run(loop, both());
    ASSERT_FALSE(done);
    EXPECT_EQ(done.error().message, "no room");
    EXPECT_EQ(order, "abc");
}

TEST(Hand, RefusesWhatIsTooMuchAndEndsWithWhatWaits) {
    Loop loop;
    std::atomic<bool> go = false;
    std::atomic<int> done = 0;
    std::size_t refused = 0;
    {
        Hand hand{loop};
        const auto ask = [&]() -> Task<> {
            std::function<Result<>()> work = [&]() -> Result<> {
                while (!go) {
                    std::this_thread::sleep_for(std::chrono::milliseconds{1});
                }
                ++done;
                return {};
            };
            const Result<> answer = co_await hand.run(std::move(work));
            refused += answer ? 0U : 1U;
        };
        for (std::size_t i = 0; i < kMaxHandWaits + 10; ++i) {
            spawn(loop, ask());
        }
        loop.poll();
        EXPECT_GE(refused, 9U);  // one may have been begun already
        EXPECT_LE(refused, 10U);
        go = true;
    }
    EXPECT_LT(done, static_cast<int>(kMaxHandWaits)) << "what waits is not begun any more";
}

}  // namespace
}  // namespace sublet::net
