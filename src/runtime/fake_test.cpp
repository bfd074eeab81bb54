// fake_test.cpp: the engine in memory behaves as the contract says: repeated calls are fine, ordered failures happen.
#include "runtime/fake.hpp"
#include "net/quiet.hpp"

#include <gtest/gtest.h>

#include "net/run.hpp"

namespace sublet::runtime {
namespace {

class StillClock final : public net::Clock {
public:
    std::uint64_t unix_ms() override { return now_ms_; }
    std::uint64_t monotonic_ms() override { return now_ms_; }
    net::Task<> sleep(std::uint64_t length_ms) override {
        now_ms_ += length_ms;
        co_return;
    }

private:
    std::uint64_t now_ms_ = 1'800'000'000'000;
};

ContainerSpec spec_of(const std::string& revision) {
    ContainerSpec spec;
    spec.lease = "1";
    spec.service = "web";
    spec.revision = revision;
    spec.image = "web";
    spec.cpu_milli = 100;
    spec.memory_bytes = 1U << 20U;
    spec.ports = {{.container_port = 80}};
    return spec;
}

Task<> life(FakeRuntime& runtime) {
    PullRequest pull{.image = "web"};
    EXPECT_TRUE(co_await runtime.pull(std::move(pull)));
    std::string lease = "1";
    EXPECT_TRUE(co_await runtime.ensure_network(std::move(lease)));
    auto first = spec_of("a");
    auto id = co_await runtime.create(std::move(first));
    EXPECT_TRUE(id);
    if (!id) {
        co_return;
    }
    auto same = spec_of("a");
    auto again = co_await runtime.create(std::move(same));
    EXPECT_EQ(*again, *id);
    auto other = spec_of("b");
    auto conflict = co_await runtime.create(std::move(other));
    EXPECT_FALSE(conflict);
    for (int i = 0; i < 2; ++i) {
        std::string copy = *id;
        EXPECT_TRUE(co_await runtime.start(std::move(copy)));
        copy = *id;
        EXPECT_TRUE(co_await runtime.pause(std::move(copy)));
    }
    auto paused = co_await runtime.list();
    EXPECT_EQ(paused->at(0).phase, Phase::kPaused);
    EXPECT_EQ(paused->at(0).ports.at(0).host_port, 30'000);
    EXPECT_EQ(runtime.counters.pauses, 1U);
    runtime.die(*id, 3);
    std::string copy = *id;
    auto dead = co_await runtime.inspect(std::move(copy));
    EXPECT_EQ(dead->exit_code, 3);
    for (int i = 0; i < 2; ++i) {
        copy = *id;
        EXPECT_TRUE(co_await runtime.remove(std::move(copy)));
        lease = "1";
        EXPECT_TRUE(co_await runtime.remove_network(std::move(lease)));
    }
    EXPECT_EQ(runtime.counters.removes, 1U);
}

TEST(FakeRuntime, LifeOfAContainer) {
    net::Loop loop;
    StillClock clock;
    FakeRuntime runtime(clock);
    net::run(loop, life(runtime));
}

TEST(FakeRuntime, OrderedFailures) {
    net::Loop loop;
    StillClock clock;
    FakeRuntime runtime(clock);
    runtime.plan.pull_errors["web"] = Error{Code::kImage, "manifest unknown"};
    PullRequest pull{.image = "web"};
    EXPECT_EQ(net::run(loop, runtime.pull(std::move(pull))).error().code, Code::kImage);
    PullRequest stopped{.image = "other",
                        .progress = [](const PullProgress&) -> Result<> { return fail(Code::kCancelled, "enough"); }};
    EXPECT_EQ(net::run(loop, runtime.pull(std::move(stopped))).error().code, Code::kCancelled);
    runtime.images.insert("web");
    runtime.plan.exit_at_once["web"] = 9;
    std::string lease = "1";
    ASSERT_TRUE(net::run(loop, runtime.ensure_network(std::move(lease))));
    auto spec = spec_of("a");
    auto id = net::run(loop, runtime.create(std::move(spec)));
    ASSERT_TRUE(id);
    ASSERT_TRUE(net::run(loop, runtime.start(*id)));
    EXPECT_EQ(net::run(loop, runtime.inspect(*id))->exit_code, 9);
    runtime.plan.engine_down = true;
    EXPECT_EQ(net::run(loop, runtime.list()).error().code, Code::kIo);
}

}  // namespace
}  // namespace sublet::runtime
