// verify_folders_test.cpp: which pictures meet, what is said of those that have no partner, and what is drawn.
#include "cli/verify_folders.hpp"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "jobs/frame.hpp"
#include "jobs/png.hpp"
#include "jobs/test_folder.hpp"

namespace sublet::cli {
namespace {

namespace fs = std::filesystem;

void picture(const fs::path& file, std::uint8_t value) {
    fs::create_directories(file.parent_path());
    ASSERT_TRUE(jobs::write_png(file, {40, 20}, std::vector<std::uint8_t>(40 * 20 * 3, value)));
}

class VerifyFolders : public testing::Test {
protected:
    void SetUp() override {
        picture(at("a/0001.png"), 10);
        picture(at("a/sub/0002.png"), 10);
        picture(at("b/0001.png"), 10);
        picture(at("b/sub/0002.png"), 90);
        jobs::put(at("a/notes.txt"), "no picture");
    }
    [[nodiscard]] fs::path at(const char* name) const { return folder_.at(name); }
    jobs::TestFolder folder_;
};

TEST_F(VerifyFolders, PairsByName) {
    picture(at("a/extra.png"), 1);
    picture(at("b/missing.png"), 1);
    const auto found = verify_folders(at("a"), at("b"));
    ASSERT_TRUE(found) << found.error().message;
    ASSERT_EQ(found->size(), 4U);
    struct Row {
        const char* name;
        jobs::Verdict verdict;
    };
    const std::array rows{Row{"0001.png", jobs::Verdict::kPass}, Row{"extra.png", jobs::Verdict::kInconclusive},
                          Row{"missing.png", jobs::Verdict::kFail}, Row{"sub/0002.png", jobs::Verdict::kFail}};
    for (std::size_t i = 0; i < rows.size(); ++i) {
        EXPECT_EQ((*found)[i].name, rows.at(i).name);
        EXPECT_EQ((*found)[i].found.verdict, rows.at(i).verdict) << rows.at(i).name;
    }
    EXPECT_FALSE(all_pass(*found));
    const std::string text = verified_table(*found);
    EXPECT_NE(text.find("1 of 4 pictures are the same, as compare/1 sees it"), std::string::npos) << text;
    EXPECT_EQ(text.find("0001.png"), std::string::npos) << text;
    const nlohmann::json json = nlohmann::json::parse(verified_json(*found));
    EXPECT_EQ(json["same"], false);
    EXPECT_EQ(json["pictures"][3]["failed"], 2);
    EXPECT_EQ(json["pictures"][3]["not_passed"][1]["x"], 32);
}

TEST_F(VerifyFolders, TheSameAndFilesAlone) {
    const auto same = verify_folders(at("a"), at("a"));
    ASSERT_TRUE(same);
    EXPECT_TRUE(all_pass(*same));
    const auto file = verify_folders(at("a/0001.png"), at("b/sub/0002.png"));
    ASSERT_TRUE(file);
    EXPECT_FALSE(all_pass(*file));
    ASSERT_TRUE(draw_differences(*file, at("a/0001.png"), at("b/sub/0002.png"), at("one.png")));
    EXPECT_EQ(jobs::picture_size(at("one.png")), (jobs::PictureSize{128, 20}));
}

TEST_F(VerifyFolders, WhatCannotBeCompared) {
    fs::create_directories(at("empty"));
    for (const auto& [a, b] : {std::pair{"none", "b"}, {"a", "none"}, {"a", "b/0001.png"}, {"a", "empty"}}) {
        EXPECT_EQ(verify_folders(at(a), at(b)).error().code, Code::kUsage) << a << " " << b;
    }
}

TEST_F(VerifyFolders, DrawsOnePageThatNeedsNothingElse) {
    const auto found = verify_folders(at("a"), at("b"));
    ASSERT_TRUE(draw_differences(*found, at("a"), at("b"), at("out.html")));
    const std::string page = jobs::get(at("out.html"));
    EXPECT_NE(page.find("sub/0002.png: fail"), std::string::npos);
    EXPECT_NE(page.find("src=\"data:image/png;base64,iVBOR"), std::string::npos);
    EXPECT_EQ(page.find("0001.png"), std::string::npos);
    EXPECT_EQ(draw_differences(*found, at("a"), at("b"), at("out.gif")).error().code, Code::kUsage);
    EXPECT_EQ(draw_differences(*found, at("a"), at("b"), at("none/out.html")).error().code, Code::kIo);
    EXPECT_EQ(folder_.names(), (std::set<std::string>{"a", "b", "out.html"}));
}

}  // namespace
}  // namespace sublet::cli
