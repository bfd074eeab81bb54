// engine_test.cpp: blocks when there is work, recovery at one height, waiters and subscribers; all with the real App.
#include <gtest/gtest.h>
#include <spawn.h>
#include <sys/wait.h>

#include <csignal>
#include <cstdlib>

#include "engine/genesis.hpp"
#include "engine/hub.hpp"
#include "engine/solo.hpp"
#include "engine/testing/world.hpp"
#include "engine/time_text.hpp"
#include "net/run.hpp"

namespace sublet::engine {
namespace {

using testing::Folder;
using testing::HandClock;
using testing::poor;
using testing::rich;
using testing::send_tx;
using testing::small_genesis;

struct World {
    Folder folder;
    HandClock clock;
    std::unique_ptr<store::Store> store;
    std::unique_ptr<Core> core;

    Result<> open(CoreOptions options = {}) {
        core.reset();
        store.reset();
        TRY(opened, store::Store::open(folder.path() / "ledger"));
        store = std::move(opened);
        TRY(made, Core::open(*store, clock, small_genesis(rich()), options));
        core = std::move(made);
        return {};
    }
    BlockPtr make() {
        auto made = core->make_block();
        EXPECT_TRUE(made) << made.error().message;
        return made ? made->block : nullptr;
    }
};

TEST(Core, NoWorkNoBlock) {
    World world;
    ASSERT_TRUE(world.open());
    EXPECT_EQ(world.core->owed_in(), std::nullopt);
    EXPECT_EQ(world.core->submit(send_tx(rich(), poor().address, 5, 0)).check.log, "");
    EXPECT_EQ(world.core->owed_in(), 0U);
    const BlockPtr block = world.make();
    ASSERT_TRUE(block);
    EXPECT_EQ(block->transactions.at(0).code, 0U) << block->transactions.at(0).log;
    EXPECT_EQ(world.core->owed_in(), std::nullopt);
    world.clock.now += 20;
    EXPECT_EQ(world.core->submit(send_tx(rich(), poor().address, 5, 1)).check.code, Code::kOk);
    EXPECT_EQ(world.core->owed_in(), 30U);  // at most one block per 50 ms
}

TEST(Core, HeaderTimeNeverStandsStill) {
    World world;
    ASSERT_TRUE(world.open());
    const std::uint64_t first = world.make()->block.header.time.value();
    EXPECT_EQ(first, world.clock.now + 1);  // genesis has the same time
    world.clock.now -= 100'000;             // somebody set the clock back
    EXPECT_EQ(world.make()->block.header.time.value(), first + 1);
    world.clock.now += 500'000;
    EXPECT_EQ(world.make()->block.header.time.value(), world.clock.now);
}

TEST(Core, ReopensAtTheSameHeightAndHash) {
    World world;
    ASSERT_TRUE(world.open());
    for (std::uint64_t sequence = 0; sequence < 3; ++sequence) {
        EXPECT_EQ(world.core->submit(send_tx(rich(), poor().address, 5, sequence)).check.code, Code::kOk);
        world.clock.now += 1'000;
        ASSERT_TRUE(world.make());
    }
    const auto before = world.core->committed();
    ASSERT_TRUE(world.open());
    const auto after = world.core->committed();
    EXPECT_EQ(after->height, Height{3});
    EXPECT_EQ(after->app_hash, before->app_hash);
    EXPECT_EQ(after->time, before->time);
    const auto block = world.make();
    EXPECT_EQ(block->block.header.previous_hash, world.store->header(Height{3})->header.hash);
    EXPECT_EQ(block->block.header.app_hash, before->app_hash);
}

TEST(Core, RefusesAnotherGenesisAndAnEmptyFolderWithoutOne) {
    World world;
    ASSERT_TRUE(world.open());
    auto other = small_genesis(rich());
    other.params.grace_ms = 1;
    auto opened = Core::open(*world.store, world.clock, other, {});
    ASSERT_FALSE(opened);
    EXPECT_EQ(opened.error().code, Code::kConflict);
    EXPECT_TRUE(Core::open(*world.store, world.clock, std::nullopt, {}));
    const Folder empty;
    auto store = store::Store::open(empty.path() / "ledger");
    EXPECT_EQ(Core::open(**store, world.clock, std::nullopt, {}).error().code, Code::kUsage);
}

TEST(Core, QueuesInOrderAndDropsWhatTheNewStateRefuses) {
    World world;
    ASSERT_TRUE(world.open({.check_invariants = true}));
    const Bytes first = send_tx(rich(), poor().address, 5, 0);
    EXPECT_EQ(world.core->submit(first).check.code, Code::kOk);
    EXPECT_EQ(world.core->submit(first).check.code, Code::kOk);  // queued already
    EXPECT_EQ(world.core->submit(send_tx(rich(), poor().address, 5, 1)).check.code, Code::kOk);
    EXPECT_EQ(world.core->submit(send_tx(rich(), poor().address, 5, 7)).check.code, Code::kWrongSequence);
    EXPECT_EQ(world.core->submit("rubbish").check.code, Code::kUnknownField);
    EXPECT_EQ(world.core->submit(Bytes(100'000, 'x')).check.code, Code::kTooLarge);
    EXPECT_EQ(world.core->mempool_size().transactions, 2U);
    EXPECT_EQ(world.make()->transactions.size(), 2U);
    EXPECT_EQ(world.core->submit(first).check.code, Code::kWrongSequence);
    EXPECT_EQ(world.core->mempool_size().bytes, 0U);
}

// ───── the engine with its thread ─────

struct Running {
    net::Loop loop;
    Folder folder;
    std::unique_ptr<net::Clock> clock = net::system_clock();
    std::unique_ptr<Engine> engine;

    Running() {
        auto started = start_solo(loop, *clock,
                                  {.folder = folder.path() / "ledger", .genesis = small_genesis(rich()), .core = {}});
        EXPECT_TRUE(started) << started.error().message;
        engine = *std::move(started);
    }
    ~Running() {
        engine->stop();
        loop.restart();
        loop.poll();
    }
    Running(const Running&) = delete;
    Running& operator=(const Running&) = delete;

    Result<Included> include(Bytes transaction) {
        return net::run(loop, engine->submit_and_wait(std::move(transaction), 10'000));
    }
};

TEST(Solo, HasABlockFromTheStartAndWaitsForInclusion) {
    Running node;
    EXPECT_EQ(node.engine->committed()->height, Height{1});
    auto done = node.include(send_tx(rich(), poor().address, 7, 0));
    ASSERT_TRUE(done) << done.error().message;
    ASSERT_TRUE(done->included) << done->submitted.check.log;
    EXPECT_EQ(done->included->code, 0U);
    EXPECT_EQ(done->included->height, Height{2});
    EXPECT_EQ(node.engine->committed()->height, Height{2});
    EXPECT_EQ(node.engine->transaction(done->submitted.hash)->height, Height{2});
    EXPECT_EQ(node.engine->committed_at(Height{9}).error().code, Code::kNotFound);
    auto refused = node.include("rubbish");
    ASSERT_TRUE(refused);
    EXPECT_FALSE(refused->included);
    EXPECT_EQ(refused->submitted.check.code, Code::kUnknownField);
    EXPECT_EQ(node.engine->counters().checks_refused, 1U);
}

TEST(Solo, SubscribersSeeEveryBlockInOrder) {
    Running node;
    auto subscription = node.engine->subscribe();
    ASSERT_TRUE(subscription);
    for (std::uint64_t sequence = 0; sequence < 3; ++sequence) {
        ASSERT_TRUE(node.include(send_tx(rich(), poor().address, 7, sequence)));
    }
    for (std::uint64_t height = 2; height <= 4; ++height) {
        auto block = net::run(node.loop, (*subscription)->next());
        ASSERT_TRUE(block);
        EXPECT_EQ((*block)->height(), Height{height});
        EXPECT_EQ((*block)->transactions.size(), 1U);
    }
    node.engine->stop();
    auto ended = net::run(node.loop, (*subscription)->next());
    EXPECT_EQ(ended.error().code, Code::kCancelled);
    auto late = net::run(node.loop, node.engine->submit("x"));
    EXPECT_EQ(late.error().code, Code::kCancelled);
}

TEST(Hub, DropsWhoDoesNotKeepUpAndNobodyElse) {
    net::Loop loop;
    Hub hub{loop};
    auto slow = hub.subscribe();
    ASSERT_TRUE(slow);
    for (std::size_t i = 0; i < kMaxSubscriberBlocks; ++i) {
        hub.publish(std::make_shared<const store::FullBlock>());
    }
    auto quick = hub.subscribe();
    ASSERT_TRUE(quick);
    EXPECT_EQ(hub.dropped(), 0U);
    hub.publish(std::make_shared<const store::FullBlock>());
    EXPECT_EQ(hub.dropped(), 1U);
    EXPECT_TRUE(net::run(loop, (*quick)->next()));
    auto ended = net::run(loop, (*slow)->next());
    ASSERT_FALSE(ended);
    EXPECT_EQ(ended.error().code, Code::kRefused);
    EXPECT_NE(ended.error().message.find("behind"), std::string::npos);
}

TEST(Hub, HasRoomForOnlySoMany) {
    net::Loop loop;
    Hub hub{loop};
    std::vector<std::unique_ptr<Subscription>> all;
    for (std::size_t i = 0; i < kMaxSubscribers; ++i) {
        all.push_back(*hub.subscribe());
    }
    EXPECT_EQ(hub.subscribe().error().code, Code::kRefused);
    all.pop_back();
    EXPECT_TRUE(hub.subscribe());
}

// ───── kill -9 ─────

constexpr const char* kChildFolder = "SUBLET_ENGINE_TEST_FOLDER";

// The process that is killed: three transactions, one block each. Run by Solo.RecoversFromKillAtEachPoint alone.
TEST(CrashChild, DISABLED_Runs) {
    const char* const folder = std::getenv(kChildFolder);
    ASSERT_NE(folder, nullptr);
    net::Loop loop;
    const auto clock = net::system_clock();
    auto engine = start_solo(loop, *clock, {.folder = folder, .genesis = small_genesis(rich()), .core = {}});
    ASSERT_TRUE(engine) << engine.error().message;
    for (std::uint64_t sequence = 0; sequence < 3; ++sequence) {
        auto done = net::run(loop, (*engine)->submit_and_wait(send_tx(rich(), poor().address, 7, sequence), 10'000));
        ASSERT_TRUE(done && done->included);
    }
    (*engine)->stop();
}

int run_child(const std::filesystem::path& folder, const std::string& point) {
    const std::string filter = "--gtest_filter=CrashChild.DISABLED_Runs";
    const std::string all = "--gtest_also_run_disabled_tests";
    std::string program = "/proc/self/exe";
    std::vector<std::string> texts = {kChildFolder + ("=" + folder.string()), "SUBLET_CRASH_AT=" + point};
    std::vector<char*> variables = {texts[0].data(), texts[1].data(), nullptr};
    std::string arguments[] = {program, filter, all};
    char* argv[] = {arguments[0].data(), arguments[1].data(), arguments[2].data(), nullptr};
    pid_t child = 0;
    EXPECT_EQ(::posix_spawn(&child, program.c_str(), nullptr, nullptr, argv, variables.data()), 0);
    int status = 0;
    EXPECT_EQ(::waitpid(child, &status, 0), child);
    return status;
}

TEST(Solo, RecoversFromKillAtEachPoint) {
    struct Row {
        const char* point;
        std::uint64_t height;  // found afterwards
    };
    // Block 1 is made at the start, so the third passage of a point belongs to block 3.
    for (const Row& row : {Row{"before_finalize:1", 0},
                           {"before_commit:1", 0},
                           {"before_finalize:3", 2},
                           {"before_commit:3", 2},
                           {"after_commit:3", 3},
                           {"after_publish:2", 3}}) {
        World world;
        const int status = run_child(world.folder.path() / "ledger", row.point);
        ASSERT_TRUE(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL) << row.point;
        const Result<> opened = world.open();
        ASSERT_TRUE(opened) << row.point << ": " << opened.error().message;
        EXPECT_EQ(world.core->committed()->height, Height{row.height}) << row.point;
        if (row.height > 0) {
            const auto last = world.store->block(Height{row.height});
            ASSERT_TRUE(last) << row.point;
            EXPECT_EQ(last->block.app_hash_after, world.core->committed()->app_hash) << row.point;
        }
        EXPECT_EQ(world.store->header(Height{row.height + 1}).error().code, Code::kNotFound) << row.point;
        ASSERT_TRUE(world.make()) << row.point;  // and it goes on
    }
}

// ───── genesis and times as text ─────

TEST(Genesis, ReadsWhatItWrites) {
    auto genesis = small_genesis(rich());
    genesis.params.hold_window_ms = 1;
    auto back = genesis_from_json(genesis_to_json(genesis));
    ASSERT_TRUE(back) << back.error().message;
    EXPECT_EQ(genesis_hash(*back), genesis_hash(genesis));
    EXPECT_EQ(back->params.hold_window_ms, 1U);
}

TEST(Genesis, NamesWhatIsWrong) {
    struct Row {
        const char* text;
        const char* says;
    };
    for (const Row& row :
         {Row{"", "not a JSON object"},
          {"[]", "not a JSON object"},
          {R"({"time":"2026-01-01T00:00:00Z"})", "chain_id"},
          {R"({"chain_id":"a","time":"yesterday"})", "is not a time"},
          {R"({"chain_id":"a","time":"2026-01-01T00:00:00Z","extra":1})", "extra: there is no such field"},
          {R"({"chain_id":"a","time":"2026-01-01T00:00:00Z","params":{"grace":1}})", "params.grace"},
          {R"({"chain_id":"a","time":"2026-01-01T00:00:00Z","params":{"grace_ms":-1}})", "whole number"},
          {R"({"chain_id":"a","time":"2026-01-01T00:00:00Z","balances":[{"address":"x"}]})", "balances[0]"}}) {
        auto read = genesis_from_json(row.text);
        ASSERT_FALSE(read) << row.text;
        EXPECT_EQ(read.error().code, Code::kParse);
        EXPECT_NE(read.error().message.find(row.says), std::string::npos) << read.error().message;
    }
}

TEST(Times, AreRfc3339WithNanoseconds) {
    EXPECT_EQ(time_text(BlockTime{0}), "1970-01-01T00:00:00.000000000Z");
    EXPECT_EQ(time_text(BlockTime{1'767'323'045'678}), "2026-01-02T03:04:05.678000000Z");
    EXPECT_EQ(parse_time("2026-01-02T03:04:05.678Z")->value(), 1'767'323'045'678U);
    EXPECT_EQ(parse_time("2026-01-02T03:04:05Z")->value(), 1'767'323'045'000U);
    for (const char* wrong : {"", "2026-01-02", "2026-02-30T00:00:00Z", "2026-01-02T25:00:00Z", "2026-01-02T03:04:05",
                              "2026-01-02T03:04:05+01:00", "2026-01-02T03:04:05.Z", "1969-12-31T23:59:59Z"}) {
        EXPECT_FALSE(parse_time(wrong)) << wrong;
    }
}

}  // namespace
}  // namespace sublet::engine
