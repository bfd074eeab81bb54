// stress.cpp: nodes started, driven hard from all sides and stopped at a random instant, again and again; each must
// open again at the height and root that it showed last. For ThreadSanitizer above all.
//
// engine_stress [ROUNDS] [SEED]   default 8 and 1
#include <atomic>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <random>
#include <thread>

#include "engine/solo.hpp"
#include "engine/testing/world.hpp"
#include "net/run.hpp"

namespace sublet::engine {
namespace {

using testing::Folder;
using testing::Key;
using testing::signed_tx;

constexpr char kSenders[] = {'a', 'b', 'c', 'd', 'e', 'f'};
constexpr std::size_t kUnwaited = 3;
constexpr std::size_t kReaders = 3;
constexpr std::uint64_t kShortestMs = 20;
constexpr std::uint64_t kLongestMs = 1'200;
constexpr std::chrono::milliseconds kBetweenReads{5};  // else readers alone would have the cores

struct Node {
    net::Loop loop;
    std::unique_ptr<net::Clock> clock = net::system_clock();
    std::unique_ptr<Engine> engine;
    std::atomic<bool> reading = true;
    std::atomic<std::uint64_t> reads = 0;
    std::uint64_t included = 0;  // the loop's thread
    std::uint64_t seen = 0;      // of it, blocks of subscribers
};

void check(bool holds, const char* what) {
    if (!holds) {
        std::printf("does not hold: %s\n", what);
        std::exit(1);
    }
}

app::Genesis genesis() {
    const Key first{kSenders[0]};
    app::Genesis out = testing::small_genesis(first);
    for (const char seed : kSenders) {
        if (seed != kSenders[0]) {
            out.balances.push_back({Key{seed}.address, "ucredit", Amount{1'000'000'000}});
        }
    }
    return out;
}

Bytes payment(const Engine& engine, const Key& from, std::uint64_t ahead) {
    const auto committed = engine.committed();
    const auto account = account::find(committed->view, crypto::address_of(from.public_key));
    const bank::MsgSend message{
        .from_address = from.address, .to_address = Key{'z'}.address, .amount = {{"ucredit", "1"}}};
    return signed_tx(from, message,
                     {.chain_id = "test-1",
                      .account_number = account ? account->number.value() : 0,
                      .sequence = (account ? account->sequence : 0) + ahead,
                      .fee = "1000"});
}

// Pays without waiting, three times, then pays and waits for the block; now and then asks what else an engine is asked.
net::Task<> send(Node* node, char seed) {
    const Key key{seed};
    for (std::uint64_t turn = 0;; ++turn) {
        std::vector<Bytes> payments;
        for (std::uint64_t ahead = 0; ahead <= kUnwaited; ++ahead) {
            payments.push_back(payment(*node->engine, key, ahead));
        }
        if (turn % 3 == 0) {
            auto trying = node->engine->simulate(payments.front());
            (void)co_await std::move(trying);
            auto looking = node->engine->pending(5);
            (void)co_await std::move(looking);
        }
        for (std::size_t i = 0; i < kUnwaited; ++i) {
            auto submitting = node->engine->submit(std::move(payments[i]));
            (void)co_await std::move(submitting);
        }
        auto waiting = node->engine->submit_and_wait(std::move(payments.back()), 5'000);
        const Result<Included> done = co_await std::move(waiting);
        if (!done) {
            check(done.error().code == Code::kCancelled, done.error().message.c_str());
            co_return;
        }
        node->included += done->included ? 1U : 0U;
    }
}

net::Task<> follow(Node* node) {
    auto subscription = node->engine->subscribe();
    if (!subscription) {
        co_return;
    }
    std::uint64_t last = 0;
    while (true) {
        auto waiting = (*subscription)->next();
        const Result<BlockPtr> block = co_await std::move(waiting);
        if (!block) {
            co_return;
        }
        const std::uint64_t height = (*block)->height().value();
        check(last == 0 || height == last + 1, "a subscriber sees every block, in order");
        check(node->engine->committed()->height.value() >= height, "a published block is committed");
        last = height;
        ++node->seen;
    }
}

void read(Node* node, unsigned seed) {
    std::minstd_rand random{seed};
    std::uint64_t before = 0;
    const Engine& engine = *node->engine;
    while (node->reading) {
        const auto now = engine.committed();
        check(now->height.value() >= before, "a reader never sees the height go back");
        before = now->height.value();
        const Height height{1 + random() % before};
        const auto header = engine.header(Height{before});
        check(header && header->app_hash_after == now->app_hash, "what is committed is stored");
        if (const auto past = engine.committed_at(height)) {
            const auto answer = app::query(**past, "/store/state/key", Bytes("\0", 1), true);
            check((*past)->height == height, "a past height is itself");
            (void)answer;
        }
        // A block is read from the disk no earlier than its state can be asked for.
        const Height next{before + 1};
        for (int i = 0; i < 200; ++i) {
            if (engine.header(next)) {
                check(engine.committed()->height >= next, "a block that can be read is committed");
                break;
            }
        }
        const auto block = engine.block(height);
        check(block.has_value(), "a committed block is there");
        for (const store::StoredTx& tx : block->transactions) {
            check(engine.transaction(tx.hash).has_value(), "so are its transactions");
        }
        store::Search search;
        (void)engine.search(search);
        (void)engine.history("none");
        (void)engine.counters();
        (void)engine.mempool_size();
        check(!engine.halted(), "nothing halts the engine");
        check(engine.genesis().chain_id == "test-1", "its genesis stands");
        ++node->reads;
        std::this_thread::sleep_for(kBetweenReads);
    }
}

void start(Node& node, const std::filesystem::path& folder) {
    auto started =
        start_solo(node.loop, *node.clock, {.folder = folder, .genesis = genesis(), .core = {.block_interval_ms = 1}});
    check(started.has_value(), started ? "" : started.error().message.c_str());
    node.engine = *std::move(started);
}

// One life: two threads stop the node at about the same time, while everybody is at it.
void live(const std::filesystem::path& folder, std::minstd_rand& random) {
    Node node;
    start(node, folder);
    for (const char seed : kSenders) {
        net::spawn(node.loop, send(&node, seed));
    }
    net::spawn(node.loop, follow(&node));
    net::spawn(node.loop, follow(&node));
    std::vector<std::thread> threads;
    for (std::size_t i = 0; i < kReaders; ++i) {
        threads.emplace_back(read, &node, static_cast<unsigned>(random()));
    }
    const std::chrono::milliseconds length{kShortestMs + random() % (kLongestMs - kShortestMs)};
    for (int i = 0; i < 2; ++i) {
        threads.emplace_back([&node, length] {
            std::this_thread::sleep_for(length);
            node.engine->stop();
        });
    }
    node.loop.run();  // ends when every coroutine heard that the node stops
    node.reading = false;
    for (std::thread& each : threads) {
        each.join();
    }
    const auto last = node.engine->committed();
    const EngineCounters counters = node.engine->counters();
    check(counters.transactions_ok >= node.included, "what was answered as included is in a block");
    check(counters.transactions_failed == 0, "a payment that was taken is paid");
    node.engine.reset();
    node.loop.restart();
    node.loop.poll();
    Node again;
    start(again, folder);
    check(again.engine->committed()->height == last->height, "it opens at the last height");
    check(again.engine->committed()->app_hash == last->app_hash, "and at its root");
    std::printf("%lld ms: height %llu, %llu included, %llu blocks followed, %llu reads\n",
                static_cast<long long>(length.count()), static_cast<unsigned long long>(last->height.value()),
                static_cast<unsigned long long>(node.included), static_cast<unsigned long long>(node.seen),
                static_cast<unsigned long long>(node.reads.load()));
}

}  // namespace
}  // namespace sublet::engine

int main(int count, char** arguments) {
    const long rounds = count > 1 ? std::strtol(arguments[1], nullptr, 10) : 8;
    std::minstd_rand random{static_cast<unsigned>(count > 2 ? std::strtoul(arguments[2], nullptr, 10) : 1)};
    const sublet::engine::testing::Folder folder;
    for (long round = 0; round < rounds; ++round) {
        sublet::engine::live(folder.path() / "ledger", random);
    }
    return 0;
}
