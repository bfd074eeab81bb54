// place_result_test.cpp: results that clash, results of a later attempt, results placed twice.
#include "cli/place_result.hpp"

#include <gtest/gtest.h>

#include <fstream>

#include "cli/saved_job.hpp"
#include "jobs/archive.hpp"
#include "jobs/test_folder.hpp"

namespace sublet::cli {
namespace {

namespace fs = std::filesystem;
using Replaces = Placing::Replaces;

class PlaceResult : public testing::Test {
protected:
    void SetUp() override { fs::create_directory(folder_.at("out")); }
    // A result with these files, placed.
    Result<Placed> place(std::uint32_t task, const std::map<std::string, std::string>& files,
                         Replaces replaces = Replaces::kNothing) {
        fs::remove_all(folder_.at("made"));
        for (const auto& [name, text] : files) {
            fs::create_directories((folder_.at("made") / name).parent_path());
            std::ofstream{folder_.at("made") / name} << text;
        }
        EXPECT_TRUE(jobs::pack(folder_.at("made"), folder_.at("result.tar"), {.max_bytes = 1'000}));
        return place_result(folder_.at("result.tar"),
                            {.out = folder_.at("out"), .task = task, .max_bytes = 1'000, .replaces = replaces});
    }
    [[nodiscard]] std::string text(const char* name) const {
        std::ifstream in{folder_.at("out") / name};
        return {std::istreambuf_iterator<char>{in}, {}};
    }
    jobs::TestFolder folder_;
};

TEST_F(PlaceResult, ClashingNamesGoApart) {
    EXPECT_FALSE(place(0, {{"a.txt", "one"}, {"sub/b.txt", "two"}})->apart);
    const Result<Placed> second = place(1, {{"a.txt", "other"}, {"c.txt", "three"}});
    ASSERT_TRUE(second);
    EXPECT_TRUE(second->apart);
    EXPECT_EQ(second->files, (std::vector<fs::path>{"task-1/a.txt", "task-1/c.txt"}));
    EXPECT_EQ(text("a.txt"), "one");
    EXPECT_EQ(text("task-1/a.txt"), "other");
    EXPECT_FALSE(place(0, {{"a.txt", "one"}})->apart) << "the same bytes were placed before a crash";
}

TEST_F(PlaceResult, ALaterAttemptReplacesTheEarlierOne) {
    ASSERT_TRUE(place(0, {{"a.txt", "one"}}));
    ASSERT_TRUE(place(1, {{"a.txt", "other"}}));
    EXPECT_FALSE(place(0, {{"a.txt", "one again"}}, Replaces::kInPlace)->apart);
    EXPECT_EQ(text("a.txt"), "one again");
    EXPECT_TRUE(place(1, {{"a.txt", "other again"}}, Replaces::kApart)->apart);
    EXPECT_EQ(text("task-1/a.txt"), "other again");
    EXPECT_EQ(text("a.txt"), "one again");
}

TEST_F(PlaceResult, AFolderOfItsOwnIsEmptiedBefore) {
    ASSERT_TRUE(place(0, {{"old.txt", "one"}}));
    ASSERT_TRUE(place(0, {{"new.txt", "two"}}, Replaces::kFolder));
    EXPECT_FALSE(fs::exists(folder_.at("out") / "old.txt"));
    EXPECT_EQ(text("new.txt"), "two");
}

TEST_F(PlaceResult, WhatIsNotAsAskedIsNotPlaced) {
    ASSERT_TRUE(place(0, {{"a.txt", "one"}}));
    std::vector<fs::path> seen;
    const Result<Placed> refused = place_result(
        folder_.at("result.tar"), {.out = folder_.at("out"),
                                   .task = 1,
                                   .max_bytes = 1'000,
                                   .check = [&](const fs::path& unpacked, const std::vector<fs::path>& files) {
                                       EXPECT_TRUE(fs::exists(unpacked / "a.txt"));
                                       seen = files;
                                       return Result<>{fail(Code::kBadField, "no picture")};
                                   }});
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().message, "no picture");
    EXPECT_EQ(seen, (std::vector<fs::path>{"a.txt"}));
    EXPECT_EQ(text("a.txt"), "one");
    EXPECT_FALSE(fs::exists(folder_.at("out") / "task-1"));
    EXPECT_FALSE(fs::exists(folder_.at("result.tar.d")));
}

TEST_F(PlaceResult, WhatIsHereIsKnownByItsAttempt) {
    SavedJob job;
    job.folder = folder_.at("out");
    EXPECT_TRUE(fetched_tasks(job)->empty());
    ASSERT_TRUE(note_fetched(job, 7, {1, false}));
    ASSERT_TRUE(note_fetched(job, 8, {3, true}));
    ASSERT_TRUE(note_fetched(job, 7, {2, false}));
    const Result<FetchedTasks> fetched = fetched_tasks(job);
    ASSERT_TRUE(fetched);
    EXPECT_EQ(fetched->size(), 2U);
    EXPECT_EQ(fetched->at(7).attempt, 2U);
    EXPECT_TRUE(fetched->at(8).apart);
    std::ofstream{job.folder / "fetched", std::ios::app} << "9 1";  // a crash in the middle of a line
    EXPECT_EQ(fetched_tasks(job)->size(), 2U);
}

}  // namespace
}  // namespace sublet::cli
