// video_test.cpp: rates and names of videos, which frames of a job become one.
#include "cli/video.hpp"

#include <gtest/gtest.h>

#include "jobs/test_folder.hpp"

namespace sublet::cli {
namespace {

TEST(Video, RatesAreThousandths) {
    struct Row {
        const char* text;
        std::uint64_t milli;  // 0: refused
    };
    const Row rows[] = {{"24", 24'000},  {"23.976", 23'976},
                        {"0.5", 500},    {"1000", 1'000'000},
                        {"12.", 0},      {"", 0},
                        {"0", 0},        {"0.000", 0},
                        {"1000.001", 0}, {"-24", 0},
                        {"24fps", 0},    {"1e3", 0},
                        {"23.9761", 0},  {"99999999999999999999", 0}};
    for (const Row& row : rows) {
        const Result<std::uint64_t> read = parse_fps(row.text);
        EXPECT_EQ(read.value_or(0), row.milli) << row.text;
        EXPECT_EQ(read ? Code::kUsage : read.error().code, Code::kUsage) << row.text;
    }
}

TEST(Video, NamesWithoutAFolderAreBesideTheFrames) {
    EXPECT_EQ(*video_file("a.mp4", "/out"), "/out/a.mp4");
    EXPECT_EQ(*video_file("/there/a.mkv", "/out"), "/there/a.mkv");
    EXPECT_EQ(*video_file("./a.mov", "/out"), std::filesystem::current_path() / "a.mov");
    for (const char* other : {"scene.blend", "a", ".mp4", "", "a.mp4/", "a.MP4"}) {
        EXPECT_FALSE(video_file(other, "/out")) << other;
    }
}

TEST(Video, FormatsThatBecomeNone) {
    for (const char* format : {"PNG", "JPEG", "OPEN_EXR", ""}) {
        EXPECT_TRUE(check_video_format(format)) << format;
    }
    for (const char* format : {"OPEN_EXR_MULTILAYER", "TIFF", "FFMPEG"}) {
        EXPECT_FALSE(check_video_format(format)) << format;
    }
}

class VideoFrames : public testing::Test {
protected:
    void SetUp() override {
        jobs::Package package;
        package.kind = "blender";
        package.image = "i";
        package.command = {"c"};
        package.salt = Bytes(jobs::kSaltBytes, 's');
        package.first = 10;
        package.step = -2;
        package.tasks = 3;
        job_.id = JobId{7};
        job_.package = *jobs::to_json(package);
        job_.folder = folder_.at("job");
        job_.out = folder_.at("out");
        job_.frames = jobs::FrameShape{"PNG", 8, 8, true};
        std::filesystem::create_directories(job_.folder);
    }
    void fetch(std::uint32_t task, const char* file, bool apart = false) {
        jobs::put(job_.out / file, "pixels");
        ASSERT_TRUE(note_fetched(job_, task, {1, apart}));
    }
    jobs::TestFolder folder_;
    SavedJob job_;
};

TEST_F(VideoFrames, AreInTheOrderOfTheSceneWhereverTheyLie) {
    fetch(0, "0010.png");
    fetch(1, "task-1/0008.png", true);
    fetch(2, "0006.png");
    const auto found = frames_of(job_);
    ASSERT_TRUE(found) << found.error().message;
    EXPECT_EQ(*found, (std::vector<std::filesystem::path>{job_.out / "0006.png", job_.out / "task-1/0008.png",
                                                          job_.out / "0010.png"}));
}

TEST_F(VideoFrames, AreAllThereOrNone) {
    fetch(0, "0010.png");
    fetch(2, "0006.png");
    const auto found = frames_of(job_);
    ASSERT_FALSE(found);
    EXPECT_EQ(found.error().code, Code::kNotFound);
    EXPECT_NE(found.error().message.find("2 of 3 frames"), std::string::npos) << found.error().message;
    fetch(1, "0008.png");
    EXPECT_TRUE(frames_of(job_));
    std::filesystem::remove(job_.out / "0008.png");
    EXPECT_FALSE(frames_of(job_));
}

TEST_F(VideoFrames, OfAFormatThatNobodyLookedAtAreFound) {
    job_.frames->format.clear();
    fetch(0, "0010.jpg");
    fetch(1, "0008.jpg");
    fetch(2, "0006.jpg");
    EXPECT_TRUE(frames_of(job_));
}

TEST_F(VideoFrames, OfOtherJobsAreNone) {
    job_.frames.reset();
    EXPECT_EQ(frames_of(job_).error().code, Code::kUsage);
}

}  // namespace
}  // namespace sublet::cli
