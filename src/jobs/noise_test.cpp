// noise_test.cpp: maps follow noise, honest parts are not suspected, each way to cheat on a part is.
#include "jobs/noise.hpp"

#include <gtest/gtest.h>

#include <random>

#include "jobs/test_pictures.hpp"

namespace sublet::jobs {
namespace {

// A mean of `samples` samples of light that varies over the picture, by a generator of the part's own.
std::vector<float> rendered(unsigned seed, int width, int height, int samples) {
    std::mt19937 dice{seed};
    std::uniform_real_distribution<float> light{0.0F, 1.0F};
    std::vector<float> out;
    for (int y = 0; y < height; ++y) {
        for (int x = 0; x < width; ++x) {
            float sum = 0;
            for (int i = 0; i < samples; ++i) {
                const float one = light(dice);
                sum += one * one * (0.5F + static_cast<float>(x) / static_cast<float>(width));
            }
            out.push_back(sum / static_cast<float>(samples));
        }
    }
    return out;
}

class Noise : public testing::Test {
protected:
    static constexpr int kWidth = 160;
    static constexpr int kHeight = 96;
    static constexpr int kSamples = 16;
    void SetUp() override {
        for (std::uint32_t part = 0; part < 6; ++part) {
            put_part(part, rendered(part + 1, kWidth, kHeight, kSamples));
        }
    }
    void put_part(std::uint32_t part, const std::vector<float>& values) {
        const fs::path file = folder_.at("part-" + std::to_string(part));
        make_exr(file, {kWidth, kHeight},
                 [&](int x, int y, std::size_t) { return values[static_cast<std::size_t>(y * kWidth + x)]; });
        parts_[part] = {file, kSamples};
    }
    [[nodiscard]] std::vector<std::uint32_t> suspected() const {
        const auto found = cross_check(parts_);
        EXPECT_TRUE(found) << found.error().message;
        std::vector<std::uint32_t> out;
        for (const SuspiciousPart& each : *found) {
            out.push_back(each.part);
            EXPECT_FALSE(each.why.empty());
        }
        return out;
    }
    TestFolder folder_;
    std::map<std::uint32_t, RangePart> parts_;
};
using Parts = std::vector<std::uint32_t>;

TEST_F(Noise, HonestPartsAreNotSuspected) {
    EXPECT_EQ(suspected(), Parts{});
    parts_[2].samples = 32;  // who says that it has more than it has is
    EXPECT_EQ(suspected(), Parts{2});
}

TEST_F(Noise, PartsOfOtherSizesOfRangesAreMeasuredByThem) {
    put_part(1, rendered(90, kWidth, kHeight, 24));
    EXPECT_EQ(suspected(), Parts{1});
    parts_[1].samples = 24;
    EXPECT_EQ(suspected(), Parts{});
}

TEST_F(Noise, EachWayToCheatIsSuspected) {
    const std::vector<float> honest = rendered(4, kWidth, kHeight, kSamples);
    put_part(3, rendered(91, kWidth, kHeight, kSamples * 3 / 4));
    EXPECT_EQ(suspected(), Parts{3}) << "fewer samples";
    std::vector<float> blurred = rendered(92, kWidth, kHeight, kSamples / 2);
    for (std::size_t at = 0; at + 1 < blurred.size(); ++at) {
        blurred[at] = (blurred[at] + blurred[at + 1]) / 2;
    }
    put_part(3, blurred);
    EXPECT_EQ(suspected(), Parts{3}) << "half of the samples, smoothed to the same noise";
    std::vector<float> brighter = honest;
    for (std::size_t at = 0; at < brighter.size(); ++at) {
        brighter[at] *= at % kWidth < 80 ? 1.06F : 1.0F;
    }
    put_part(3, brighter);
    EXPECT_EQ(suspected(), Parts{3}) << "something else in a half";
    put_part(3, rendered(1, kWidth, kHeight, kSamples));
    EXPECT_EQ(suspected(), (Parts{0, 3})) << "another's part";
}

TEST_F(Noise, NothingIsSaidWhereNothingCanBe) {
    parts_.erase(0), parts_.erase(1), parts_.erase(2), parts_.erase(3);
    put_part(4, rendered(91, kWidth, kHeight, 2));
    EXPECT_EQ(suspected(), Parts{}) << "two parts";
    for (std::uint32_t part = 0; part < 4; ++part) {
        put_part(part, std::vector<float>(kWidth * kHeight, 0.5F));
    }
    parts_.erase(4), parts_.erase(5);
    EXPECT_EQ(suspected(), Parts{}) << "no noise";
    make_exr(folder_.at("small"), {kWidth, kHeight - 1}, [](auto...) { return 1.0F; });
    parts_[3].file = folder_.at("small");
    EXPECT_EQ(cross_check(parts_).error().code, Code::kConflict);
    parts_[3].file = folder_.at("none");
    EXPECT_EQ(cross_check(parts_).error().code, Code::kNotFound);
}

TEST_F(Noise, ManyPartsAreCheckedInGroups) {
    for (std::uint32_t part = 0; part < 65; ++part) {
        parts_[part] = parts_[part % 6];
    }
    const auto found = part_noise(parts_);
    ASSERT_TRUE(found);
    ASSERT_EQ(found->size(), 65U);
    EXPECT_EQ(found->back().part, 64U);
    EXPECT_NE(found->back().same_as, 64U);
}

TEST(NoiseMapOf, FollowsTheNoisiestFrame) {
    TestFolder folder;
    const auto frame = [&](const char* name, unsigned seed, int noisy_from) {
        std::mt19937 dice{seed};
        return make_exr(folder.at(name), {64, 32}, [&](int x, int, std::size_t) {
            const float noise = static_cast<float>(dice() % 100) / 500;
            return x >= noisy_from && x < noisy_from + 8 ? 0.5F + noise : 0.5F;
        });
    };
    const auto map = noise_map({{frame("a", 1, 8), frame("b", 2, 8)}, {frame("c", 3, 48), frame("d", 4, 48)}});
    ASSERT_TRUE(map) << map.error().message;
    EXPECT_TRUE(is_valid(*map));
    EXPECT_EQ(map->columns, 16U);
    for (std::uint32_t cell = 0; cell < map->weights.size(); ++cell) {
        const std::uint32_t column = cell % 16;
        const bool noisy = column == 2 || column == 3 || column == 12 || column == 13;
        EXPECT_EQ(map->weights[cell] > 1, noisy) << cell;
        EXPECT_GE(map->weights[cell], 1) << cell;
    }
    EXPECT_EQ(noise_map({}).error().code, Code::kBadField);
    EXPECT_EQ(noise_map({{folder.at("a"), folder.at("a")}}).error().code, Code::kBadField);
    EXPECT_EQ(noise_map({{folder.at("a"), folder.at("none")}}).error().code, Code::kNotFound);
}

}  // namespace
}  // namespace sublet::jobs
