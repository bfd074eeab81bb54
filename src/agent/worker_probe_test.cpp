// worker_probe_test.cpp: probes of a drawn provider and its rate, with a program that the test plays.
#include <gtest/gtest.h>

#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>

#include "agent/agent_process.hpp"
#include "agent/fake_ledger.hpp"
#include "agent/worker.hpp"
#include "client/provider_client.hpp"
#include "runtime/fake.hpp"

namespace sublet::agent {
namespace {

namespace fs = std::filesystem;

constexpr JobId kProbed{7};

crypto::SecretKey secret_of(char fill) { return *crypto::SecretKey::from_bytes(Bytes(32, fill)); }
crypto::Address account_of(char fill) { return crypto::address_of(*crypto::public_key(secret_of(fill))); }

class ProbeTest : public testing::Test {
protected:
    ProbeTest() : ledger_(*clock_, account_of('o'), account_of('a')), leases_(*clock_), tasks_(*clock_) {
        folder_ = fs::temp_directory_path() / ("sublet-probe-" + std::to_string(::getpid()));
        fs::remove_all(folder_);
        tasks_.images.insert("i");
        package_.kind = "blender";
        package_.image = "i";
        package_.command = {"true"};
        package_.session = true;
        package_.tasks = 10;
        package_.cpu_milli = 1'000;
        package_.salt = Bytes(32, 's');
        job::Job job;
        job.id = kProbed;
        job.owner = account_of('c');
        job.state = job::JobState::kProbing;
        job.tasks = 10;
        job.at_once = 1;
        job.engine = "e";
        job.probe_tasks = {0, 9};
        job.probes.push_back({.worker = account_of('o'), .commitment = {}, .work = {}});
        job.content = jobs::content_of(*jobs::to_json(package_));
        ledger_.all_jobs[kProbed] = job;
        ledger_.own_rates = job::Rates{.worker = account_of('o'), .number = 1, .engines = {}};
        ledger_.own_rates->engines.push_back({.engine = "e", .rate = 2'000});
    }
    void TearDown() override {
        process_->stop(StopMode::kStopContainers);
        fs::remove_all(folder_);
    }
    void start(const std::string& benchmark_image = "") {
        AgentOptions options;
        options.data = folder_;
        options.instance = "p";
        options.owner = account_of('o');
        options.inventory.cpu_milli = 4'000;
        options.inventory.memory_bytes = 8ULL << 30U;
        options.inventory.storage_bytes = 8ULL << 30U;
        options.job_slots = 1;
        options.benchmark_image = benchmark_image;
        options.reconcile_every_ms = 50;
        process_ = std::make_unique<Process>(ledger_, leases_, options, &tasks_);
        ASSERT_TRUE(process_->start().has_value());
    }
    void bring() {
        client::ProviderClient client{*process_->transport, *process_->clock, *process_->random, secret_of('c'),
                                      *client::Gateway::of(*ledger_.record, ledger_.chain_id)};
        const auto kept = process_->run(client.put_package(kProbed, *jobs::to_json(package_)));
        ASSERT_TRUE(kept.has_value()) << kept.error().message;
    }
    static void write(const fs::path& file, const std::string& text) {
        std::ofstream{file.string() + ".part"} << text;
        fs::rename(file.string() + ".part", file);
    }
    // The program: answers the next turn of the session, if there is one.
    void play(const std::string& code = "0") {
        for (const auto& each : fs::recursive_directory_iterator(folder_ / "jobs")) {
            const fs::path& todo = each.path();
            if (todo.filename() != std::to_string(turn_) || todo.parent_path().filename() != "todo") {
                continue;
            }
            std::uint64_t index = 0;
            std::uint64_t value = 0;
            std::uint64_t share = 0;
            std::ifstream{todo} >> index >> value >> share;
            shares_.push_back(share);
            const fs::path out = todo.parent_path().parent_path() / "out";
            write(out / (std::to_string(index) + ".share"), std::to_string(640 / share) + " 640");
            write(out / (std::to_string(index) + ".done"), code);
            ++turn_;
            return;
        }
    }

    std::unique_ptr<net::Clock> clock_ = net::system_clock();
    FakeLedger ledger_;
    runtime::FakeRuntime leases_;
    runtime::FakeRuntime tasks_;
    jobs::Package package_;
    fs::path folder_;
    int turn_ = 1;
    std::vector<std::uint64_t> shares_;
    std::unique_ptr<Process> process_;
};

TEST_F(ProbeTest, WhatWasFoundIsCommittedAndShown) {
    start();
    bring();
    ASSERT_TRUE(process_->until([&] {
        play();
        return ledger_.count<job::MsgOpenProbe>() == 1;
    }));
    EXPECT_EQ(shares_, (std::vector<std::uint64_t>{64, 64, 16, 64, 16}));  // the first loads the scene
    EXPECT_EQ(ledger_.count<job::MsgCommitProbe>(), 1U);
    const std::vector<std::uint64_t>& work = ledger_.all_jobs[kProbed].probes.front().work;
    ASSERT_EQ(work.size(), 2U);
    EXPECT_GT(work.front(), 0U);
    EXPECT_TRUE(process_->until([&] { return process_->run(tasks_.list())->empty(); }));
}

TEST_F(ProbeTest, NothingIsShownBeforeTheOtherHasCommitted) {
    ledger_.all_jobs[kProbed].probes.push_back({.worker = account_of('x'), .commitment = {}, .work = {}});
    start();
    bring();
    ASSERT_TRUE(process_->until([&] {
        play();
        return ledger_.count<job::MsgCommitProbe>() == 1;
    }));
    process_->pass_time(2'500);
    EXPECT_EQ(ledger_.count<job::MsgOpenProbe>(), 0U);
    ledger_.all_jobs[kProbed].probes.back().commitment.fill(1);
    EXPECT_TRUE(process_->until([&] { return ledger_.count<job::MsgOpenProbe>() == 1; }));
}

TEST_F(ProbeTest, AProbeThatFailsIsTriedThreeTimes) {
    start();
    bring();
    unsigned before = 0;
    EXPECT_TRUE(process_->until([&] {
        play("1");
        if (tasks_.counters.starts > before) {  // each try has a session of its own
            before = tasks_.counters.starts;
            turn_ = 1;
        }
        return before == 3;
    }));
    process_->pass_time(2'000);
    EXPECT_EQ(tasks_.counters.starts, 3U);
    EXPECT_EQ(ledger_.count<job::MsgCommitProbe>(), 0U);
}

TEST_F(ProbeTest, ARateIsFoundWhereThereIsNone) {
    ledger_.own_rates.reset();
    start("i");
    ASSERT_TRUE(process_->until([&] { return tasks_.counters.starts == 1; }));
    write(folder_ / "benchmark" / "out" / "seconds.json", R"({"room": 1.5, "glass": 0.78, "crowd": 0.46})");
    tasks_.die(process_->run(tasks_.list())->front().id, 0);
    ASSERT_TRUE(process_->until([&] { return ledger_.own_rates.has_value(); }));
    EXPECT_EQ(ledger_.own_rates->engines.front().engine, "blender-3.4-cpu");
    EXPECT_EQ(ledger_.own_rates->engines.front().rate, 500U);
    EXPECT_FALSE(fs::exists(folder_ / "benchmark"));
}

}  // namespace
}  // namespace sublet::agent
