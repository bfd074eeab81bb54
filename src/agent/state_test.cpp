// state_test.cpp: what survives a restart, what is forgotten, what damage says.
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <random>

#include <sys/stat.h>
#include <unistd.h>

#include "agent/state.hpp"
#include "base/test_no_room.hpp"

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

TEST_F(StateTest, AFullDiskIsNoDamageAndLosesNothing) {
    const Bytes nonce(32, '\0');
    auto state = *State::open(file_);
    ASSERT_TRUE(state->put_manifest({LeaseId{5}, "{}", nonce}, 10));
    {
        const NoRoom full;
        for (int i = 0; i < 2; ++i) {  // the second try must not meet what the first left behind
            const Result<> forgotten = state->forget(LeaseId{5}, 20);
            ASSERT_FALSE(forgotten);
            EXPECT_EQ(forgotten.error().code, Code::kIo) << forgotten.error().message;
            const Result<> put = state->put_manifest({LeaseId{6}, "{}", nonce}, 11);
            ASSERT_FALSE(put);
            EXPECT_EQ(put.error().code, Code::kIo) << put.error().message;
            ASSERT_FALSE(state->add_event(LeaseId{5}, {0, 11, "start", "x"}));
        }
        EXPECT_EQ(state->manifests()->size(), 1U);
    }
    EXPECT_TRUE(state->put_manifest({LeaseId{6}, "{}", nonce}, 12));
    EXPECT_EQ(state->manifests()->size(), 2U);
    EXPECT_TRUE(state->forget(LeaseId{5}, 21));
    EXPECT_EQ(state->manifests()->size(), 1U);
}

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

// Cut or flipped at many places: refused with a sentence that names the file and says what to do, or what it gives back
// is what was put in, or else does not fit the deployment's commitment, which the agent compares (agent_test.cpp).
TEST_F(StateTest, DamageIsRefusedOrGivesNoOtherManifest) {
    const Bytes nonce(32, '\1');
    const Bytes json = "{\"image\":\"" + Bytes(20'000, 'a') + "\"}";
    {
        auto state = *State::open(file_);
        for (std::uint64_t id = 1; id <= 5; ++id) {
            ASSERT_TRUE(state->put_manifest({LeaseId{id}, json, nonce}, 10));
            ASSERT_TRUE(state->add_event(LeaseId{id}, {0, 11, "start", "x"}));
        }
    }
    const std::filesystem::path good = folder_ / "good";
    std::filesystem::rename(file_, good);
    const auto size = static_cast<std::size_t>(std::filesystem::file_size(good));
    std::mt19937 random{20'261'124};
    unsigned refused = 0;
    for (unsigned round = 0; round < 200; ++round) {
        for (const char* with : {"", "-wal", "-shm"}) {
            std::filesystem::remove(file_.string() + with);
        }
        std::filesystem::copy_file(good, file_);
        const std::size_t at = round < 60 ? round : random() % size;  // the header, then anywhere
        const std::string what = (round % 4 == 3 ? "cut at " : "flipped at ") + std::to_string(at);
        if (round % 4 == 3) {
            std::filesystem::resize_file(file_, at);
        } else {
            std::fstream file{file_, std::ios::in | std::ios::out | std::ios::binary};
            file.seekg(static_cast<std::streamoff>(at));
            const int byte = file.get();
            file.seekp(static_cast<std::streamoff>(at));
            file.put(static_cast<char>(byte ^ 0x11));
        }
        auto state = State::open(file_);
        auto manifests =
            state ? (*state)->manifests() : Result<std::vector<StoredManifest>>{std::vector<StoredManifest>{}};
        const Error* const error = !state ? &state.error() : !manifests ? &manifests.error() : nullptr;
        if (error != nullptr) {
            refused += 1;
            EXPECT_NE(error->message.find(file_.string()), std::string::npos) << what << ": " << error->message;
            EXPECT_TRUE(error->code == Code::kStoreDamaged || error->code == Code::kIo) << what << error->message;
            continue;
        }
        const bool empty = at == 0 && round % 4 == 3;  // SQLite makes a new database of an empty file
        EXPECT_TRUE(empty || manifests->size() == 5) << what << ": " << manifests->size() << " manifests";
    }
    EXPECT_GE(refused, 50U);
}

}  // namespace
}  // namespace sublet::agent
