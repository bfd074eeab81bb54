// begin_from_test.cpp: a folder that begins with a whole state: what is there, what is not, and a crash halfway.
#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <memory>

#include "base/test_no_room.hpp"
#include "store/store.hpp"

namespace sublet::store {
namespace {

namespace fs = std::filesystem;

constexpr Height kBase{40};

ledger::Tree large_state() {
    ledger::Tree out;
    for (std::uint64_t i = 0; i < 300; ++i) {  // several batches
        Bytes key;
        append_be64(key, i);
        out.put(key, Bytes(50'000, static_cast<char>('a' + i % 26)));
    }
    return out;
}

Start start_with(ledger::Tree state) {
    return {.height = kBase, .time = BlockTime{7}, .app_hash = state.root_hash(), .state = std::move(state)};
}

FullBlock next_block() {
    FullBlock out;
    out.block.header = {.chain_id = "test-1", .height = Height{kBase.value() + 1}, .time = BlockTime{9}};
    return out;
}

class BeginFrom : public testing::Test {
protected:
    void SetUp() override {
        std::string pattern = (fs::temp_directory_path() / "sublet-begin-from-XXXXXX").string();
        root_ = ::mkdtemp(pattern.data());
    }
    void TearDown() override { fs::remove_all(root_); }
    [[nodiscard]] std::unique_ptr<Store> open() const {
        auto out = Store::open(root_ / "ledger");
        EXPECT_TRUE(out) << out.error().message;
        return std::move(*out);
    }

    fs::path root_;
};

TEST_F(BeginFrom, OpensAtItsHeightAndGoesOn) {
    const ledger::Tree state = large_state();
    {
        const auto store = open();
        EXPECT_EQ(store->base(), Height{0});
        ASSERT_TRUE(store->begin_from("test-1", "the genesis", start_with(state)));
        EXPECT_EQ(store->base(), kBase);
    }
    {
        const auto store = open();
        EXPECT_EQ(store->base(), kBase);
        const auto loaded = store->load();
        ASSERT_TRUE(loaded && *loaded) << loaded.error().message;
        EXPECT_EQ((*loaded)->height, kBase);
        EXPECT_EQ((*loaded)->time, BlockTime{7});
        EXPECT_EQ((*loaded)->app_hash, state.root_hash());
        EXPECT_EQ((*loaded)->genesis, "the genesis");
        EXPECT_TRUE((*loaded)->state.same_content(state));
        EXPECT_EQ(store->header(kBase).error().code, Code::kHeightPruned);
        EXPECT_EQ(store->block(Height{1}).error().code, Code::kHeightPruned);
        EXPECT_EQ(store->header(Height{kBase.value() + 1}).error().code, Code::kNotFound);
        const FullBlock next = next_block();
        // Another state may take its place until there is a block, and is all that is there then.
        ledger::Tree other;
        other.put("k", "v");
        ASSERT_TRUE(store->begin_from("test-1", "", start_with(other)));
        EXPECT_EQ((*store->load())->state.size(), 1U);
        ASSERT_TRUE(store->begin_from("test-1", "the genesis", start_with(state)));
        ASSERT_TRUE(store->commit({.height = next.height(), .time = BlockTime{9}, .changes = {}, .block = &next}));
    }
    const auto store = open();
    const auto loaded = store->load();
    ASSERT_TRUE(loaded && *loaded) << loaded.error().message;
    EXPECT_EQ((*loaded)->height, next_block().height());
    EXPECT_TRUE(store->header(next_block().height()));
    EXPECT_EQ(store->header(kBase).error().code, Code::kHeightPruned);
    EXPECT_EQ(store->begin_from("test-1", "", start_with(state)).error().code, Code::kConflict);
}

// Held from a plain function until the test lets go.
std::unique_ptr<NoRoom>& no_room() {
    static std::unique_ptr<NoRoom> held;
    return held;
}

TEST_F(BeginFrom, WhatEndsHalfwayLeavesNothingThatCounts) {
    {
        const auto store = open();
        Start start = start_with(large_state());
        start.half_written = [] { no_room() = std::make_unique<NoRoom>(); };  // all keys, and then no word of them
        EXPECT_FALSE(store->begin_from("test-1", "", start));
        no_room().reset();
        EXPECT_FALSE(store->begin_from("test-1", "", start));  // not before a restart
    }
    const auto store = open();
    const auto loaded = store->load();
    ASSERT_TRUE(loaded);
    EXPECT_FALSE(*loaded);  // no chain has begun
    EXPECT_EQ(store->base(), Height{0});
    // Another state, by either way, has none of the keys of the first one.
    ledger::Tree small;
    small.put("k", "v");
    ASSERT_TRUE(store->begin_from("test-1", "", start_with(small)));
    const auto again = store->load();
    ASSERT_TRUE(again && *again);
    EXPECT_EQ((*again)->state.size(), 1U);
}

}  // namespace
}  // namespace sublet::store
