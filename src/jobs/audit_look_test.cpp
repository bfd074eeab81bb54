// audit_look_test.cpp: which crops are asked for, and what is said of what Blender left.
#include "jobs/audit_look.hpp"

#include <gtest/gtest.h>

#include "jobs/test_pictures.hpp"

namespace sublet::jobs {
namespace {

TEST(AuditLookPlan, FirstMiddleAndLastOrOnePart) {
    const auto words = [](const AuditLookPlan& plan) {
        std::vector<std::int64_t> out;
        for (const LookedTask& each : plan.tasks) {
            out.push_back(each.word);
        }
        return out;
    };
    using Words = std::vector<std::int64_t>;
    EXPECT_EQ(words(audit_look_plan({64, 36}, std::nullopt, 10, 2, 24)), (Words{10, 34, 56}));
    EXPECT_EQ(words(audit_look_plan({64, 36}, std::nullopt, 7, 1, 1)), (Words{7}));
    EXPECT_EQ(words(audit_look_plan({64, 36}, std::nullopt, 7, 1, 2)), (Words{7, 8}));
    const AuditLookPlan tiles = audit_look_plan({64, 36}, Still{SplitBy::kTiles, 5, 4, 3, 0}, 0, 1, 12);
    EXPECT_EQ(words(tiles), (Words{0}));
    EXPECT_EQ(tiles.tasks[0].frame, 5);
    EXPECT_EQ(tiles.size, (PictureSize{16, 12}));
    EXPECT_EQ(audit_look_plan({64, 36}, Still{}, 0, 1, 8).size, (PictureSize{64, 36}));
}

TEST(AuditLookPlan, CropsLieWithinAndTheFirstInTheRegion) {
    for (const PictureSize size : {PictureSize{1'920, 1'080}, {100, 40}, {20, 9}}) {
        for (std::size_t turn = 0; turn < 30; ++turn) {
            const std::vector<Crop> crops = looked_crops({size, {}}, turn);
            for (const Crop& each : crops) {
                EXPECT_LE(each.x + each.width, size.width);
                EXPECT_LE(each.y + each.height, size.height);
            }
            const Crop& inner = crops.front();
            const Crop& region = crops.back();
            EXPECT_GE(inner.x, region.x);
            EXPECT_GE(inner.y, region.y);
            EXPECT_LE(inner.x + inner.width, region.x + region.width);
            EXPECT_LE(inner.y + inner.height, region.y + region.height);
        }
    }
    const std::vector<LookFile> turns = look_turns({{64, 36}, {{3, 3}, {9, 9}}});
    ASSERT_EQ(turns.size(), 5U);
    EXPECT_EQ(turns[3].name, "2");
    EXPECT_EQ(turns[3].content, "1 9 crops\n");
    EXPECT_EQ(turns[4].content, "end\n");
}

unsigned shade(std::uint32_t x, std::uint32_t y) { return (x * 7919 + y * 104'729) % 251; }

class AuditLookOf : public testing::Test {
protected:
    void SetUp() override {
        leave("native", 0, 0);
        leave("pinned", 0, 0);
        for (const int more : {0, 1}) {
            make_exr(folder_.at("native/noise/0-" + std::to_string(more) + ".exr"), {32, 18},
                     [&](int x, int y, std::size_t) {
                         return 0.2F + (x < 16 ? static_cast<float>((x * 31 + y * 17 + more * 57) % 11) / 20 : 0.0F);
                     });
        }
    }
    // What a turn leaves: `more` is added to every pixel of crops, `beside` to those of the region.
    void leave(const std::string& name, unsigned more, unsigned beside) {
        fs::create_directories(folder_.at(name + "/0"));
        fs::create_directories(folder_.at(name + "/noise"));
        const std::vector<Crop> crops = looked_crops(plan_, 0);
        for (std::size_t i = 0; i < crops.size(); ++i) {
            const Crop& crop = crops[i];
            make_png(folder_.at(name + "/0/crop-" + std::to_string(i) + ".png"), {crop.width, crop.height},
                     [&](std::uint32_t x, std::uint32_t y, std::size_t) {
                         return shade(x + crop.x, y + crop.y) + more + (i + 1 == crops.size() ? beside : 0);
                     });
        }
        put(folder_.at(name + "/0.done"), "0");
    }
    [[nodiscard]] AuditLook look() const { return look_at_crops(plan_, folder_.at("native"), folder_.at("pinned")); }
    [[nodiscard]] std::string rules() const {
        std::string out;
        for (const PreflightFinding& each : look().findings) {
            out += std::string{to_name(each.severity)} + " " + each.rule + ";";
        }
        return out;
    }
    TestFolder folder_;
    AuditLookPlan plan_{{200, 120}, {{1, 1}}};
};

TEST_F(AuditLookOf, AGoodSceneHasAMapAndNoFindings) {
    const AuditLook found = look();
    EXPECT_EQ(rules(), "");
    EXPECT_FALSE(found.unstable);
    ASSERT_TRUE(found.map);
    EXPECT_GT(found.map->weights[0], found.map->weights[15]);
}

TEST_F(AuditLookOf, KernelsThatDisagreeAreUnstable) {
    leave("pinned", 4, 0);
    EXPECT_TRUE(look().unstable);
    EXPECT_EQ(rules(), "warning unstable;");
}

TEST_F(AuditLookOf, CropsThatAreNotWhatALargerPictureHasStopTheJob) {
    leave("native", 0, 4);
    leave("pinned", 0, 4);
    EXPECT_FALSE(look().unstable);
    EXPECT_EQ(rules(), "error audit;");
}

TEST_F(AuditLookOf, WhatIsMissingIsSaid) {
    put(folder_.at("pinned/0.done"), "1");
    put(folder_.at("pinned/0.log"), "RuntimeError: stereo views");
    const AuditLook found = look();
    ASSERT_FALSE(found.findings.empty());
    EXPECT_NE(found.findings[0].what.find("stereo views"), std::string::npos);
    EXPECT_EQ(found.findings[0].severity, Severity::kError);
    leave("pinned", 0, 0);
    fs::remove(folder_.at("native/noise/0-1.exr"));
    EXPECT_EQ(rules(), "note noise;");
    EXPECT_FALSE(look().map);
}

}  // namespace
}  // namespace sublet::jobs
