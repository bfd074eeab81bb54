// job_keeper_test.cpp: what is kept for creators who are away: who may ask for it, how much it may be, what a keeper
// may do at another provider, receipts of what was deleted, and one content for many jobs of one creator.
#include "agent/job_keeper.hpp"

#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

#include <nlohmann/json.hpp>

#include "agent/agent_process.hpp"
#include "agent/fake_ledger.hpp"
#include "agent/receipts.hpp"
#include "client/receipt.hpp"
#include "jobs/archive.hpp"
#include "runtime/fake.hpp"

namespace sublet::agent {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;

constexpr JobId kFirst{4};
constexpr JobId kSecond{5};
constexpr std::uint64_t kMib = 1U << 20U;

crypto::SecretKey key_of(char fill) { return *crypto::SecretKey::from_bytes(Bytes(32, fill)); }
crypto::Address address_of(const crypto::SecretKey& key) { return crypto::address_of(*crypto::public_key(key)); }

class JobKeeperTest : public testing::Test {
protected:
    JobKeeperTest()
        : ledger_(*clock_, address_of(key_of('o')), address_of(operator_)), leases_(*clock_), tasks_(*clock_) {
        folder_ = fs::temp_directory_path() / ("sublet-job-keeper-" + std::to_string(::getpid()));
        fs::remove_all(folder_);
        options_.data = folder_ / "agent";
        options_.instance = "w";
        options_.owner = address_of(key_of('o'));
        options_.inventory.cpu_milli = 4'000;
        options_.inventory.memory_bytes = 8ULL << 30U;
        options_.inventory.storage_bytes = 8ULL << 30U;
        options_.job_slots = 1;
        options_.reconcile_every_ms = 50;
        options_.swarm_port = 0;
        options_.storage_bytes = 64 * kMib;
    }
    void TearDown() override {
        stop();
        fs::remove_all(folder_);
    }
    void start() {
        process_ = std::make_unique<Process>(ledger_, leases_, options_, &tasks_, &operator_);
        ASSERT_TRUE(process_->start().has_value());
    }
    void stop() {
        if (process_) {
            process_->stop(StopMode::kStopContainers);
            process_.reset();
        }
    }
    // A job of this creator's with an input of so many bytes, on the ledger; `fill` makes the content.
    void create(JobId id, char creator, std::uint64_t bytes, char fill = 'a') {
        const fs::path source = folder_ / ("source-" + std::to_string(id.value()));
        fs::create_directories(source / "sub");
        std::ofstream{source / "sub" / "data", std::ios::binary} << Bytes(bytes, fill);
        const fs::path archive = folder_ / ("input-" + std::to_string(id.value()) + ".tar");
        const jobs::Packed packed = *jobs::pack(source, archive, {.max_bytes = 1ULL << 30U});
        jobs::Package package;
        package.image = "i";
        package.command = {"true"};
        package.salt = Bytes(32, static_cast<char>(id.value()));
        package.input = jobs::Input{packed.bytes, packed.sha256};
        packages_[id] = package;
        job::Job job;
        job.id = id;
        job.owner = address_of(key_of(creator));
        job.tasks = package.tasks;
        job.task_timeout = Millis{600'000};
        job.at_once = 8;
        job.content = jobs::content_of(*jobs::to_json(package));
        ledger_.all_jobs[id] = job;
    }
    client::ProviderClient as(char key) {
        return client::ProviderClient{*process_->transport, *process_->clock, *process_->random, key_of(key),
                                      *client::Gateway::of(*ledger_.record, ledger_.chain_id)};
    }
    Result<json> put_package(JobId id, client::ProviderClient client) {
        return process_->run(client.put_package(id, *jobs::to_json(packages_[id])));
    }
    Result<json> put_input(JobId id, client::ProviderClient client) {
        std::ifstream in{folder_ / ("input-" + std::to_string(id.value()) + ".tar"), std::ios::binary};
        return process_->run(client.put_input(id, 0, Bytes{std::istreambuf_iterator<char>{in}, {}}));
    }
    void bring(JobId id, char creator) {
        ASSERT_TRUE(put_package(id, as(creator)).has_value());
        ASSERT_TRUE(put_input(id, as(creator)).has_value());
    }
    client::Delegation delegation(JobId id) const {
        client::Delegation out;
        out.keeper = address_of(operator_);
        out.chain_id = ledger_.chain_id;
        out.job = id;
        out.issued_s = clock_->unix_ms() / 1'000;
        out.expires_s = out.issued_s + 600;
        return out;
    }
    Result<json> keep(JobId id, char creator) { return keep_by(id, creator, delegation(id)); }
    Result<json> keep_by(JobId id, char creator, client::Delegation by) {
        client::ProviderClient client = as(creator);
        return process_->run(client.put_keep(id, *client::make_delegation(std::move(by), key_of(creator))));
    }
    [[nodiscard]] fs::path kept(JobId id) const { return folder_ / "agent" / "jobs" / std::to_string(id.value()); }

    std::unique_ptr<net::Clock> clock_ = net::system_clock();
    crypto::SecretKey operator_ = key_of('a');
    FakeLedger ledger_;
    runtime::FakeRuntime leases_;
    runtime::FakeRuntime tasks_;
    AgentOptions options_;
    fs::path folder_;
    std::map<JobId, jobs::Package> packages_;
    std::unique_ptr<Process> process_;
};

TEST_F(JobKeeperTest, WhatIsWholeIsKeptAlsoAfterARestart) {
    start();
    create(kFirst, 'c', kMib);
    ASSERT_TRUE(put_package(kFirst, as('c')).has_value());
    EXPECT_EQ(keep(kFirst, 'c').error().code, Code::kConflict);  // its input is not here
    ASSERT_TRUE(put_input(kFirst, as('c')).has_value());
    const Result<json> answer = keep(kFirst, 'c');
    ASSERT_TRUE(answer.has_value()) << answer.error().message;
    EXPECT_TRUE((*answer)["keep"]["kept"].get<bool>());
    stop();
    start();
    client::ProviderClient client = as('c');
    EXPECT_TRUE((*process_->run(client.job_state(kFirst)))["keep"]["kept"].get<bool>());
    stop();
    options_.storage_bytes = 0;
    start();
    client::ProviderClient again = as('c');
    EXPECT_TRUE((*process_->run(again.job_state(kFirst)))["keep"].is_null());
    EXPECT_FALSE(keep(kFirst, 'c').has_value());
}

TEST_F(JobKeeperTest, ADelegationIsForThisJobThisKeeperAndThisInput) {
    start();
    create(kFirst, 'c', kMib);
    bring(kFirst, 'c');
    struct Row {
        const char* what;
        std::function<void(client::Delegation&)> change;
        char signer;
        Code code;
    };
    const std::vector<Row> rows = {
        {"another job", [](auto& by) { by.job = kSecond; }, 'c', Code::kUnauthorized},
        {"another keeper", [](auto& by) { by.keeper = address_of(key_of('z')); }, 'c', Code::kUnauthorized},
        {"another network", [](auto& by) { by.chain_id = "other"; }, 'c', Code::kUnauthorized},
        {"another input", [](auto& by) { by.input = *fixed_from<32>(Bytes(32, 'i')); }, 'c', Code::kConflict},
        {"of yesterday", [](auto& by) { by.issued_s -= 90'000, by.expires_s = by.issued_s + 1; }, 'c',
         Code::kUnauthorized},
        {"another creator", [](auto&) {}, 'x', Code::kUnauthorized},
    };
    for (const Row& row : rows) {
        client::Delegation by = delegation(kFirst);
        row.change(by);
        client::ProviderClient client = as('c');
        const auto answer = process_->run(client.put_keep(kFirst, *client::make_delegation(by, key_of(row.signer))));
        ASSERT_FALSE(answer.has_value()) << row.what;
        EXPECT_EQ(answer.error().code, row.code) << row.what << ": " << answer.error().message;
    }
    EXPECT_TRUE(keep(kFirst, 'c').has_value());
}

// Here the keeper is somebody else ('k'), and this provider is who he brings the job to.
TEST_F(JobKeeperTest, AKeeperBringsAJobAndDoesNothingElse) {
    start();
    create(kFirst, 'c', kMib);
    create(kSecond, 'c', kMib, 'b');
    client::Delegation by = delegation(kFirst);
    by.keeper = address_of(key_of('k'));
    const auto keeper = [&](char key, const client::Delegation& words, char signer = 'c') {
        client::ProviderClient out = as(key);
        out.speak_for(*client::make_delegation(words, key_of(signer)));
        return out;
    };
    EXPECT_EQ(put_package(kFirst, as('k')).error().code, Code::kUnauthorized);  // without a word of the creator's
    EXPECT_EQ(put_package(kFirst, keeper('z', by)).error().code, Code::kUnauthorized);       // another's delegation
    EXPECT_EQ(put_package(kFirst, keeper('k', by, 'x')).error().code, Code::kUnauthorized);  // not the creator's word
    EXPECT_EQ(put_package(kSecond, keeper('k', by)).error().code, Code::kUnauthorized);      // of another job
    client::Delegation old = by;
    old.issued_s -= 1'000;
    old.expires_s = old.issued_s + 1;
    EXPECT_EQ(put_package(kFirst, keeper('k', old)).error().code, Code::kUnauthorized);
    ASSERT_TRUE(put_package(kFirst, keeper('k', by)).has_value());
    const Result<json> brought = put_input(kFirst, keeper('k', by));
    ASSERT_TRUE(brought.has_value()) << brought.error().message;
    EXPECT_TRUE((*brought)["complete"].get<bool>());
    client::ProviderClient client = keeper('k', by);
    EXPECT_TRUE(process_->run(client.job_state(kFirst)).has_value());
    EXPECT_EQ(process_->run(client.drop_job(kFirst)).error().code, Code::kUnauthorized);
    EXPECT_EQ(process_->run(client.result(kFirst, 0, 1, 0)).error().code, Code::kUnauthorized);
    EXPECT_EQ(process_->run(client.task_log(kFirst, 0, 1)).error().code, Code::kUnauthorized);
    EXPECT_EQ(process_->run(client.put_keep(kFirst, "")).error().code, Code::kUnauthorized);
    EXPECT_TRUE(fs::exists(kept(kFirst) / "in" / "sub" / "data"));
    // The job is its creator's, whoever brought it.
    client::ProviderClient creator = as('c');
    EXPECT_TRUE(process_->run(creator.drop_job(kFirst)).has_value());
}

TEST_F(JobKeeperTest, QuotasHoldAndSayWhatIsKept) {
    options_.storage_bytes = 5 * kMib;
    options_.storage_bytes_each = 3 * kMib;
    start();
    create(kFirst, 'c', 2 * kMib - 10'000);
    create(kSecond, 'c', 2 * kMib - 10'000, 'b');
    create(JobId{6}, 'c', 2 * kMib - 10'000);  // the content of the first
    create(JobId{7}, 'd', 2 * kMib - 10'000, 'd');
    create(JobId{8}, 'e', 2 * kMib - 10'000, 'e');
    for (const auto& [id, package] : packages_) {
        const char creator = id == JobId{7} ? 'd' : (id == JobId{8} ? 'e' : 'c');
        ASSERT_TRUE(put_package(id, as(creator)).has_value());
        if (id != JobId{6}) {
            ASSERT_TRUE(put_input(id, as(creator)).has_value());
        }
    }
    ASSERT_TRUE(keep(kFirst, 'c').has_value());
    const Result<json> more = keep(kSecond, 'c');
    ASSERT_FALSE(more.has_value());
    EXPECT_EQ(more.error().code, Code::kRefused);
    EXPECT_NE(more.error().message.find("job 4"), std::string::npos) << more.error().message;
    EXPECT_TRUE(keep(JobId{6}, 'c').has_value());  // it takes nothing more
    EXPECT_TRUE(keep(kFirst, 'c').has_value());    // said again
    EXPECT_TRUE(keep(JobId{7}, 'd').has_value());
    const Result<json> full = keep(JobId{8}, 'e');
    ASSERT_FALSE(full.has_value());
    EXPECT_NE(full.error().message.find("full"), std::string::npos) << full.error().message;
    EXPECT_EQ(full.error().message.find("job"), std::string::npos) << "of others nothing is said";
    net::Request status;
    status.target = "/status";
    const auto owner = process_->run(
        process_->transport->send(*net::parse_endpoint(process_->agent->urls().control), std::move(status), 5'000));
    const json seen = json::parse(owner->body)["storage"];
    EXPECT_EQ(seen["creators"].size(), 2U);
    EXPECT_EQ(seen["used_bytes"], packages_[kFirst].input->bytes + packages_[JobId{7}].input->bytes);
    client::ProviderClient client = as('d');
    ASSERT_TRUE(process_->run(client.drop_job(JobId{7})).has_value());
    EXPECT_TRUE(keep(JobId{8}, 'e').has_value());  // what went left room
}

TEST_F(JobKeeperTest, WhatIsDeletedIsSignedFor) {
    start();
    create(kFirst, 'c', kMib);
    create(kSecond, 'c', kMib);
    bring(kFirst, 'c');
    ASSERT_TRUE((*put_package(kSecond, as('c')))["complete"].get<bool>());  // the same input
    client::ProviderClient client = as('c');
    const Result<std::string> text = process_->run(client.drop_job(kFirst));
    ASSERT_TRUE(text.has_value()) << text.error().message;
    const Result<client::Receipt> read = client::verify_receipt(*text, ledger_.chain_id);
    ASSERT_TRUE(read.has_value()) << read.error().message;
    EXPECT_EQ(read->job, kFirst);
    EXPECT_EQ(read->provider, address_of(key_of('o')));
    EXPECT_EQ(read->signer, address_of(operator_));
    EXPECT_EQ(read->creator, address_of(key_of('c')));
    EXPECT_EQ(read->content, ledger_.all_jobs[kFirst].content);
    EXPECT_EQ(read->input, packages_[kFirst].input->sha256);
    EXPECT_EQ(read->why, client::Deleted::kAsked);
    EXPECT_EQ(read->kept_for, std::vector<JobId>{kSecond});
    EXPECT_FALSE(fs::exists(kept(kFirst)));
    EXPECT_TRUE(fs::exists(kept(kSecond) / "in" / "sub" / "data"));
    EXPECT_EQ(*process_->run(client.drop_job(kFirst)), *text);  // asked again, also after a restart
    stop();
    start();
    client::ProviderClient again = as('c');
    EXPECT_EQ(*process_->run(again.drop_job(kFirst)), *text);
    client::ProviderClient other = as('x');
    EXPECT_EQ(process_->run(other.drop_job(kFirst)).error().code, Code::kNotFound);
    EXPECT_EQ(process_->run(other.drop_job(JobId{99})).error().code, Code::kNotFound);
}

TEST_F(JobKeeperTest, OnlyTheLatestReceiptsStay) {
    Receipts receipts{folder_ / "receipts"};
    for (std::uint64_t id = 1; id <= kMaxReceiptsKept + 2; ++id) {
        ASSERT_TRUE(receipts.put(JobId{id}, std::to_string(id)).has_value());
    }
    EXPECT_FALSE(receipts.find(JobId{1}).has_value());
    EXPECT_FALSE(receipts.find(JobId{2}).has_value());
    EXPECT_EQ(*receipts.find(JobId{3}), "3");
    EXPECT_EQ(*receipts.find(JobId{kMaxReceiptsKept + 2}), std::to_string(kMaxReceiptsKept + 2));
}

// Nobody learns from a job of his own that another creator's content is here.
TEST_F(JobKeeperTest, AContentIsSharedWithinOneCreatorsJobsAlone) {
    start();
    create(kFirst, 'c', kMib);
    create(kSecond, 'c', kMib);
    create(JobId{6}, 'x', kMib);
    bring(kFirst, 'c');
    EXPECT_FALSE((*put_package(JobId{6}, as('x')))["complete"].get<bool>());
    EXPECT_TRUE((*put_package(kSecond, as('c')))["complete"].get<bool>());
    const auto inode = [&](JobId id) {
        struct stat status{};
        EXPECT_EQ(::stat((kept(id) / "in" / "sub" / "data").c_str(), &status), 0);
        return status.st_ino;
    };
    EXPECT_EQ(inode(kFirst), inode(kSecond));
}

}  // namespace
}  // namespace sublet::agent
