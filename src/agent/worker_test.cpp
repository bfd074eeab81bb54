// worker_test.cpp: tasks of a job on an engine and a ledger in memory: claims whose answer is lost, reports that are
// refused, tasks that fail.
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>

#include <unistd.h>

#include <nlohmann/json.hpp>

#include "agent/agent_process.hpp"
#include "agent/control.hpp"
#include "agent/fake_ledger.hpp"
#include "agent/worker.hpp"
#include "client/provider_client.hpp"
#include "jobs/package.hpp"
#include "runtime/fake.hpp"

namespace sublet::agent {
namespace {

constexpr JobId kJob{4};

crypto::SecretKey key_of(char fill) { return *crypto::SecretKey::from_bytes(Bytes(32, fill)); }
crypto::Address address_of(const crypto::SecretKey& key) { return crypto::address_of(*crypto::public_key(key)); }

class WorkerTest : public testing::Test {
protected:
    WorkerTest()
        : ledger_(*clock_, address_of(key_of('o')), address_of(key_of('a'))), leases_(*clock_), tasks_(*clock_) {
        folder_ = std::filesystem::temp_directory_path() / ("sublet-worker-" + std::to_string(::getpid()));
        std::filesystem::remove_all(folder_);
        tasks_.images.insert("i");
        job::Job job;
        job.id = kJob;
        job.owner = address_of(creator_);
        job.tasks = package_.tasks = 3;
        job.task_timeout = Millis{600'000};
        job.at_once = 8;
        package_.image = "i";
        package_.command = {"true"};
        package_.salt = Bytes(32, 's');
        job.content = jobs::content_of(*jobs::to_json(package_));
        ledger_.all_jobs[kJob] = job;
        for (int task = 0; task < 3; ++task) {
            tasks_.plan.exit_at_once["job-4-task-" + std::to_string(task) + "-1"] = 0;
        }
    }
    void TearDown() override {
        process_->stop(StopMode::kStopContainers);
        std::filesystem::remove_all(folder_);
    }
    void start() {
        AgentOptions options;
        options.data = folder_;
        options.instance = "w";
        options.owner = address_of(key_of('o'));
        options.inventory.cpu_milli = 4'000;
        options.inventory.memory_bytes = 8ULL << 30U;
        options.inventory.storage_bytes = 8ULL << 30U;
        options.job_slots = 1;
        options.reconcile_every_ms = 50;
        options.public_host = public_host_;
        process_ = std::make_unique<Process>(ledger_, leases_, options, &tasks_);
        ASSERT_TRUE(process_->start().has_value());
    }
    [[nodiscard]] client::ProviderClient creators_client() const {
        client::Gateway gateway = *client::Gateway::of(*ledger_.record, ledger_.chain_id);
        gateway.endpoint.host = "127.0.0.1";  // wherever it says that it is
        return {*process_->transport, *process_->clock, *process_->random, creator_, std::move(gateway)};
    }
    void bring(JobId id) {
        client::ProviderClient client = creators_client();
        const auto kept = process_->run(client.put_package(id, *jobs::to_json(package_)));
        ASSERT_TRUE(kept.has_value()) << kept.error().message;
    }
    void start_with_job() {
        ASSERT_NO_FATAL_FAILURE(start());
        bring(kJob);
    }
    void say_as_owner(const char* path) {
        net::Request request;
        request.method = "POST";
        request.target = path;
        const auto said =
            process_->run(process_->transport->send(*net::parse_endpoint(control_url(folder_)), request, 5'000));
        ASSERT_TRUE(said.has_value()) << said.error().message;
        ASSERT_EQ(said->status, 200U) << said->body;
    }
    bool all_are(job::TaskState state) {
        return process_->until([&] {
            return ledger_.all_tasks.size() == 3 &&
                   std::ranges::all_of(ledger_.all_tasks, [&](const auto& each) { return each.second.state == state; });
        });
    }

    std::unique_ptr<net::Clock> clock_ = net::system_clock();
    crypto::SecretKey creator_ = key_of('c');
    FakeLedger ledger_;
    runtime::FakeRuntime leases_;
    runtime::FakeRuntime tasks_;
    jobs::Package package_;
    std::filesystem::path folder_;
    std::string public_host_ = "127.0.0.1";
    std::unique_ptr<Process> process_;
};

// Which image a job names is its creator's choice.
class WorkerImages : public WorkerTest {
protected:
    void SetUp() override { tasks_.images.clear(); }
    void name_image(const std::string& image) {
        package_.image = image;
        ledger_.all_jobs[kJob].content = jobs::content_of(*jobs::to_json(package_));
    }
    [[nodiscard]] std::string trouble() const { return process_->agent == nullptr ? "" : state()["trouble"]; }
    [[nodiscard]] nlohmann::json state() const {
        client::ProviderClient client = creators_client();
        return process_->run(client.job_state(kJob)).value_or(nlohmann::json{{"trouble", ""}});
    }
    void end_job(JobId id) {
        client::ProviderClient client = creators_client();
        ASSERT_TRUE(process_->run(client.drop_job(id)));
    }
};

TEST_F(WorkerImages, OneInTheOpenCallsNoPrivateRegistry) {
    public_host_ = "203.0.113.7";
    for (const char* image :
         {"192.168.1.5:5000/x", "127.0.0.1/x", "169.254.169.254/x", "[fd00::1]:443/x", "localhost/x"}) {
        name_image(image);
        ASSERT_NO_FATAL_FAILURE(start());
        bring(kJob);
        EXPECT_TRUE(process_->until([&] {
            return trouble().find("an address that this worker calls for nobody") != std::string::npos;
        })) << image
            << ": " << trouble();
        end_job(kJob);
        process_->stop(StopMode::kStopContainers);
    }
    EXPECT_EQ(tasks_.counters.pulls, 0U);
    ASSERT_NO_FATAL_FAILURE(start());
}

TEST_F(WorkerImages, OneAtHomeCallsItsOwnRegistryAndNeverTheMetadataAddress) {
    public_host_ = "192.168.1.2";
    name_image("169.254.169.254/x");
    ASSERT_NO_FATAL_FAILURE(start());
    bring(kJob);
    EXPECT_TRUE(process_->until([&] { return trouble().find("169.254.169.254") != std::string::npos; }));
    EXPECT_EQ(tasks_.counters.pulls, 0U);
    end_job(kJob);
    process_->stop(StopMode::kStopContainers);
    name_image("192.168.1.5:5000/x");
    ASSERT_NO_FATAL_FAILURE(start());
    bring(kJob);
    EXPECT_TRUE(process_->until([&] { return tasks_.images.contains("192.168.1.5:5000/x"); }));
}

TEST_F(WorkerImages, WhatCameForAJobGoesWithTheLastThatWantsIt) {
    constexpr JobId kOther{9};
    name_image("192.0.2.1/x");
    ledger_.all_jobs[kOther] = ledger_.all_jobs[kJob];
    ledger_.all_jobs[kOther].id = kOther;
    start_with_job();
    bring(kOther);
    ASSERT_TRUE(process_->until([&] { return tasks_.images.contains("192.0.2.1/x"); }));
    end_job(kJob);
    process_->pass_time(kWorkerLook_ms);
    EXPECT_TRUE(tasks_.images.contains("192.0.2.1/x")) << "the other one wants it";
    end_job(kOther);
    EXPECT_TRUE(process_->until([&] { return tasks_.images.empty(); }));
}

TEST_F(WorkerImages, WhatWasHereBeforeStays) {
    name_image("192.0.2.1/x");
    tasks_.images.insert("192.0.2.1/x");
    start_with_job();
    ASSERT_TRUE(process_->until([&] { return !ledger_.claims.empty(); }));
    end_job(kJob);
    process_->pass_time(kWorkerLook_ms);
    EXPECT_TRUE(tasks_.images.contains("192.0.2.1/x"));
}

TEST_F(WorkerImages, APullEndsWithTheJobThatWantedIt) {
    name_image("192.0.2.1/x");
    tasks_.plan.pull_ms = 60'000;
    start_with_job();
    ASSERT_TRUE(process_->until([&] { return tasks_.counters.pulls == 1; }));
    end_job(kJob);
    tasks_.plan.pull_ms = 0;
    process_->pass_time(7'000);  // the fake engine looks up after each tenth
    EXPECT_TRUE(tasks_.images.empty());
}

TEST_F(WorkerTest, EveryTaskIsDoneOnce) {
    start_with_job();
    EXPECT_TRUE(all_are(job::TaskState::kReview));
    EXPECT_EQ(tasks_.counters.starts, 3U);
    EXPECT_EQ(ledger_.count<job::MsgCommitTask>(), 3U);
    EXPECT_EQ(ledger_.count<job::MsgOpenTask>(), 3U);
}

TEST_F(WorkerTest, AClaimWhoseAnswerIsLostIsWorkedOn) {
    ledger_.lost_answers = 1;
    start_with_job();
    EXPECT_TRUE(all_are(job::TaskState::kReview));
    EXPECT_EQ(tasks_.counters.starts, 3U);
}

TEST_F(WorkerTest, ARefusedReportIsSaidAgainAndNotAtOnce) {
    ledger_.refusals = 2;
    start_with_job();
    EXPECT_TRUE(all_are(job::TaskState::kReview));
    EXPECT_EQ(ledger_.asked, 8U);  // two refused, then a commitment and a result for each
}

TEST_F(WorkerTest, ATaskThatFailsIsGivenBackAlsoAfterARefusal) {
    for (auto& [name, code] : tasks_.plan.exit_at_once) {
        code = 3;
    }
    ledger_.refusals = 1;
    start_with_job();
    EXPECT_TRUE(all_are(job::TaskState::kFailed));
    EXPECT_EQ(tasks_.counters.starts, 3U);
    EXPECT_EQ(ledger_.asked, 4U);
    EXPECT_EQ(ledger_.count<job::MsgCommitTask>(), 0U);
}

TEST_F(WorkerTest, AnOwnerWhoPausesIsGivenNoTask) {
    start();
    say_as_owner("/pause");
    bring(kJob);
    process_->pass_time(2 * kWorkerLook_ms);
    EXPECT_TRUE(ledger_.all_tasks.empty());
    say_as_owner("/resume");
    EXPECT_TRUE(all_are(job::TaskState::kReview));
}

// It is seen to be over whatever keeps it from being worked on; what others could have had of it goes at once.
TEST_F(WorkerTest, AJobThatCannotBeWorkedOnIsForgottenToo) {
    package_.image = "registry.invalid/x";
    tasks_.plan.pull_errors[package_.image] = Error{Code::kNotFound, "no such host"};
    ledger_.all_jobs[kJob].content = jobs::content_of(*jobs::to_json(package_));
    start_with_job();
    const std::filesystem::path swarm = folder_ / "jobs" / "4" / "swarm";
    for (const bool paused : {false, true}) {
        if (paused) {
            say_as_owner("/pause");
        }
        process_->stop(StopMode::kKeep);
        std::filesystem::create_directories(swarm);
        ledger_.all_jobs[kJob].closed_at = LedgerTime{1};
        start();
        EXPECT_TRUE(process_->until([&] { return !std::filesystem::exists(swarm); })) << paused;
    }
}

TEST_F(WorkerTest, TheDearestJobIsDoneFirst) {
    constexpr JobId kDear{9};
    ledger_.all_jobs[kDear] = ledger_.all_jobs[kJob];
    ledger_.all_jobs[kDear].id = kDear;
    ledger_.all_jobs[kDear].pay = Amount{5};
    ledger_.all_jobs[kJob].pay = Amount{4};
    for (int task = 0; task < 3; ++task) {
        tasks_.plan.exit_at_once["job-9-task-" + std::to_string(task) + "-1"] = 0;
    }
    start();
    say_as_owner("/pause");
    bring(kJob);
    bring(kDear);
    say_as_owner("/resume");
    EXPECT_TRUE(process_->until([&] { return ledger_.claims.size() == 6; }));
    EXPECT_EQ(ledger_.claims, (std::vector<JobId>{kDear, kDear, kDear, kJob, kJob, kJob}));
}

TEST_F(WorkerTest, ATaskThatFillsItsContainerIsEnded) {
    tasks_.plan.exit_at_once.clear();
    package_.tasks = 3;
    start_with_job();
    ASSERT_TRUE(process_->until([&] { return tasks_.counters.starts == 1; }));
    tasks_.set_writable_bytes(process_->run(tasks_.list())->front().id, kMaxScratchBytes + 1);
    ASSERT_TRUE(process_->until([&] { return ledger_.count<job::MsgFailTask>() == 1; }));
    EXPECT_EQ(ledger_.all_tasks.begin()->second.state, job::TaskState::kFailed);
}

TEST_F(WorkerTest, ATaskThatMakesFilesWithoutEndIsEnded) {
    tasks_.plan.exit_at_once.clear();
    package_.tasks = 3;
    start_with_job();
    ASSERT_TRUE(process_->until([&] { return tasks_.counters.starts == 1; }));
    const std::filesystem::path layer = std::filesystem::path{testing::TempDir()} / "sublet-layer";
    std::filesystem::path deep = layer;
    for (int i = 0; i < 200; ++i) {  // counted as more than there may be
        deep /= "d";
    }
    std::filesystem::create_directories(deep);
    tasks_.set_layer(process_->run(tasks_.list())->front().id, layer.string());
    const bool ended = process_->until([&] { return ledger_.count<job::MsgFailTask>() == 1; });
    std::filesystem::remove_all(layer);
    ASSERT_TRUE(ended);
    EXPECT_EQ(ledger_.all_tasks.begin()->second.state, job::TaskState::kFailed);
}

}  // namespace
}  // namespace sublet::agent
