// job_store_test.cpp: packages, inputs in pieces and results on a real disk, and what a restart finds of them.
#include <gtest/gtest.h>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <fstream>

#include "agent/job_files.hpp"
#include "agent/job_store.hpp"
#include "crypto/sha256.hpp"
#include "jobs/archive.hpp"

namespace sublet::agent {
namespace {

namespace fs = std::filesystem;

constexpr JobId kJob{7};

class JobStoreTest : public testing::Test {
protected:
    void SetUp() override {
        folder_ = fs::temp_directory_path() / ("sublet-jobs-" + std::to_string(::getpid()));
        fs::remove_all(folder_);
        fs::create_directories(folder_ / "source");
        std::ofstream{folder_ / "source" / "a.txt"} << "an input";
        packed_ = *jobs::pack(folder_ / "source", folder_ / "input.tar", {.max_bytes = 1'000});
        std::ifstream in{folder_ / "input.tar", std::ios::binary};
        input_.assign(std::istreambuf_iterator<char>{in}, {});
        creator_.bytes.fill(3);
    }
    void TearDown() override { fs::remove_all(folder_); }

    Bytes package(std::uint64_t output_max = 1'000, std::uint64_t input_bytes = 0) const {
        jobs::Package out;
        out.image = "i";
        out.command = {"true"};
        out.output_max_bytes = output_max;
        out.input = jobs::Input{input_bytes == 0 ? packed_.bytes : input_bytes, packed_.sha256};
        out.salt = Bytes(32, 's');
        return *jobs::to_json(out);
    }
    // What the worker does once the last piece is here.
    static Result<> settle(JobStore& store) {
        const std::optional<WholeInput> whole = store.whole_input(kJob);
        return whole ? store.settle(kJob, unpack(*whole)) : fail(Code::kNotFound, "it is not whole");
    }
    static Result<Outcome> finish(JobStore& store, const AttemptId& id) {
        TRY(left, store.left_result(id));
        TRY(packed, jobs::pack(left.folder, left.archive, left.limits));
        return store.finish(id, packed, Bytes(32, 'n'));
    }
    JobStore open() const { return std::move(*JobStore::open(folder_ / "store")); }

    fs::path folder_;
    jobs::Packed packed_;
    Bytes input_;
    crypto::Address creator_;
};

TEST_F(JobStoreTest, AnInputComesInPiecesAndGoesOnAfterARestart) {
    {
        JobStore store = open();
        ASSERT_TRUE(store.put_package(kJob, creator_, package()).has_value());
        ASSERT_TRUE(store.put_package(kJob, creator_, package()).has_value());  // the same again
        EXPECT_EQ(store.put_package(kJob, creator_, package(5)).error().code, Code::kConflict);
        EXPECT_FALSE(store.find(kJob)->complete);
        ASSERT_TRUE(store.append_input(kJob, 0, BytesView{input_}.substr(0, 100)).has_value());
        const Result<> gap = store.append_input(kJob, 200, "x");
        ASSERT_FALSE(gap.has_value());
        EXPECT_EQ(gap.error().code, Code::kConflict);
        EXPECT_TRUE(gap.error().message.starts_with("100 bytes"));
        EXPECT_EQ(store.append_input(kJob, 100, Bytes(input_.size(), 'x')).error().code, Code::kTooLarge);
    }
    JobStore store = open();
    EXPECT_EQ(store.input_bytes(kJob), 100U);
    EXPECT_EQ(store.find(kJob)->creator, creator_);
    EXPECT_FALSE(store.whole_input(kJob).has_value());
    ASSERT_TRUE(store.append_input(kJob, 100, BytesView{input_}.substr(100)).has_value());
    EXPECT_FALSE(store.find(kJob)->complete);
    EXPECT_TRUE(open().whole_input(kJob).has_value()) << "a restart before it was unpacked";
    ASSERT_TRUE(settle(store));
    EXPECT_TRUE(store.find(kJob)->complete);
    EXPECT_EQ(store.input_bytes(kJob), input_.size());
    EXPECT_TRUE(fs::exists(store.input_folder(kJob) / "a.txt"));
    EXPECT_EQ(store.append_input(kJob, input_.size(), "").error().code, Code::kConflict);
    EXPECT_TRUE(open().find(kJob)->complete);
}

TEST_F(JobStoreTest, AnotherInputThanThePackagesIsThrownAway) {
    JobStore store = open();
    ASSERT_TRUE(store.put_package(kJob, creator_, package()).has_value());
    Bytes bent = input_;
    bent[600] = static_cast<char>(bent[600] ^ 1);
    ASSERT_TRUE(store.append_input(kJob, 0, bent).has_value());
    EXPECT_EQ(settle(store).error().code, Code::kBadField);
    EXPECT_EQ(store.input_bytes(kJob), 0U);
    EXPECT_FALSE(fs::exists(store.input_folder(kJob)));
    EXPECT_TRUE(store.append_input(kJob, 0, input_).has_value());
    EXPECT_TRUE(settle(store));
    EXPECT_TRUE(store.find(kJob)->complete);
}

// What it costs to check and unpack a whole input is paid for with its bytes, each time.
TEST_F(JobStoreTest, AnInputThatCannotBeUnpackedComesAgainFromItsStart) {
    input_ = Bytes(2'000, 'x');
    packed_ = {.bytes = input_.size(), .sha256 = crypto::sha256(input_)};
    JobStore store = open();
    ASSERT_TRUE(store.put_package(kJob, creator_, package()).has_value());
    ASSERT_TRUE(store.append_input(kJob, 0, BytesView{input_}.substr(0, 100)).has_value());
    EXPECT_EQ(store.append_input(kJob, 100, "").error().code, Code::kBadField);
    EXPECT_TRUE(store.append_input(kJob, 100, BytesView{input_}.substr(100)).has_value());
    EXPECT_FALSE(settle(store));
    EXPECT_EQ(store.input_bytes(kJob), 0U);
    EXPECT_FALSE(fs::exists(folder_ / "store" / "7" / "input.tar"));
    EXPECT_FALSE(fs::exists(folder_ / "store" / "7" / "unpacking"));
    EXPECT_EQ(store.append_input(kJob, input_.size(), "").error().code, Code::kConflict);
    EXPECT_FALSE(store.find(kJob)->complete);
}

TEST_F(JobStoreTest, AnInputThatIsHereTwiceIsKeptOnce) {
    JobStore store = open();
    ASSERT_TRUE(store.put_package(kJob, creator_, package()).has_value());
    ASSERT_TRUE(store.append_input(kJob, 0, input_).has_value());
    store.hold(kJob);
    EXPECT_EQ(store.take_input(kJob, folder_ / "input.tar").error().code, Code::kConflict) << "while it is unpacked";
    ASSERT_TRUE(settle(store));
    store.release(kJob);
    ASSERT_TRUE(store.take_input(kJob, folder_ / "input.tar").has_value());  // as a swarm's that ends later
    EXPECT_TRUE(store.find(kJob)->complete);
    EXPECT_FALSE(fs::exists(folder_ / "store" / "7" / "input.tar"));
}

// Nobody's second package gets between another thread and the folder in which it works.
TEST_F(JobStoreTest, WhatIsDroppedWhileItIsWorkedOnGoesAfterwards) {
    JobStore store = open();
    ASSERT_TRUE(store.put_package(kJob, creator_, package()).has_value());
    ASSERT_TRUE(store.append_input(kJob, 0, input_).has_value());
    const std::optional<WholeInput> whole = store.whole_input(kJob);
    ASSERT_TRUE(whole.has_value());
    store.hold(kJob);
    ASSERT_TRUE(store.drop(kJob).has_value());
    fs::create_directories(whole->folder / "unpacking");  // by the thread, which knows of nothing
    EXPECT_EQ(store.put_package(kJob, creator_, package()).error().code, Code::kRefused);
    EXPECT_EQ(store.settle(kJob, {}).error().code, Code::kNotFound);
    store.release(kJob);
    EXPECT_FALSE(fs::exists(whole->folder));
    EXPECT_TRUE(store.put_package(kJob, creator_, package()).has_value());
}

// A program may nest folders as deep as it likes before anybody looks.
TEST_F(JobStoreTest, FoldersWithinFoldersWithoutEndAreTooMuchAndCanBeRemoved) {
    constexpr int kDeep = 30'000;
    const fs::path top = folder_ / "deep";
    fs::create_directories(top);
    int at = ::open(top.c_str(), O_RDONLY | O_DIRECTORY);
    for (int depth = 0; depth < kDeep && at >= 0; ++depth) {
        ASSERT_EQ(::mkdirat(at, "d", 0700), 0);
        const int next = ::openat(at, "d", O_RDONLY | O_DIRECTORY);
        ::close(at);
        at = next;
    }
    ::close(::openat(at, "file", O_CREAT | O_WRONLY | O_CLOEXEC, 0600));
    ::close(at);
    EXPECT_GT(bytes_below(top, 1U << 30U), 1U << 30U);
    EXPECT_EQ(entries_below(top, 1'000'000), 1'000'001U);
    ASSERT_TRUE(remove_tree(top));
    EXPECT_FALSE(fs::exists(top));
}

// Inputs that are still to come have their room, though nothing of them is on the disk yet.
TEST_F(JobStoreTest, RoomIsPromisedOnce) {
    const std::uint64_t free = fs::space(folder_).available;
    const std::uint64_t bytes = std::min(kMaxJobInputBytes, (free - kDiskKeptFree) / 3);
    JobStore store = open();
    std::uint64_t kept = 0;
    while (kept < 10 && store.put_package(JobId{kept + 1}, creator_, package(1'000, bytes))) {
        ++kept;
    }
    EXPECT_GE(kept, 1U);
    EXPECT_LE(kept * 2 * bytes, free);
    EXPECT_EQ(store.put_package(JobId{20}, creator_, package(1'000, free / 2)).error().code,
              free / 2 > kMaxJobInputBytes ? Code::kTooLarge : Code::kRefused);
    jobs::Package without;
    without.image = "i";
    without.command = {"true"};
    without.output_max_bytes = 1'000;
    without.salt = Bytes(32, 's');
    EXPECT_TRUE(store.put_package(JobId{30}, creator_, *jobs::to_json(without)).has_value());
}

TEST_F(JobStoreTest, ResultsAreThereAfterARestartAndGoWithTheJob) {
    const AttemptId id{kJob, 3, 1};
    {
        JobStore store = open();
        ASSERT_TRUE(store.put_package(kJob, creator_, package()).has_value());
        ASSERT_TRUE(store.append_input(kJob, 0, input_).has_value());
        ASSERT_TRUE(settle(store));
        ASSERT_TRUE(store.begin(id).has_value());
        EXPECT_FALSE(store.outcome(id)->has_value());
        std::ofstream{store.out_folder(id) / "r.txt"} << "a result";
        ASSERT_TRUE(finish(store, id).has_value());
        ASSERT_TRUE(store.put_log(id, Bytes(kMaxTaskLogBytes, 'a') + "end").has_value());
    }
    JobStore store = open();
    const std::optional<Outcome> outcome = *store.outcome(id);
    ASSERT_TRUE(outcome.has_value());
    EXPECT_EQ(outcome->nonce, Bytes(32, 'n'));
    Bytes whole;
    for (Bytes piece = *store.result(id, 0, 100); !piece.empty(); piece = *store.result(id, whole.size(), 100)) {
        whole += piece;
    }
    EXPECT_EQ(crypto::sha256(whole), outcome->digest);
    EXPECT_EQ(whole.size(), outcome->bytes);
    EXPECT_EQ(store.log(id)->size(), kMaxTaskLogBytes);
    EXPECT_TRUE(store.log(id)->ends_with("end"));
    EXPECT_EQ(store.result({kJob, 3, 2}, 0, 100).error().code, Code::kNotFound);
    ASSERT_TRUE(store.drop(kJob).has_value());
    EXPECT_EQ(store.find(kJob), nullptr);
    EXPECT_EQ(store.result(id, 0, 100).error().code, Code::kNotFound);
    EXPECT_TRUE(open().ids().empty());
}

TEST_F(JobStoreTest, AResultHasItsLimitAndNoLinks) {
    const AttemptId id{kJob, 0, 1};
    JobStore store = open();
    ASSERT_TRUE(store.put_package(kJob, creator_, package(8)).has_value());
    ASSERT_TRUE(store.begin(id).has_value());
    std::ofstream{store.out_folder(id) / "r"} << "123456789";
    EXPECT_EQ(finish(store, id).error().code, Code::kTooLarge);
    EXPECT_FALSE(store.outcome(id)->has_value());
    ASSERT_TRUE(store.begin(id).has_value());
    fs::create_symlink("/etc/passwd", store.out_folder(id) / "r");
    EXPECT_EQ(finish(store, id).error().code, Code::kUnsupported);
}

TEST_F(JobStoreTest, AFolderThatCannotBeReadIsRemoved) {
    {
        JobStore store = open();
        ASSERT_TRUE(store.put_package(kJob, creator_, package()).has_value());
    }
    std::ofstream{folder_ / "store" / "7" / "package.json"} << "{";
    EXPECT_TRUE(open().ids().empty());
    EXPECT_FALSE(fs::exists(folder_ / "store" / "7"));
}

TEST_F(JobStoreTest, InputsHaveTheirLimits) {
    JobStore store = open();
    EXPECT_EQ(store.put_package(kJob, creator_, package(1'000, kMaxJobInputBytes + 1)).error().code, Code::kTooLarge);
    EXPECT_FALSE(fs::exists(folder_ / "store" / "7"));
    // Four of the largest are what all may come to; a small disk has no room for as many.
    Result<> kept;
    std::uint64_t id = 0;
    while (kept && id < 10) {
        kept = store.put_package(JobId{++id}, creator_, package(1'000, kMaxJobInputBytes));
    }
    EXPECT_LE(id, kMaxKeptInputBytes / kMaxJobInputBytes + 1);
    ASSERT_FALSE(kept.has_value());
    EXPECT_EQ(kept.error().code, Code::kRefused);
    EXPECT_EQ(store.ids().size(), id - 1);
}

// What the program in a session may put where the agent looks.
TEST_F(JobStoreTest, LinksAndPipesOfAStrangerAreNotFollowed) {
    const AttemptId id{kJob, 0, 1};
    JobStore store = open();
    ASSERT_TRUE(store.put_package(kJob, creator_, package()).has_value());
    const fs::path out = *store.new_session(kJob, 1) / "out";
    fs::create_symlink(folder_ / "source", out / "0");
    EXPECT_EQ(store.take_over(id, out / "0").error().code, Code::kUnsupported);
    EXPECT_TRUE(fs::exists(folder_ / "source" / "a.txt"));
    EXPECT_FALSE(fs::exists(store.out_folder(id)));
    std::ofstream{out / "0"} << "a file";
    EXPECT_EQ(store.take_over(id, out / "0").error().code, Code::kUnsupported);
    fs::create_symlink("/nowhere", out / "0");
    EXPECT_EQ(store.take_over(id, out / "0").error().code, Code::kUnsupported);
    fs::create_directory(out / "0");
    EXPECT_TRUE(store.take_over(id, out / "0").has_value());
    EXPECT_TRUE(store.take_over(id, out / "0").has_value());  // it left nothing

    std::ofstream{out / "log"} << "0123456789";
    EXPECT_EQ(left_file(out / "log", 4), "6789");
    EXPECT_EQ(left_file(out / "log", 40), "0123456789");
    fs::create_symlink(out / "log", out / "link");
    ASSERT_EQ(::mkfifo((out / "pipe").c_str(), 0600), 0);
    EXPECT_FALSE(left_file(out / "link", 40).has_value());
    EXPECT_FALSE(left_file(out / "pipe", 40).has_value());  // and does not wait for a writer
    EXPECT_FALSE(left_file(out, 40).has_value());
    EXPECT_FALSE(left_file(out / "none", 40).has_value());
}

TEST_F(JobStoreTest, WhatIsBelowAFolderIsMeasured) {
    EXPECT_EQ(bytes_below(folder_ / "nowhere", 10), 0U);
    std::ofstream{folder_ / "source" / "b"} << std::string(100'000, 'x');
    fs::create_symlink("/", folder_ / "source" / "everything");
    const std::uint64_t bytes = bytes_below(folder_ / "source", 1'000'000);
    EXPECT_GE(bytes, 100'000U);
    EXPECT_LT(bytes, 200'000U);
    EXPECT_EQ(bytes_below(folder_ / "source", 50'000), 50'001U);
    EXPECT_EQ(entries_below(folder_ / "nowhere", 10), 0U);
    const std::uint64_t entries = entries_below(folder_ / "source", 1'000);
    EXPECT_GT(entries, 1U);
    EXPECT_EQ(entries_below(folder_ / "source", entries), entries);
    EXPECT_EQ(entries_below(folder_ / "source", entries - 1), entries);
}

TEST_F(JobStoreTest, SoManyJobsAndNoMore) {
    JobStore store = open();
    for (std::uint64_t id = 1; id <= kMaxJobsKept; ++id) {
        ASSERT_TRUE(store.put_package(JobId{id}, creator_, package()).has_value());
    }
    EXPECT_EQ(store.put_package(JobId{1'000}, creator_, package()).error().code, Code::kRefused);
}

}  // namespace
}  // namespace sublet::agent
