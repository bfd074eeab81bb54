// state_test.cpp: what survives a restart, what is forgotten, what damage says.
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include <sys/stat.h>
#include <unistd.h>

#include "agent/state.hpp"

namespace sublet::agent {
namespace {

class StateTest : public testing::Test {
protected:
    StateTest() {
        folder_ = std::filesystem::temp_directory_path() / ("sublet-state-" + std::to_string(::getpid()));
        std::filesystem::remove_all(folder_);
        std::filesystem::create_directories(folder_);
        file_ = folder_ / "agent.db";
    }
    ~StateTest() override { std::filesystem::remove_all(folder_); }
    std::filesystem::path folder_;
    std::filesystem::path file_;
};

TEST_F(StateTest, SurvivesARestart) {
    const Bytes nonce(32, '\0');
    {
        auto state = *State::open(file_);
        ASSERT_TRUE(state->put_manifest({LeaseId{5}, "{\"a\":1}", nonce}, 10));
        ASSERT_TRUE(state->put_ports(LeaseId{5}, {{"web", 0, 80, false, 30'000}, {"web", 0, 53, true, 30'001}}));
        ASSERT_TRUE(state->add_event(LeaseId{5}, {0, 11, "start", "x"}));
        ASSERT_TRUE(state->set_setting("k", "v"));
        ASSERT_TRUE(state->set_setting("k", "w"));
    }
    struct stat info{};
    ASSERT_EQ(::stat(file_.c_str(), &info), 0);
    EXPECT_EQ(info.st_mode & 0777U, 0600U);
    auto state = *State::open(file_);
    const auto manifests = *state->manifests();
    ASSERT_EQ(manifests.size(), 1U);
    EXPECT_EQ(manifests[0].json, "{\"a\":1}");
    EXPECT_EQ(manifests[0].nonce, nonce);
    const auto ports = *state->ports(LeaseId{5});
    ASSERT_EQ(ports.size(), 2U);
    EXPECT_EQ(ports[0].container_port, 53U);
    EXPECT_TRUE(ports[0].udp);
    EXPECT_EQ(ports[1].host_port, 30'000U);
    EXPECT_EQ(state->events(LeaseId{5}, 0)->size(), 1U);
    EXPECT_EQ(**state->setting("k"), "w");
    EXPECT_FALSE(*state->setting("none"));
    ASSERT_TRUE(state->forget(LeaseId{5}, 20));
    ASSERT_TRUE(state->forget(LeaseId{5}, 21));
    EXPECT_TRUE(state->manifests()->empty());
    EXPECT_TRUE(state->ports(LeaseId{5})->empty());
    EXPECT_EQ(state->events(LeaseId{5}, 0)->size(), 1U) << "kept for its tenant";
}

TEST_F(StateTest, EventsAreBounded) {
    auto state = *State::open(file_);
    for (std::size_t i = 0; i < kMaxEventsPerLease + 20; ++i) {
        ASSERT_TRUE(state->add_event(LeaseId{1}, {0, i, "crash", std::string(2'000, 'x')}));
    }
    ASSERT_TRUE(state->add_event(LeaseId{2}, {0, 1, "start", "other"}));
    const auto events = *state->events(LeaseId{1}, 0);
    EXPECT_EQ(events.size(), kMaxEventsPerLease);
    EXPECT_EQ(events.back().unix_ms, kMaxEventsPerLease + 19);
    EXPECT_LE(events.back().text.size(), kMaxEventText + 3);
    EXPECT_EQ(state->events(LeaseId{1}, events.back().sequence - 1)->size(), 1U);
}

TEST_F(StateTest, DamageIsSaid) {
    std::ofstream{file_} << std::string(8'192, 'x');
    const auto opened = State::open(file_);
    ASSERT_FALSE(opened);
    EXPECT_EQ(opened.error().code, Code::kStoreDamaged);
    EXPECT_NE(opened.error().message.find(file_.string()), std::string::npos);
}

}  // namespace
}  // namespace sublet::agent
