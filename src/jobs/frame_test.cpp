// frame_test.cpp: what a frame's result must hold; headers of pictures that are cut, bent and made up.
#include "jobs/frame.hpp"

#include <gtest/gtest.h>

#include <OpenEXR/ImfChannelList.h>
#include <OpenEXR/ImfFrameBuffer.h>
#include <OpenEXR/ImfHeader.h>
#include <OpenEXR/ImfOutputFile.h>

#include <random>

#include "jobs/exr.hpp"
#include "jobs/test_folder.hpp"

namespace sublet::jobs {
namespace {

std::string bytes(std::initializer_list<int> list) {
    std::string out;
    for (const int each : list) {
        out += static_cast<char>(each);
    }
    return out;
}

// 64 x 36, eight bits a channel; the pixels are no business of a header's reader.
std::string png() {
    const std::string start{"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\x40\0\0\0\x24\x08\x02\0\0\0\xb6\x6e\xab\xc5", 33};
    return start + std::string("\0\0\0\1IDATx\0\0\0\0", 13) + std::string{"\0\0\0\0IEND\xae\x42\x60\x82", 12};
}

// An application's segment, a table, then the size.
std::string jpeg() {
    return bytes({0xff, 0xd8, 0xff, 0xe0, 0, 6, 'J', 'F', 'I', 'F', 0xff, 0xc4, 0, 4, 1, 2}) +
           bytes({0xff, 0xc0, 0, 11, 8, 0, 36, 0, 64, 1, 1, 0x11, 0}) +
           bytes({0xff, 0xda, 0, 2, 'd', 'a', 't', 'a', 0xff, 0xd9});
}

std::string exr(const TestFolder& folder) {
    Imf::Header header{64, 36};
    header.channels().insert("R", Imf::Channel{Imf::FLOAT});
    std::vector<float> pixels(std::size_t{64} * 36);
    for (std::size_t at = 0; at < pixels.size(); ++at) {
        pixels[at] = static_cast<float>(at * 7919 % 1'000);
    }
    const Imath::Box2i window = header.dataWindow();
    Imf::FrameBuffer buffer;
    buffer.insert("R", Imf::Slice::Make(Imf::FLOAT, pixels.data(), window, sizeof(float), sizeof(float) * 64));
    {
        Imf::OutputFile out{folder.at("made.exr").c_str(), header};
        out.setFrameBuffer(buffer);
        out.writePixels(36);
    }
    return get(folder.at("made.exr"));
}

constexpr PictureSize kSize{64, 36};

class Frame : public testing::Test {
protected:
    // The result of a task with these files.
    Result<> check(const std::map<std::string, std::string>& files, const FrameShape& shape, std::int64_t frame = 1) {
        fs::remove_all(folder_.at("result"));
        fs::create_directories(folder_.at("result"));
        std::vector<fs::path> names;
        for (const auto& [name, text] : files) {
            put(folder_.at("result") / name, text);
            names.emplace_back(name);
        }
        return check_frame(folder_.at("result"), names, frame, shape);
    }
    Result<PictureSize> size(const std::string& content) {
        put(folder_.at("picture"), content);
        return picture_size(folder_.at("picture"));
    }
    TestFolder folder_;
};

TEST_F(Frame, NamesAreBlenders) {
    EXPECT_EQ(frame_text(12), "0012");
    EXPECT_EQ(frame_text(-5), "-005");
    EXPECT_EQ(frame_text(123'456), "123456");
    EXPECT_EQ(frame_ending("JPEG"), ".jpg");
    EXPECT_EQ(frame_ending("OPEN_EXR_MULTILAYER"), ".exr");
    EXPECT_EQ(frame_ending("FFMPEG"), "");
}

TEST_F(Frame, ItsFileAloneIsTaken) {
    struct Row {
        const char* why;
        std::map<std::string, std::string> files;
        FrameShape shape;
        std::string says;  // empty: it is taken
    };
    const std::string image = exr(folder_);
    const FrameShape plain{"PNG", 64, 36, true};
    const FrameShape views{"PNG", 64, 36, false};
    const std::vector<Row> rows{
        {"a PNG", {{"0001.png", png()}}, plain, ""},
        {"a JPEG", {{"0001.jpg", jpeg()}}, {"JPEG", 64, 36, true}, ""},
        {"an OpenEXR", {{"0001.exr", image}}, {"OPEN_EXR", 64, 36, true}, ""},
        {"the scene's own format, not known", {{"0001.jpg", jpeg()}}, {"", 0, 0, true}, ""},
        {"a format without a reader", {{"0001.tif", "anything"}}, {"TIFF", 64, 36, true}, ""},
        {"several views", {{"0001_L.png", png()}, {"0001_R.png", png()}}, views, ""},
        {"nothing", {}, plain, "should hold 0001.png alone, it holds nothing"},
        {"another frame", {{"0002.png", png()}}, plain, "should hold 0001.png alone, it holds 0002.png"},
        {"another format", {{"0001.jpg", jpeg()}}, plain, "should hold 0001.png"},
        {"something beside it", {{"0001.png", png()}, {"a.txt", ""}}, plain, "it holds 0001.png, a.txt"},
        {"in a folder", {{"a/0001.png", png()}}, plain, "it holds a/0001.png"},
        {"a name that begins alike", {{"00011.png", png()}}, {"", 0, 0, true}, "should hold frame 0001"},
        {"another view's frame", {{"0001_L.png", png()}, {"0002_R.png", png()}}, views, "should hold 0001.png"},
        {"another size", {{"0001.png", png()}}, {"PNG", 128, 36, true}, "has 64 x 36 pixels, the scene has 128 x 36"},
        {"no picture", {{"0001.png", std::string(100, 'x')}}, plain, "is no PNG, JPEG or OpenEXR"},
        {"empty", {{"0001.png", ""}}, plain, "is no picture"},
        {"cut off", {{"0001.png", png().substr(0, 50)}}, plain, "was cut off"},
        {"no picture, size not known", {{"0001.exr", "x"}}, {"", 0, 0, true}, "is no picture"},
    };
    for (const Row& row : rows) {
        const Result<> checked = check(row.files, row.shape);
        EXPECT_EQ(checked.has_value(), row.says.empty()) << row.why << (checked ? "" : ": " + checked.error().message);
        if (!checked && !row.says.empty()) {
            EXPECT_NE(checked.error().message.find(row.says), std::string::npos) << checked.error().message;
        }
    }
}

TEST_F(Frame, ALinkIsNoPicture) {
    put(folder_.at("elsewhere.png"), png());
    fs::create_symlink(folder_.at("elsewhere.png"), folder_.at("0001.png"));
    EXPECT_FALSE(picture_size(folder_.at("0001.png")));
}

// Wherever a file ends early, it is no picture.
TEST_F(Frame, CutAnywhereIsRefused) {
    for (const std::string& whole : {png(), jpeg(), exr(folder_)}) {
        ASSERT_TRUE(size(whole));
        EXPECT_EQ(*size(whole), kSize);
        for (std::size_t at = 0; at < whole.size(); at += 1 + at / 200) {
            EXPECT_FALSE(size(whole.substr(0, at))) << at << " of " << whole.size();
        }
    }
}

// Whatever the bytes say, the answer is bounded; a PNG's header that changed is noticed.
TEST_F(Frame, BentHeadersAreRefusedOrBounded) {
    std::mt19937 random{7};
    for (const std::string& whole : {png(), jpeg(), exr(folder_)}) {
        const std::size_t header = std::min<std::size_t>(whole.size(), 400);
        for (std::size_t round = 0; round < 3'000; ++round) {
            std::string bent = whole;
            for (std::size_t change = 0; change <= round % 4; ++change) {
                bent[random() % header] = static_cast<char>(random());
            }
            const Result<PictureSize> read = size(bent);
            if (read) {
                EXPECT_TRUE(read->width > 0 && read->height > 0 && read->width <= kMaxImageSide &&
                            read->height <= kMaxImageSide);
            }
        }
    }
    for (std::size_t at = 16; at < 29; ++at) {
        std::string bent = png();
        bent[at] = static_cast<char>(bent[at] ^ 1);
        EXPECT_FALSE(size(bent)) << at;
    }
}

TEST_F(Frame, AJpegThatNeverComesToItsSizeEnds) {
    std::string endless = bytes({0xff, 0xd8});
    for (int i = 0; i < 40'000; ++i) {
        endless += bytes({0xff, 0xe1, 0, 60}) + std::string(58, 'x');
    }
    endless += jpeg().substr(2);
    ASSERT_GT(endless.size(), kMaxJpegHeaderBytes);
    EXPECT_FALSE(size(endless));
}

TEST_F(Frame, ShapesAreKept) {
    const FrameShape shape{"PNG", 64, 36, false};
    const Result<FrameShape> read = frame_shape_from_json(frame_shape_json(shape));
    ASSERT_TRUE(read);
    EXPECT_EQ(*read, shape);
    for (const char* bad : {"", "[]", "{}", R"({"format":"PNG","width":-1,"height":1,"plain":true})",
                            R"({"format":"PNG","width":1,"height":99999999,"plain":true})"}) {
        EXPECT_FALSE(frame_shape_from_json(bad)) << bad;
    }
}

}  // namespace
}  // namespace sublet::jobs
