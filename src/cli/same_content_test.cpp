// same_content_test.cpp: an input is found again for its owner, on its network, and for nobody else.
#include "cli/same_content.hpp"

#include <gtest/gtest.h>
#include <unistd.h>

#include <fstream>

#include "crypto/sha256.hpp"

namespace sublet::cli {
namespace {

namespace fs = std::filesystem;

class SameContentTest : public testing::Test {
protected:
    SameContentTest() : home_(fs::temp_directory_path() / ("sublet-same-content-" + std::to_string(::getpid()))) {
        fs::remove_all(home_);
        globals_.home = home_.string();
        name_.owner.bytes.fill(1);
        name_.input = {swarm::kMinSwarmBytes, crypto::sha256("plain")};
        swarm::TorrentMaker maker = *swarm::TorrentMaker::begin(name_.input.bytes);
        maker.update(Bytes(name_.input.bytes, 'x'));
        swarm_.torrent = *maker.finish();
        swarm_.key = crypto::sha256("key");
    }
    ~SameContentTest() override { fs::remove_all(home_); }
    SavedJob job(const std::string& folder, const std::string& chain_id = "net") const {
        SavedJob out;
        out.chain_id = chain_id;
        out.folder = home_ / "jobs" / folder;
        fs::create_directories(out.folder);
        return out;
    }

    fs::path home_;
    Globals globals_;
    ContentName name_;
    agent::SwarmInput swarm_;
};

TEST_F(SameContentTest, OfTheSameOwnerAndNetworkAlone) {
    Context context{globals_};
    const SavedJob first = job("net-1");
    ASSERT_TRUE(note_content(context, first, name_, swarm_).has_value());
    const std::optional<SameContent> found = find_content(context, job("net-2"), name_);
    ASSERT_TRUE(found.has_value());
    EXPECT_EQ(agent::identity_of(found->swarm), agent::identity_of(swarm_));
    EXPECT_FALSE(find_content(context, first, name_).has_value()) << "a job is not its own earlier one";
    EXPECT_FALSE(find_content(context, job("other-3", "other"), name_).has_value());
    ContentName changed = name_;
    changed.owner.bytes.fill(2);
    EXPECT_FALSE(find_content(context, job("net-2"), changed).has_value());
    changed = name_;
    changed.input.sha256 = crypto::sha256("another");
    EXPECT_FALSE(find_content(context, job("net-2"), changed).has_value());
}

// What was damaged is as if it were not there.
TEST_F(SameContentTest, WhatCannotBeReadIsNotFound) {
    Context context{globals_};
    ASSERT_TRUE(note_content(context, job("net-1"), name_, swarm_).has_value());
    for (const fs::directory_entry& each : fs::directory_iterator{home_ / "jobs" / "net-1"}) {
        fs::resize_file(each.path(), 100);
    }
    EXPECT_FALSE(find_content(context, job("net-2"), name_).has_value());
    ASSERT_TRUE(note_content(context, job("net-3"), name_, swarm_).has_value());
    EXPECT_TRUE(find_content(context, job("net-2"), name_).has_value());
}

// Of two the one whose encrypted file is still there: it need not be made again.
TEST_F(SameContentTest, OneWhoseFileIsThereComesFirst) {
    Context context{globals_};
    for (const char* each : {"net-1", "net-2", "net-3"}) {
        ASSERT_TRUE(note_content(context, job(each), name_, swarm_).has_value());
    }
    fs::create_directories(home_ / "jobs" / "net-2" / "swarm");
    std::ofstream{home_ / "jobs" / "net-2" / "swarm" / swarm::kContentName} << "encrypted";
    EXPECT_EQ(find_content(context, job("net-4"), name_)->encrypted.parent_path().parent_path().filename(), "net-2");
}

}  // namespace
}  // namespace sublet::cli
