// preflight_test.cpp: what a scene's check lets travel, and which folders no container may have over its own.
#include <gtest/gtest.h>

#include <unistd.h>

#include <fstream>

#include "cli/preflight.hpp"
#include "cli/preflight_container.hpp"

namespace sublet::cli {
namespace {

namespace fs = std::filesystem;

TEST(PreflightFolders, DoNotHideTheContainersOwn) {
    struct Row {
        const char* folder;
        bool seen;
    };
    for (const Row& row : {Row{"/", false}, Row{"/usr", false}, Row{"/usr/share/scenes", false}, Row{"/etc", false},
                           Row{"/dev/shm", false}, Row{"/task", false}, Row{"/task/in", false}, Row{"/tmp", true},
                           Row{"/home/a", true}, Row{"/usrs", true}, Row{"/tasks/in", true}}) {
        const Result<> seen = check_seen(row.folder);
        EXPECT_EQ(seen.has_value(), row.seen) << row.folder;
        EXPECT_TRUE(seen || seen.error().code == Code::kUnsupported) << row.folder;
    }
}

class PlacedScene : public testing::Test {
protected:
    PlacedScene() : check_(folder_ / "scratch") {
        fs::create_directories(folder_ / "scratch/out/scene/beside/1");
        std::ofstream{scene_} << "plain";
    }
    ~PlacedScene() override { fs::remove_all(folder_); }
    static std::string text_of(const fs::path& file) {
        std::ifstream in{file};
        return {std::istreambuf_iterator<char>{in}, {}};
    }
    Result<> place() { return place_scene(check_, scene_, placed_); }

    fs::path folder_ = fs::temp_directory_path() / ("sublet-placed-" + std::to_string(::getpid()));
    std::string scene_ = (folder_ / "a.blend").string();
    fs::path placed_ = folder_ / "input/scene";
    SceneCheck check_;
};

TEST_F(PlacedScene, IsItselfWhereNothingWasPacked) {
    ASSERT_TRUE(place());
    EXPECT_EQ(text_of(placed_ / "a.blend"), "plain");
    check_.found = jobs::Preflight{};
    EXPECT_TRUE(check_.copy().empty());
}

TEST_F(PlacedScene, IsTheCopyWithWhatLiesBesideIt) {
    check_.found = jobs::Preflight{.facts = {}, .findings = {}, .left_out = 0, .packed = true};
    std::ofstream{check_.copy() / "a.blend"} << "packed";
    std::ofstream{check_.copy() / "beside/1/film.png"} << "film";
    ASSERT_TRUE(place());
    EXPECT_EQ(text_of(placed_ / "a.blend"), "packed");
    EXPECT_EQ(text_of(placed_ / "beside/1/film.png"), "film");
}

TEST_F(PlacedScene, IsNoLinkToAFileOfThisMachine) {
    check_.found = jobs::Preflight{.facts = {}, .findings = {}, .left_out = 0, .packed = true};
    EXPECT_EQ(place().error().code, Code::kUnsupported) << "no copy at all";
    std::ofstream{folder_ / "secret"} << "secret";
    fs::create_symlink(folder_ / "secret", check_.copy() / "a.blend");
    fs::remove_all(placed_);
    EXPECT_EQ(place().error().code, Code::kUnsupported);
    EXPECT_TRUE(fs::is_symlink(placed_ / "a.blend")) << "it was not followed";
}

TEST_F(PlacedScene, ScratchGoesWithTheCheck) {
    {
        SceneCheck first{folder_ / "scratch"};
        const SceneCheck second{std::move(first)};
        EXPECT_TRUE(fs::exists(folder_ / "scratch"));
        EXPECT_TRUE(second.good());
    }
    EXPECT_FALSE(fs::exists(folder_ / "scratch"));
}

}  // namespace
}  // namespace sublet::cli
