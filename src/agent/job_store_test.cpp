// job_store_test.cpp: packages, inputs in pieces and results on a real disk, and what a restart finds of them.
#include <gtest/gtest.h>

#include <unistd.h>

#include <fstream>

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
    ASSERT_TRUE(store.append_input(kJob, 100, BytesView{input_}.substr(100)).has_value());
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
    EXPECT_EQ(store.append_input(kJob, 0, bent).error().code, Code::kBadField);
    EXPECT_EQ(store.input_bytes(kJob), 0U);
    EXPECT_FALSE(fs::exists(store.input_folder(kJob)));
    EXPECT_TRUE(store.append_input(kJob, 0, input_).has_value());
    EXPECT_TRUE(store.find(kJob)->complete);
}

TEST_F(JobStoreTest, ResultsAreThereAfterARestartAndGoWithTheJob) {
    const AttemptId id{kJob, 3, 1};
    {
        JobStore store = open();
        ASSERT_TRUE(store.put_package(kJob, creator_, package()).has_value());
        ASSERT_TRUE(store.append_input(kJob, 0, input_).has_value());
        ASSERT_TRUE(store.begin(id).has_value());
        EXPECT_FALSE(store.outcome(id)->has_value());
        std::ofstream{store.out_folder(id) / "r.txt"} << "a result";
        ASSERT_TRUE(store.finish(id, Bytes(32, 'n')).has_value());
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
    EXPECT_EQ(store.finish(id, Bytes(32, 'n')).error().code, Code::kTooLarge);
    EXPECT_FALSE(store.outcome(id)->has_value());
    ASSERT_TRUE(store.begin(id).has_value());
    fs::create_symlink("/etc/passwd", store.out_folder(id) / "r");
    EXPECT_EQ(store.finish(id, Bytes(32, 'n')).error().code, Code::kUnsupported);
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
    const std::uint64_t free = fs::space(folder_).available;
    const std::uint64_t too_much = std::min(kMaxJobInputBytes, free / 2);
    if (too_much < kMaxJobInputBytes) {  // on a small disk; a larger one is bounded by the sum
        EXPECT_EQ(store.put_package(kJob, creator_, package(1'000, too_much)).error().code, Code::kRefused);
    }
    EXPECT_TRUE(store.ids().empty());
    EXPECT_FALSE(fs::exists(folder_ / "store" / "7"));
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
