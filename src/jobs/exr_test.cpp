// exr_test.cpp: images put together, and files that are no images, too large, broken at every byte.
#include "jobs/exr.hpp"

#include <gtest/gtest.h>

#include <OpenEXR/ImfChannelList.h>
#include <OpenEXR/ImfFrameBuffer.h>
#include <OpenEXR/ImfHeader.h>
#include <OpenEXR/ImfInputFile.h>
#include <OpenEXR/ImfOutputFile.h>

#include "jobs/still.hpp"
#include "jobs/test_folder.hpp"

namespace sublet::jobs {
namespace {

using Channels = std::vector<std::string>;

// Every channel of every pixel is `value` + 100 * y + x.
fs::path make_image(const fs::path& file, int width, int height, float value, const Channels& channels = {"G", "R"},
                    Imath::V2i origin = {0, 0}) {
    const Imath::Box2i window{origin, {origin.x + width - 1, origin.y + height - 1}};
    Imf::Header header{window, window};
    Imf::FrameBuffer buffer;
    std::vector<float> pixels;
    for (int y = 0; y < height; ++y) {
        for (int x = 0; x < width; ++x) {
            pixels.push_back(value + static_cast<float>(100 * y + x));
        }
    }
    for (const std::string& each : channels) {
        header.channels().insert(each, Imf::Channel{Imf::FLOAT});
        buffer.insert(each, Imf::Slice::Make(Imf::FLOAT, pixels.data(), window, sizeof(float),
                                             sizeof(float) * static_cast<std::size_t>(width)));
    }
    Imf::OutputFile out{file.c_str(), header};
    out.setFrameBuffer(buffer);
    out.writePixels(height);
    return file;
}

std::vector<float> read_channel(const fs::path& file, const std::string& channel) {
    Imf::InputFile in{file.c_str()};
    const Imath::Box2i window = in.header().dataWindow();
    const auto width = static_cast<std::size_t>(window.max.x - window.min.x + 1);
    std::vector<float> out(width * static_cast<std::size_t>(window.max.y - window.min.y + 1));
    Imf::FrameBuffer buffer;
    buffer.insert(channel, Imf::Slice::Make(Imf::FLOAT, out.data(), window, sizeof(float), sizeof(float) * width));
    in.setFrameBuffer(buffer);
    in.readPixels(window.min.y, window.max.y);
    return out;
}

class Exr : public testing::Test {
protected:
    [[nodiscard]] fs::path at(const char* name) const { return folder_.at(name); }
    TestFolder folder_;
};

TEST_F(Exr, AMeanIsWeighedAndInTheOrderOfTheList) {
    make_image(at("a"), 5, 70, 1);  // more lines than a band
    make_image(at("b"), 5, 70, 5, {"G", "R"}, {3, 9});
    ASSERT_TRUE(average_exr({{at("a"), 3}, {at("b"), 1}}, at("out")));
    EXPECT_EQ(exr_shape(at("out")), (ExrShape{5, 70, {"G", "R"}}));
    const std::vector<float> green = read_channel(at("out"), "G");
    EXPECT_EQ(green[0], 2.0F);
    EXPECT_EQ(green[5 * 69 + 4], 2.0F + 6'904.0F);
    EXPECT_EQ(read_channel(at("out"), "R"), green);
    EXPECT_EQ(folder_.names(), (std::set<std::string>{"a", "b", "out"}));
}

TEST_F(Exr, WhatIsNoMeanIsTheFirstImages) {
    const Channels channels{"Depth.Z", "Normal.Z", "View.CryptoObject00.R", "View.IndexOB.X", "Z"};
    make_image(at("a"), 2, 2, 1, channels);
    make_image(at("b"), 2, 2, 3, channels);
    ASSERT_TRUE(average_exr({{at("a"), 1}, {at("b"), 1}}, at("out")));
    for (const char* kept : {"Depth.Z", "View.CryptoObject00.R", "View.IndexOB.X", "Z"}) {
        EXPECT_EQ(read_channel(at("out"), kept)[0], 1.0F) << kept;
    }
    EXPECT_EQ(read_channel(at("out"), "Normal.Z")[0], 2.0F);
}

TEST_F(Exr, TilesLieWhereTheyBelong) {
    std::vector<fs::path> tiles;
    const float values[] = {0, 3, 4'000, 4'003, 8'000, 8'003};  // as make_image would number a whole one
    for (int i = 0; i < 6; ++i) {
        const int row = i / 2;
        const std::string name = "tile" + std::to_string(i);
        tiles.push_back(make_image(at(name.c_str()), i % 2 == 0 ? 3 : 5, row == 2 ? 17 : 40, values[i]));
    }
    make_image(at("whole"), 8, 97, 0);
    ASSERT_TRUE(mosaic_exr(tiles, 2, 3, at("out")));
    EXPECT_EQ(read_channel(at("out"), "R"), read_channel(at("whole"), "R"));
    EXPECT_EQ(mosaic_exr(tiles, 3, 2, at("other")).error().code, Code::kConflict);
    EXPECT_EQ(mosaic_exr(tiles, 2, 2, at("other")).error().code, Code::kConflict);
    EXPECT_FALSE(fs::exists(at("other")));
}

TEST_F(Exr, WhatDoesNotFitTogetherIsRefusedByName) {
    make_image(at("a"), 4, 4, 1);
    make_image(at("wide"), 5, 4, 1);
    make_image(at("red"), 4, 4, 1, {"R"});
    for (const char* other : {"wide", "red"}) {
        const Result<> done = average_exr({{at("a"), 1}, {at(other), 1}}, at("out"));
        ASSERT_FALSE(done);
        EXPECT_EQ(done.error().code, Code::kConflict);
        EXPECT_NE(done.error().message.find(other), std::string::npos) << done.error().message;
    }
    EXPECT_EQ(average_exr({{at("a"), 1}, {at("none"), 1}}, at("out")).error().code, Code::kNotFound);
    EXPECT_EQ(average_exr({}, at("out")).error().code, Code::kTooLarge);
    EXPECT_FALSE(fs::exists(at("out")));
}

TEST_F(Exr, AHeaderThatPromisesTooMuchIsRefused) {
    make_image(at("a"), 4, 4, 1);
    std::ifstream in{at("a"), std::ios::binary};
    std::string bytes{std::istreambuf_iterator<char>{in}, {}};
    const std::size_t window = bytes.find("dataWindow");
    ASSERT_NE(window, std::string::npos);
    const std::size_t max_x = window + std::string{"dataWindow"}.size() + 1 + std::string{"box2i"}.size() + 1 + 4 + 8;
    bytes[max_x + 2] = '\x10';  // 1,048,579 pixels wide
    std::ofstream{at("b"), std::ios::binary} << bytes;
    EXPECT_EQ(exr_shape(at("b")).error().code, Code::kTooLarge);
    Channels many;
    for (int i = 0; i < 300; ++i) {
        many.push_back("layer" + std::to_string(i));
    }
    make_image(at("many"), 1, 1, 0, many);
    EXPECT_EQ(exr_shape(at("many")).error().code, Code::kTooLarge);
    make_image(at("long"), 8'000, 1, 0, Channels(many.begin(), many.begin() + 200));
    EXPECT_EQ(exr_shape(at("long")).error().code, Code::kTooLarge);
}

// The library takes as much memory as an attribute says it has, or a preview's sides multiply to.
TEST_F(Exr, AnAttributeThatPromisesTooMuchIsRefusedBeforeTheLibraryReadsIt) {
    make_image(at("a"), 4, 4, 1);
    std::ifstream in{at("a"), std::ios::binary};
    const std::string bytes{std::istreambuf_iterator<char>{in}, {}};
    const auto with = [&](const std::string& attribute) {
        std::ofstream{at("b"), std::ios::binary} << bytes.substr(0, 8) << attribute << bytes.substr(8);
        return exr_shape(at("b"));
    };
    const auto attribute = [](const std::string& type, const std::string& size, const std::string& value) {
        return "x" + std::string(1, '\0') + type + std::string(1, '\0') + size + value;
    };
    EXPECT_TRUE(with(attribute("mine", std::string("\3\0\0\0", 4), "abc")));
    EXPECT_EQ(with(attribute("mine", std::string("\0\0\0\x70", 4), "abc")).error().code, Code::kParse);
    EXPECT_EQ(with(attribute("mine", std::string("\xff\xff\xff\xff", 4), "abc")).error().code, Code::kParse);
    const std::string sides("\xff\xff\0\0\xff\xff\0\0", 8);
    EXPECT_EQ(with(attribute("preview", std::string("\xc\0\0\0", 4), sides + "rgba")).error().code, Code::kParse);
    const std::string one("\1\0\0\0\1\0\0\0", 8);
    EXPECT_TRUE(with(attribute("preview", std::string("\xc\0\0\0", 4), one + "rgba")));
    std::string many = bytes;
    many[5] = '\x10';  // says that it has several parts
    std::ofstream{at("b"), std::ios::binary} << many;
    EXPECT_EQ(exr_shape(at("b")).error().code, Code::kUnsupported);
}

TEST_F(Exr, ABrokenFileIsAnErrorAndNoImage) {
    make_image(at("a"), 6, 40, 1);
    std::ifstream in{at("a"), std::ios::binary};
    const std::string bytes{std::istreambuf_iterator<char>{in}, {}};
    for (std::size_t length = 0; length < bytes.size(); ++length) {
        std::ofstream{at("cut"), std::ios::binary} << bytes.substr(0, length);
        EXPECT_FALSE(average_exr({{at("cut"), 1}}, at("out"))) << length;
    }
    for (std::size_t i = 0; i < bytes.size(); ++i) {  // an error or an image: nothing else
        std::string flipped = bytes;
        flipped[i] = static_cast<char>(~flipped[i]);
        std::ofstream{at("flipped"), std::ios::binary} << flipped;
        const bool done = average_exr({{at("flipped"), 1}}, at("out")).has_value();
        EXPECT_EQ(fs::exists(at("out")), done) << i;
        fs::remove(at("out"));
    }
}

TEST_F(Exr, AStillIsSplitWithoutAGap) {
    const Result<Still> still = parse_still("samples", "7", -3, 100);
    ASSERT_TRUE(still);
    std::uint32_t next = 0;
    for (std::uint32_t part = 0; part < still->parts(); ++part) {
        const SampleRange range = range_of(*still, part);
        EXPECT_EQ(range.first, next);
        EXPECT_TRUE(range.count == 14 || range.count == 15);
        next += range.count;
    }
    EXPECT_EQ(next, 100U);
    EXPECT_EQ(still_from_json(still_json(*still)), *still);
    EXPECT_EQ(part_folder(*still, 0), "-0003.parts/0001");
    EXPECT_EQ(image_file(*still), "-0003.exr");
    const Result<Still> tiles = parse_still("tiles", "4x3", 12, 0);
    ASSERT_TRUE(tiles);
    EXPECT_EQ(tiles->parts(), 12U);
    EXPECT_EQ(still_from_json(still_json(*tiles)), *tiles);
}

TEST_F(Exr, ASplitThatMeansNothingIsRefused) {
    for (const auto& [by, parts, samples] : {std::tuple{"samples", "8", 7U},
                                             {"samples", "8", 0U},
                                             {"samples", "2x2", 64U},
                                             {"samples", "0", 64U},
                                             {"samples", "-1", 64U},
                                             {"samples", "8 ", 64U},
                                             {"samples", "1025", 2'000U},
                                             {"tiles", "1024x2", 0U},
                                             {"tiles", "4x", 0U},
                                             {"tiles", "x", 0U},
                                             {"tiles", "", 0U},
                                             {"rows", "8", 64U},
                                             {"samples", "8", kMaxStillSamples + 1}}) {
        EXPECT_FALSE(parse_still(by, parts, 1, samples)) << by << " " << parts << " " << samples;
    }
    for (const char* text : {"", "{}", "[]", R"({"by":"samples","frame":1,"columns":0,"rows":1,"samples":5})",
                             R"({"by":"samples","frame":1,"columns":8,"rows":1,"samples":"8"})"}) {
        EXPECT_EQ(still_from_json(text).error().code, Code::kParse) << text;
    }
}

TEST_F(Exr, AnImageOfThePartsThatAreThere) {
    const Still still{.by = SplitBy::kSamples, .frame = 1, .columns = 4, .rows = 1, .samples = 10};
    make_image(at("first"), 3, 3, 2);   // samples 0 and 1
    make_image(at("second"), 3, 3, 7);  // 2 to 4
    const Result<MergedStill> merged = merge_still(still, {{0, at("first")}, {1, at("second")}}, at("out"));
    ASSERT_TRUE(merged);
    EXPECT_EQ(merged->parts, 2U);
    EXPECT_EQ(merged->samples, 5U);
    EXPECT_EQ(read_channel(at("out"), "R")[0], 5.0F);
    EXPECT_EQ(merge_still(still, {}, at("none")).error().code, Code::kNotFound);
    const Still tiles{.by = SplitBy::kTiles, .frame = 1, .columns = 2, .rows = 1};
    EXPECT_EQ(merge_still(tiles, {{1, at("first")}}, at("none")).error().code, Code::kNotFound);
}

TEST_F(Exr, APartIsItsImageAlone) {
    fs::create_directories(at("part"));
    EXPECT_EQ(check_part(at("part")).error().code, Code::kNotFound);
    make_image(at("part") / kPartFile, 3, 3, 1);
    EXPECT_TRUE(check_part(at("part")));
    std::ofstream{at("part") / "more"} << "x";
    EXPECT_EQ(check_part(at("part")).error().code, Code::kBadField);
    fs::remove(at("part") / "more");
    std::ofstream{at("part") / kPartFile} << "no image";
    EXPECT_EQ(check_part(at("part")).error().code, Code::kParse);
}

}  // namespace
}  // namespace sublet::jobs
