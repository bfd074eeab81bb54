// compare_test.cpp: where compare/1 draws its lines, and what is wrong with files on either side.
#include "jobs/compare.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "jobs/test_pictures.hpp"

namespace sublet::jobs {
namespace {

constexpr std::uint32_t kSide = 32;
constexpr float kNaN = std::numeric_limits<float>::quiet_NaN();
constexpr float kInfinity = std::numeric_limits<float>::infinity();

// A checkered tile, so that it counts as noisy, with `differ` pixels changed by `by`.
Pixels tile(std::uint32_t largest, std::uint32_t differ, float by, std::uint32_t side = kSide) {
    Pixels out{side, side, {"R", "G", "B"}, largest, {}};
    for (std::uint32_t at = 0; at < side * side; ++at) {
        const float value = largest == 0 ? 0.5F : static_cast<float>(largest) / 2;
        const float base = at % 2 == 0 ? value : value * 1.5F;
        for (int channel = 0; channel < 3; ++channel) {
            out.values.push_back(base + (at < differ && channel == 1 ? by : 0.0F));
        }
    }
    return out;
}

TEST(CompareTile, DrawsItsLines) {
    struct Row {
        const char* what;
        Pixels theirs;
        Verdict verdict;
        std::uint32_t differ;
    };
    const std::vector<Row> rows{
        {"the same", tile(255, 0, 0), Verdict::kPass, 0},
        {"5 % by 1 of 255", tile(255, 51, 1), Verdict::kPass, 0},
        {"more than 5 % by 1 of 255", tile(255, 52, 1), Verdict::kFail, 0},
        {"5 % by 2 of 255", tile(255, 51, 2), Verdict::kPass, 0},
        {"1 % by 3 of 255", tile(255, 10, 3), Verdict::kPass, 10},
        {"more than 1 % by 3", tile(255, 11, 3), Verdict::kFail, 11},
        {"more than 1 % by -3", tile(255, 11, -3), Verdict::kFail, 11},
        {"16 bits, all by 51 of 65535", tile(65'535, 1'024, 51), Verdict::kPass, 0},
        {"16 bits, more than 5 % by 52", tile(65'535, 52, 52), Verdict::kFail, 0},
        {"16 bits, 5 % by 514", tile(65'535, 51, 514), Verdict::kPass, 0},
        {"16 bits, more than 1 % by 515", tile(65'535, 11, 515), Verdict::kFail, 11},
        {"floats, all by a little less than 0.2 %", tile(0, 1'024, 0.00101F), Verdict::kPass, 0},
        {"floats, more than 5 % by a little more", tile(0, 52, 0.00153F), Verdict::kFail, 0},
        {"floats, by a little less than 2 %", tile(0, 51, 0.0101F), Verdict::kPass, 0},
        {"floats, by a little more", tile(0, 11, 0.0153F), Verdict::kFail, 11},
    };
    for (const Row& row : rows) {
        const TileResult result = compare_tile(row.theirs, tile(row.theirs.largest, 0, 0));
        EXPECT_EQ(result.verdict, row.verdict) << row.what;
        EXPECT_EQ(result.differ, row.differ) << row.what;
        EXPECT_EQ(result.why.empty(), row.verdict == Verdict::kPass) << row.what;
        EXPECT_FALSE(result.quiet) << row.what;
    }
}

TEST(CompareTile, OfFewPixelsFourMayDiffer) {
    EXPECT_EQ(compare_tile(tile(255, 4, 9, 8), tile(255, 0, 0, 8)).verdict, Verdict::kPass);
    EXPECT_EQ(compare_tile(tile(255, 5, 9, 8), tile(255, 0, 0, 8)).verdict, Verdict::kFail);
}

TEST(CompareTile, WithoutNoiseIsToldButWrongAllTheSame) {
    Pixels flat = tile(255, 0, 0);
    std::ranges::fill(flat.values, 100.0F);
    EXPECT_TRUE(compare_tile(flat, flat).quiet);
    Pixels ramp = flat;
    for (std::size_t at = 0; at < ramp.values.size(); ++at) {
        ramp.values[at] = static_cast<float>(at / 3 % kSide * 4);  // steep, but straight
    }
    EXPECT_TRUE(compare_tile(ramp, ramp).quiet);
    Pixels black = flat;
    std::ranges::fill(black.values, 0.0F);
    EXPECT_EQ(compare_tile(black, flat).verdict, Verdict::kFail);
}

TEST(CompareTile, WhatIsNoNumber) {
    for (const float bad : {kNaN, kInfinity, -kInfinity}) {
        Pixels broken = tile(0, 0, 0);
        broken.values[300] = bad;
        EXPECT_EQ(compare_tile(broken, tile(0, 0, 0)).verdict, Verdict::kFail);
        EXPECT_EQ(compare_tile(broken, broken).verdict, Verdict::kPass) << "the scene's own";
        EXPECT_EQ(compare_tile(tile(0, 0, 0), broken).verdict, Verdict::kInconclusive) << "the auditor's";
        Pixels worse = tile(0, 11, 9);
        EXPECT_EQ(compare_tile(worse, broken).verdict, Verdict::kFail) << "does not hide what differs";
    }
}

TEST(CompareTile, ColorsThatNothingCoversMeanNothing) {
    const auto with_alpha = [](float color, float alpha) {
        Pixels out{kSide, kSide, {"R", "G", "B", "A"}, 255, {}};
        for (std::uint32_t at = 0; at < kSide * kSide; ++at) {
            out.values.insert(out.values.end(), {color, color, color, alpha});
        }
        return out;
    };
    EXPECT_EQ(compare_tile(with_alpha(200, 0), with_alpha(0, 0)).verdict, Verdict::kPass);
    EXPECT_EQ(compare_tile(with_alpha(200, 2), with_alpha(180, 2)).verdict, Verdict::kPass);
    EXPECT_EQ(compare_tile(with_alpha(200, 255), with_alpha(190, 255)).verdict, Verdict::kFail);
    EXPECT_EQ(compare_tile(with_alpha(200, 255), with_alpha(200, 250)).verdict, Verdict::kFail);
}

unsigned noise(std::uint32_t x, std::uint32_t y, std::size_t channel) {
    return static_cast<unsigned>((x * 7919 + y * 104'729 + channel * 31) % 251);
}

class Compare : public testing::Test {
protected:
    [[nodiscard]] fs::path at(const char* name) const { return folder_.at(name); }
    // A frame of 96 x 64 and what an honest auditor renders of it.
    void SetUp() override {
        make_png(at("frame.png"), {96, 64}, noise);
        for (std::size_t i = 0; i < crops_.size(); ++i) {
            const Crop& crop = crops_[i];
            own_.push_back(make_png(folder_.at("crop-" + std::to_string(i)), {crop.width, crop.height},
                                    [&](std::uint32_t x, std::uint32_t y, std::size_t channel) {
                                        return noise(x + crop.x, y + crop.y, channel);
                                    }));
        }
    }
    [[nodiscard]] Comparison of(const fs::path& theirs) const { return compare_crops(theirs, {96, 64}, crops_, own_); }

    TestFolder folder_;
    std::vector<Crop> crops_{{60, 30, 32, 32}, {0, 0, 32, 32}, {10, 20, 16, 8}};
    std::vector<fs::path> own_;
};

TEST_F(Compare, AnHonestFramePasses) {
    const Comparison found = of(at("frame.png"));
    EXPECT_EQ(found.verdict, Verdict::kPass) << found.says;
    EXPECT_EQ(found.noisy, 3U);
    EXPECT_EQ(found.tiles[0].where, crops_[0]);
    EXPECT_EQ(found.says,
              "all 3 tiles are right, 3 of them with noise; of the worst 0.0 % of the pixels differ, 0.0 % slightly");
}

TEST_F(Compare, OneWrongCropIsEnoughAndOneOutsideNeverSeen) {
    const auto with_hole = [&](std::uint32_t left, std::uint32_t top) {
        return make_png(at("theirs.png"), {96, 64}, [&](std::uint32_t x, std::uint32_t y, std::size_t channel) {
            return x >= left && x < left + 6 && y >= top && y < top + 6 ? 0 : noise(x, y, channel);
        });
    };
    const Comparison found = of(with_hole(70, 40));
    EXPECT_EQ(found.verdict, Verdict::kFail);
    EXPECT_EQ(found.says, "1 of 3 tiles are wrong; the worst, at 60, 30: 3.6 % of its pixels differ, 1 % may");
    EXPECT_EQ(of(with_hole(40, 4)).verdict, Verdict::kPass);
}

TEST_F(Compare, WhatIsWrongWithTheWorkersFileIsHeldAgainstIt) {
    put(at("empty.png"), "");
    put(at("text.png"), std::string(500, 'x'));
    put(at("cut.png"), get(at("frame.png")).substr(0, fs::file_size(at("frame.png")) / 2));
    std::string bent = get(at("frame.png"));
    bent[bent.size() / 2] ^= 1;
    put(at("bent.png"), bent);
    make_png(at("small.png"), {95, 64}, noise);
    make_png(at("alpha.png"), {96, 64, PNG_COLOR_TYPE_RGB_ALPHA}, noise);
    make_png(at("deep.png"), {96, 64, PNG_COLOR_TYPE_RGB, 16}, noise);
    make_png(at("interlaced.png"), {96, 64, PNG_COLOR_TYPE_RGB, 8, PNG_INTERLACE_ADAM7}, noise);
    make_png(at("palette.png"), {96, 64, PNG_COLOR_TYPE_PALETTE}, [](auto...) { return 0U; });
    make_exr(at("floats.exr"), {96, 64}, [](auto...) { return 1.0F; });
    fs::create_symlink(at("frame.png"), at("link.png"));
    struct Row {
        const char* file;
        const char* says;
    };
    for (const Row& row :
         {Row{"none.png", "there is no file"}, Row{"empty.png", "is no picture"},
          Row{"text.png", "no PNG, JPEG or OpenEXR"}, Row{"cut.png", "was cut off"}, Row{"bent.png", "is a broken PNG"},
          Row{"small.png", "95 x 64 pixels, the task renders 96"}, Row{"alpha.png", "other channels"},
          Row{"deep.png", "other channels"}, Row{"interlaced.png", "interlaced"}, Row{"palette.png", "palette"},
          Row{"floats.exr", "it is an OpenEXR"}, Row{"link.png", "there is no file"}}) {
        const Comparison found = of(at(row.file));
        EXPECT_EQ(found.verdict, Verdict::kFail) << row.file;
        EXPECT_NE(found.says.find(row.says), std::string::npos) << row.file << ": " << found.says;
    }
}

TEST_F(Compare, WhatIsWrongWithTheAuditorsSaysNothing) {
    const auto says = [&](const std::vector<fs::path>& own) {
        const Comparison found = compare_crops(at("frame.png"), {96, 64}, crops_, own);
        EXPECT_EQ(found.verdict, Verdict::kInconclusive) << found.says;
        return found.says;
    };
    EXPECT_NE(says({own_[0], own_[1]}).find("did not render"), std::string::npos);
    EXPECT_NE(says({own_[0], own_[1], at("none")}).find("there is no file"), std::string::npos);
    EXPECT_NE(says({own_[0], own_[1], own_[0]}).find("it has 32 x 32 pixels"), std::string::npos);
    put(at("cut"), get(own_[0]).substr(0, fs::file_size(own_[0]) / 2));
    EXPECT_NE(says({at("cut"), own_[1], own_[2]}).find("was cut off"), std::string::npos);
    EXPECT_EQ(compare_crops(at("frame.png"), {96, 64}, {{80, 0, 32, 32}}, {own_[0]}).verdict, Verdict::kInconclusive);
    // but a wrong tile is wrong whatever became of the others
    make_png(at("black.png"), {96, 64}, [](auto...) { return 0U; });
    EXPECT_EQ(compare_crops(at("black.png"), {96, 64}, crops_, {at("none"), own_[1], own_[2]}).verdict, Verdict::kFail);
}

TEST_F(Compare, PixelsAroundACropAreLeftOut) {
    const auto around = [&](const Crop& crop, std::uint32_t left, std::uint32_t top, std::uint32_t right,
                            std::uint32_t bottom) {
        return make_png(at("around"), {left + crop.width + right, top + crop.height + bottom},
                        [=](std::uint32_t x, std::uint32_t y, std::size_t channel) {
                            const bool inside = x >= left && y >= top && x < left + crop.width && y < top + crop.height;
                            return inside ? noise(x - left + crop.x, y - top + crop.y, channel) : 0U;
                        });
    };
    const Crop corner{64, 2, 32, 32};  // the right edge, near the top
    const Comparison found = compare_crops(at("frame.png"), {96, 64}, {corner}, {around(corner, 16, 2, 0, 16)});
    EXPECT_EQ(found.verdict, Verdict::kPass) << found.says;
    EXPECT_EQ(compare_crops(at("frame.png"), {96, 64}, {corner}, {around(corner, 15, 2, 0, 16)}).verdict,
              Verdict::kInconclusive);
}

TEST_F(Compare, WholePicturesTileByTile) {
    const Comparison same = compare_pictures(at("frame.png"), at("frame.png"));
    EXPECT_EQ(same.verdict, Verdict::kPass);
    EXPECT_EQ(same.tiles.size(), 6U);
    make_png(at("other.png"), {96, 64}, [](std::uint32_t x, std::uint32_t y, std::size_t channel) {
        return x >= 64 && y >= 32 ? 255 - noise(x, y, channel) : noise(x, y, channel);
    });
    const Comparison found = compare_pictures(at("other.png"), at("frame.png"));
    EXPECT_EQ(found.verdict, Verdict::kFail);
    EXPECT_EQ(found.tiles[5].verdict, Verdict::kFail);
    EXPECT_EQ(found.tiles[5].where, (Crop{64, 32, 32, 32}));
    EXPECT_TRUE(found.says.starts_with("1 of 6 tiles are wrong")) << found.says;
    EXPECT_EQ(compare_pictures(at("frame.png"), at("none.png")).verdict, Verdict::kInconclusive);
    EXPECT_EQ(compare_pictures(at("none.png"), at("frame.png")).verdict, Verdict::kFail);
}

TEST_F(Compare, OpenExrWithEveryLosslessCodec) {
    const auto value = [](int x, int y, std::size_t channel) {
        return static_cast<float>((x * 31 + y * 17 + static_cast<int>(channel)) % 13) / 13;
    };
    make_exr(at("whole.exr"), {70, 50}, value);
    for (const Imf::Compression codec : {Imf::NO_COMPRESSION, Imf::ZIPS_COMPRESSION, Imf::ZIP_COMPRESSION,
                                         Imf::PIZ_COMPRESSION, Imf::RLE_COMPRESSION}) {
        make_exr(at("crop.exr"), {32, 32, {"B", "G", "R"}, codec},
                 [&](int x, int y, std::size_t channel) { return value(x + 38, y + 18, channel); });
        const Comparison found = compare_crops(at("whole.exr"), {70, 50}, {{38, 18, 32, 32}}, {at("crop.exr")});
        EXPECT_EQ(found.verdict, Verdict::kPass) << found.says;
    }
    make_exr(at("crop.exr"), {32, 32, {"G", "R"}}, value);
    EXPECT_EQ(compare_crops(at("whole.exr"), {70, 50}, {{38, 18, 32, 32}}, {at("crop.exr")}).verdict, Verdict::kFail);
}

}  // namespace
}  // namespace sublet::jobs
