// crops_test.cpp: golden crops, where they may lie, and how often each part of a picture is looked at.
#include "jobs/crops.hpp"

#include <gtest/gtest.h>
#include <rapidcheck.h>

#include <algorithm>
#include <array>

#include "crypto/sha256.hpp"

namespace sublet::jobs {
namespace {

bool overlap(const Crop& a, const Crop& b) {
    return a.x < b.x + b.width && b.x < a.x + a.width && a.y < b.y + b.height && b.y < a.y + a.height;
}

Hash seed_of(const std::string& word) { return crypto::sha256(word); }

// Other implementations must choose the same: a change here is a change of the protocol, which wants a new name.
TEST(Crops, GoldenVectors) {
    const NoiseMap map{3, 2, {0, 0, 0, 0, 0, 9}};
    struct Row {
        const char* seed;
        PictureSize size;
        CropRule rule;
        std::optional<NoiseMap> map;
        std::vector<Crop> wanted;
    };
    const std::array rows{
        Row{"a",
            {1920, 1080},
            {4, 32},
            std::nullopt,
            {{804, 53, 32, 32}, {1888, 444, 32, 32}, {442, 205, 32, 32}, {1009, 932, 32, 32}}},
        Row{"b",
            {1920, 1080},
            {4, 32},
            map,
            {{412, 877, 32, 32}, {1744, 837, 32, 32}, {1654, 479, 32, 32}, {1503, 576, 32, 32}}},
        Row{"a", {40, 20}, {3, 32}, std::nullopt, {{4, 0, 32, 20}, {8, 0, 32, 20}, {0, 0, 32, 20}}},
        Row{"a", {5, 7}, {8, 32}, std::nullopt, {{0, 0, 5, 7}}},
    };
    for (const Row& row : rows) {
        const std::vector<Crop> crops = choose_crops(seed_of(row.seed), row.size, row.rule, row.map);
        std::string found;
        for (const Crop& each : crops) {
            found += "{" + std::to_string(each.x) + ", " + std::to_string(each.y) + ", " + std::to_string(each.width) +
                     ", " + std::to_string(each.height) + "}, ";
        }
        EXPECT_EQ(crops, row.wanted) << found;
    }
}

TEST(Crops, LieWithinThePictureAndApartWhileThereIsRoom) {
    const bool ok = rc::check("crops of any picture", [] {
        const PictureSize size{*rc::gen::inRange(1U, 3'000U), *rc::gen::inRange(1U, 3'000U)};
        const CropRule rule{*rc::gen::inRange(1U, kMaxCrops + 1), *rc::gen::inRange(kMinCropSide, kMaxCropSide + 1)};
        std::optional<NoiseMap> map;
        if (*rc::gen::arbitrary<bool>()) {
            map = NoiseMap{*rc::gen::inRange(1U, 65U), *rc::gen::inRange(1U, 65U), {}};
            map->weights.assign(std::size_t{map->columns} * map->rows, 0);
            map->weights[*rc::gen::inRange<std::size_t>(0, map->weights.size())] = 1;
        }
        const Hash seed = seed_of(*rc::gen::arbitrary<std::string>());
        const std::vector<Crop> crops = choose_crops(seed, size, rule, map);
        RC_ASSERT(!crops.empty() && crops.size() <= rule.count);
        for (std::size_t i = 0; i < crops.size(); ++i) {
            RC_ASSERT(crops[i].width == std::min(rule.side, size.width));
            RC_ASSERT(crops[i].height == std::min(rule.side, size.height));
            RC_ASSERT(crops[i].x + crops[i].width <= size.width && crops[i].y + crops[i].height <= size.height);
            RC_ASSERT(std::count(crops.begin(), crops.end(), crops[i]) == 1);
        }
        RC_ASSERT(crops == choose_crops(seed, size, rule, map));
    });
    EXPECT_TRUE(ok);
    for (int turn = 0; turn < 200; ++turn) {
        const std::vector<Crop> crops = choose_crops(seed_of(std::to_string(turn)), {480, 270}, {8, 32}, std::nullopt);
        ASSERT_EQ(crops.size(), 8U);
        for (std::size_t i = 0; i < crops.size(); ++i) {
            for (std::size_t j = 0; j < i; ++j) {
                EXPECT_FALSE(overlap(crops[i], crops[j])) << turn;
            }
        }
    }
}

TEST(Crops, EverySecondOneFollowsTheMap) {
    const NoiseMap right{2, 1, {0, 1}};
    std::array<int, 2> left{};  // of even and odd crops: with their middle in the left half
    for (int turn = 0; turn < 200; ++turn) {
        const std::vector<Crop> crops = choose_crops(seed_of(std::to_string(turn)), {640, 400}, {8, 16}, right);
        for (std::size_t i = 0; i < crops.size(); ++i) {
            left.at(i % 2) += crops[i].x + crops[i].width / 2 < 320 ? 1 : 0;
        }
    }
    EXPECT_GT(left[0], 300);  // about 400 of 800
    EXPECT_LT(left[0], 500);
    EXPECT_EQ(left[1], 0);
}

// A cheat that keeps to the margins is found too.
TEST(Crops, MarginsAreLookedAtHalfAsOftenAtLeast) {
    int corner = 0;
    int middle = 0;
    const Crop top_left{0, 0, 1, 1};
    const Crop inside{48, 48, 1, 1};
    for (int turn = 0; turn < 2'000; ++turn) {
        for (const Crop& each : choose_crops(seed_of(std::to_string(turn)), {96, 96}, {1, 32}, std::nullopt)) {
            corner += overlap(each, top_left) ? 1 : 0;
            middle += overlap(each, inside) ? 1 : 0;
        }
    }
    EXPECT_GT(middle, 170);  // 2000 / 9
    EXPECT_GT(corner, 35);   // a quarter of that: half a side each way
}

TEST(Crops, RulesAndMapsOutsideOfTheirLimitsAreToldApart) {
    EXPECT_TRUE(is_valid(CropRule{}));
    EXPECT_TRUE(is_valid(NoiseMap{1, 1, {1}}));
    EXPECT_FALSE(is_valid(NoiseMap{1, 1, {0}}));
    EXPECT_FALSE(is_valid(NoiseMap{0, 1, {}}));
    EXPECT_FALSE(is_valid(NoiseMap{2, 1, {1}}));
    EXPECT_FALSE(is_valid(CropRule{0, 32}));
    EXPECT_FALSE(is_valid(CropRule{8, 4}));
}

}  // namespace
}  // namespace sublet::jobs
