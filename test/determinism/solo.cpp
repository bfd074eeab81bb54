// solo.cpp: the seeded market's blocks through the solo engine and its threads; after each block its root must be that
// of the App driven on one thread.
//
// roots_solo [BLOCKS]   default 100
#include <atomic>
#include <cstdio>
#include <cstdlib>

#include "engine/solo.hpp"
#include "engine/testing/world.hpp"
#include "market.hpp"
#include "net/run.hpp"

namespace sublet::determinism {
namespace {

constexpr std::uint64_t kIntervalMs = 500;  // the least that the market's clock moves: one block for each move
constexpr int kMaxLooks = 100'000;

class SteppedClock final : public net::Clock {
public:
    explicit SteppedClock(std::uint64_t start_ms) : now(start_ms) {}
    std::uint64_t unix_ms() override { return now; }
    std::uint64_t monotonic_ms() override { return now; }
    net::Task<> sleep(std::uint64_t) override { co_return; }
    std::atomic<std::uint64_t> now;
};

class Node final : public Follower {
public:
    explicit Node(const app::Genesis& genesis) : clock_(genesis.time.value() + 1'000) {
        auto started = engine::start_solo(
            loop_, clock_,
            {.folder = folder_.path() / "ledger", .genesis = genesis, .core = {.block_interval_ms = kIntervalMs}});
        if (!started) {
            throw scenario::Failure(started.error().message);
        }
        engine_ = *std::move(started);
    }
    ~Node() override {
        engine_->stop();
        loop_.restart();
        loop_.poll();
    }
    Node(const Node&) = delete;
    Node& operator=(const Node&) = delete;

    bool take(const Bytes& transaction) override {
        const auto answer = net::run(loop_, engine_->submit(transaction));
        if (!answer) {
            throw scenario::Failure(answer.error().message);
        }
        taken_ += answer->check.code == Code::kOk ? 1U : 0U;
        return answer->check.code == Code::kOk;
    }

    // The block holds all that was taken: time stood still until now.
    std::string finish(Millis passed) override {
        const std::uint64_t wanted = engine_->committed()->height.value() + 1;
        clock_.now += passed.value();
        for (int looks = 0; engine_->committed()->height.value() < wanted; ++looks) {
            const auto woken = net::run(loop_, engine_->pending(1));  // makes the engine look at its clock
            if (!woken || looks == kMaxLooks) {
                throw scenario::Failure("block " + std::to_string(wanted) + " is not made");
            }
        }
        return to_hex(view_of(engine_->committed()->app_hash));
    }

    [[nodiscard]] std::uint64_t taken() const { return taken_; }

private:
    net::Loop loop_;
    engine::testing::Folder folder_;
    SteppedClock clock_;
    std::unique_ptr<engine::Engine> engine_;
    std::uint64_t taken_ = 0;
};

int run(std::uint64_t blocks) {
    Market market;
    Node node{market.genesis()};
    market.follow(node);
    try {
        market.open();
        for (std::uint64_t i = 0; i < blocks; ++i) {
            market.step();
        }
    } catch (const scenario::Failure& problem) {
        std::printf("%s\n", problem.what());
        return 1;
    }
    std::printf("%llu blocks, %llu transactions, one root: %s\n", static_cast<unsigned long long>(blocks),
                static_cast<unsigned long long>(node.taken()), market.root().c_str());
    return node.taken() > blocks ? 0 : 1;
}

}  // namespace
}  // namespace sublet::determinism

int main(int count, char** arguments) {
    return sublet::determinism::run(count > 1 ? std::strtoull(arguments[1], nullptr, 10) : 100);
}
