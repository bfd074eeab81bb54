// difference_test.cpp: the picture shows both pictures, and colours where they differ.
#include "jobs/difference.hpp"

#include <gtest/gtest.h>

#include "jobs/compare.hpp"
#include "jobs/png.hpp"
#include "jobs/test_pictures.hpp"

namespace sublet::jobs {
namespace {

std::array<int, 3> color_at(const DifferencePicture& picture, std::uint32_t x, std::uint32_t y) {
    const std::size_t at = (std::size_t{y} * picture.size.width + x) * 3;
    return {picture.rgb[at], picture.rgb[at + 1], picture.rgb[at + 2]};
}

TEST(Difference, ShowsWhere) {
    TestFolder folder;
    make_png(folder.at("a.png"), {40, 30}, [](auto...) { return 100U; });
    make_png(folder.at("b.png"), {40, 30}, [](std::uint32_t x, std::uint32_t y, std::size_t) {
        return y != 5 ? 100U : x == 3 ? 102U : x == 4 ? 255U : 100U;
    });
    const auto found = difference_picture(folder.at("a.png"), folder.at("b.png"));
    ASSERT_TRUE(found) << found.error().message;
    EXPECT_EQ(found->size, (PictureSize{128, 30}));
    EXPECT_EQ(color_at(*found, 4, 5), (std::array{100, 100, 100}));
    EXPECT_EQ(color_at(*found, 48, 5), (std::array{255, 255, 255}));
    EXPECT_EQ(color_at(*found, 41, 5), (std::array{128, 128, 128})) << "between panels";
    EXPECT_EQ(color_at(*found, 88 + 3, 5), (std::array{255, 220, 0})) << "just what counts";
    EXPECT_EQ(color_at(*found, 88 + 4, 5), (std::array{255, 0, 0}));
    EXPECT_EQ(color_at(*found, 88 + 4, 6), (std::array{0, 0, 0}));
    ASSERT_TRUE(write_png(folder.at("out.png"), found->size, found->rgb));
    EXPECT_EQ(picture_size(folder.at("out.png")), found->size);
    EXPECT_EQ(folder.names(), (std::set<std::string>{"a.png", "b.png", "out.png"}));
    EXPECT_EQ(write_png(folder.at("none/out.png"), found->size, found->rgb).error().code, Code::kIo);
}

TEST(Difference, OfLargePicturesNoPixelIsLost) {
    TestFolder folder;
    make_exr(folder.at("a.exr"), {1'300, 20}, [](auto...) { return 0.5F; });
    make_exr(folder.at("b.exr"), {1'300, 20},
             [](int x, int y, std::size_t) { return x == 1'000 && y == 10 ? 0.9F : 0.5F; });
    const auto found = difference_picture(folder.at("a.exr"), folder.at("b.exr"));
    ASSERT_TRUE(found) << found.error().message;
    EXPECT_EQ(found->size, (PictureSize{434 * 3 + 8, 7}));
    EXPECT_EQ(color_at(*found, 2 * 438 + 333, 3), (std::array{255, 0, 0}));
    make_exr(folder.at("c.exr"), {1'300, 21}, [](auto...) { return 0.5F; });
    EXPECT_EQ(difference_picture(folder.at("a.exr"), folder.at("c.exr")).error().code, Code::kConflict);
}

}  // namespace
}  // namespace sublet::jobs
