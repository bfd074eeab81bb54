// workers_test.cpp: every item is done exactly once, whatever the counts of items and threads, and none after run().
#include "engine/workers.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <set>

namespace sublet::engine {
namespace {

TEST(Workers, DoEveryItemOnce) {
    for (const std::size_t threads : {0U, 1U, 3U, 100U}) {
        Workers workers{threads};
        for (const std::size_t count : {0U, 1U, 8U, 9U, 17U, 1'000U}) {
            std::vector<std::atomic<int>> done(count);
            workers.run(count, [&](std::size_t i) { ++done[i]; });
            for (std::size_t i = 0; i < count; ++i) {
                ASSERT_EQ(done[i], 1) << i << " of " << count << ", " << threads << " threads";
            }
        }
    }
}

TEST(Workers, ShareTheWork) {
    Workers workers{1};
    std::mutex mutex;
    std::set<std::thread::id> seen;
    // Each item waits for the other thread's first, which comes only if both take part.
    const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds{10};
    workers.run(16, [&](std::size_t) {
        std::unique_lock lock{mutex};
        seen.insert(std::this_thread::get_id());
        while (seen.size() < 2 && std::chrono::steady_clock::now() < deadline) {
            lock.unlock();
            std::this_thread::yield();
            lock.lock();
        }
    });
    EXPECT_EQ(seen.size(), 2U);
}

}  // namespace
}  // namespace sublet::engine
