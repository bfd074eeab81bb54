// failed_write_test.cpp: after a write that failed nothing more is written until a restart; what was committed stays.
#include <gtest/gtest.h>
#include <unistd.h>

#include "base/test_no_room.hpp"
#include "store/store.hpp"

namespace sublet::store {
namespace {

namespace fs = std::filesystem;

FullBlock block_at(std::uint64_t height) {
    FullBlock out;
    out.block.header = {.chain_id = "test-1", .height = Height{height}, .time = BlockTime{height}};
    return out;
}

Commit commit_of(const FullBlock& block) {
    return {.height = block.height(),
            .time = block.block.header.time,
            .app_hash = {},
            .changes = {{"a", std::to_string(block.height().value())}},
            .block = &block};
}

class FailedWrite : public testing::Test {
protected:
    void SetUp() override {
        std::string pattern = (fs::temp_directory_path() / "sublet-failed-write-XXXXXX").string();
        root_ = ::mkdtemp(pattern.data());
        auto store = Store::open(root_ / "ledger");
        ASSERT_TRUE(store) << store.error().message;
        store_ = std::move(*store);
        ASSERT_TRUE(store_->begin("test-1", "{}", {.changes = {{"a", "0"}}}));
        const FullBlock first = block_at(1);
        ASSERT_TRUE(store_->commit(commit_of(first)));
    }
    void TearDown() override {
        store_.reset();
        fs::remove_all(root_);
    }

    fs::path root_;
    std::unique_ptr<Store> store_;
};

TEST_F(FailedWrite, NothingIsWrittenBehindIt) {
    const FullBlock second = block_at(2);
    {
        const NoRoom full;
        const Result<> refused = store_->commit(commit_of(second));
        ASSERT_FALSE(refused);
        EXPECT_EQ(refused.error().code, Code::kIo) << refused.error().message;
    }
    // There is room again, but whether height 2 is on the disk only a restart can tell.
    const Result<> later = store_->commit(commit_of(second));
    ASSERT_FALSE(later);
    EXPECT_NE(later.error().message.find("start again"), std::string::npos) << later.error().message;
    store_.reset();
    auto again = Store::open(root_ / "ledger");
    ASSERT_TRUE(again) << again.error().message;
    auto state = (*again)->load();
    ASSERT_TRUE(state && *state);
    EXPECT_EQ((*state)->height, Height{1});
    EXPECT_EQ((*state)->state.get("a"), "1");
    EXPECT_TRUE((*again)->commit(commit_of(second)));
}

TEST_F(FailedWrite, ABlockOfAnotherHeightIsAMistakeOfOurs) {
    const FullBlock third = block_at(3);
    Commit commit = commit_of(third);
    commit.height = Height{2};
    const Result<> refused = store_->commit(commit);
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code, Code::kInternal);
    commit.block = nullptr;
    EXPECT_FALSE(store_->commit(commit));
}

}  // namespace
}  // namespace sublet::store
