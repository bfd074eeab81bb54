// job_swarm_test.cpp: a worker's part in the swarm of an input, with a creator's client and a seed beside it: fetched,
// unpacked, given up with a wrong key, gone on with after a restart, gone with the job.
#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

#include <nlohmann/json.hpp>

#include "agent/agent_process.hpp"
#include "agent/fake_ledger.hpp"
#include "agent/worker.hpp"
#include "client/provider_client.hpp"
#include "crypto/sha256.hpp"
#include "jobs/archive.hpp"
#include "runtime/fake.hpp"

namespace sublet::agent {
namespace {

namespace fs = std::filesystem;

constexpr JobId kJob{4};

crypto::SecretKey key_of(char fill) { return *crypto::SecretKey::from_bytes(Bytes(32, fill)); }
crypto::Address address_of(const crypto::SecretKey& key) { return crypto::address_of(*crypto::public_key(key)); }

class JobSwarmTest : public testing::Test {
protected:
    JobSwarmTest()
        : ledger_(*clock_, address_of(key_of('o')), address_of(key_of('a'))), leases_(*clock_), tasks_(*clock_) {
        folder_ = fs::temp_directory_path() / ("sublet-job-swarm-" + std::to_string(::getpid()));
        fs::remove_all(folder_);
        fs::create_directories(folder_ / "source");
        Bytes large(3U << 20U, '\0');
        for (std::size_t i = 0; i < large.size(); ++i) {
            large[i] = static_cast<char>(i * i >> 7U);
        }
        std::ofstream{folder_ / "source" / "large", std::ios::binary} << large;
        const jobs::Packed packed = *jobs::pack(folder_ / "source", folder_ / "input.tar", {.max_bytes = 1ULL << 30U});
        package_.image = "i";
        package_.command = {"true"};
        package_.salt = Bytes(32, 's');
        package_.input = jobs::Input{packed.bytes, packed.sha256};
        job::Job job;
        job.id = kJob;
        job.owner = address_of(creator_);
        job.tasks = package_.tasks;
        job.task_timeout = Millis{600'000};
        job.at_once = 8;
        job.content = jobs::content_of(*jobs::to_json(package_));
        ledger_.all_jobs[kJob] = job;
        encrypt();
    }
    void TearDown() override {
        if (process_) {
            process_->stop(StopMode::kStopContainers);
        }
        fs::remove_all(folder_);
    }
    void encrypt() {
        input_.key = crypto::sha256("the job's key");
        fs::create_directories(folder_ / "seed");
        swarm::TorrentMaker maker = *swarm::TorrentMaker::begin(package_.input->bytes);
        swarm::FileCipher cipher =
            *swarm::FileCipher::open(folder_ / "input.tar", folder_ / "seed" / swarm::kContentName, input_.key);
        for (BytesView piece = *cipher.step(); !piece.empty(); piece = *cipher.step()) {
            maker.update(piece);
        }
        input_.torrent = *maker.finish();
    }
    void start(std::optional<std::uint16_t> swarm_port = 0) {
        AgentOptions options;
        options.data = folder_ / "agent";
        options.instance = "w";
        options.owner = address_of(key_of('o'));
        options.inventory.cpu_milli = 4'000;
        options.inventory.memory_bytes = 8ULL << 30U;
        options.inventory.storage_bytes = 8ULL << 30U;
        options.job_slots = 1;
        options.reconcile_every_ms = 50;
        options.swarm_port = swarm_port;
        process_ = std::make_unique<Process>(ledger_, leases_, options, &tasks_);
        ASSERT_TRUE(process_->start().has_value());
        client_.emplace(*process_->transport, *process_->clock, *process_->random, creator_,
                        *client::Gateway::of(*ledger_.record, ledger_.chain_id));
        ASSERT_TRUE(process_->run(client_->put_package(kJob, *jobs::to_json(package_))).has_value());
    }
    void seed(std::uint64_t upload_bytes_s = 0) {
        seed_ = std::move(*swarm::Peer::open(
            {.address = "127.0.0.1", .upload_bytes_s = upload_bytes_s, .own = swarm::Reach::kLoopback}));
        ASSERT_TRUE(seed_->add(input_.torrent, folder_ / "seed", swarm::Part::kSeed, 1ULL << 30U).has_value());
        input_.peers = {{"127.0.0.1", seed_->port()}};
    }
    Result<nlohmann::json> put() { return process_->run(client_->put_swarm(kJob, to_json(input_))); }
    nlohmann::json state() { return *process_->run(client_->job_state(kJob)); }
    [[nodiscard]] fs::path kept() const { return folder_ / "agent" / "jobs" / "4"; }

    std::unique_ptr<net::Clock> clock_ = net::system_clock();
    crypto::SecretKey creator_ = key_of('c');
    FakeLedger ledger_;
    runtime::FakeRuntime leases_;
    runtime::FakeRuntime tasks_;
    jobs::Package package_;
    fs::path folder_;
    SwarmInput input_;
    std::unique_ptr<swarm::Peer> seed_;
    std::unique_ptr<Process> process_;
    std::optional<client::ProviderClient> client_;
};

TEST_F(JobSwarmTest, AnInputIsFetchedDecryptedAndUnpacked) {
    start();
    seed();
    const Result<nlohmann::json> put_answer = put();
    ASSERT_TRUE(put_answer.has_value()) << put_answer.error().message;
    EXPECT_GT((*put_answer)["swarm"]["port"].get<int>(), 0);
    ASSERT_TRUE(process_->until([&] { return state()["complete"].get<bool>(); }));
    EXPECT_EQ(*jobs::file_sha256(kept() / "in" / "large"), *jobs::file_sha256(folder_ / "source" / "large"));
    EXPECT_FALSE(fs::exists(kept() / "input.tar"));
    EXPECT_FALSE(fs::exists(kept() / "swarm" / "plain.tar"));
    EXPECT_EQ(state()["swarm"]["bytes"].get<std::uint64_t>(), package_.input->bytes);
    EXPECT_TRUE(put().has_value());  // the same again
    ASSERT_TRUE(process_->run(client_->drop_job(kJob)).has_value());
    EXPECT_FALSE(fs::exists(kept()));
    EXPECT_TRUE(process_->until([&] { return seed_->progress(input_.torrent.info_hash)->peers == 0; }));
}

TEST_F(JobSwarmTest, AWrongKeyIsSaidAndNothingOfItStays) {
    start();
    seed();
    input_.key[5] ^= 1U;
    ASSERT_TRUE(put().has_value());
    ASSERT_TRUE(process_->until([&] { return !state()["swarm"]["trouble"].get<std::string>().empty(); }));
    EXPECT_FALSE(state()["complete"].get<bool>());
    EXPECT_FALSE(fs::exists(kept() / "swarm"));
    EXPECT_FALSE(fs::exists(kept() / "swarm.json"));
    EXPECT_FALSE(fs::exists(kept() / "in"));
    input_.key[5] ^= 1U;
    ASSERT_TRUE(put().has_value());
    EXPECT_TRUE(process_->until([&] { return state()["complete"].get<bool>(); }));
}

TEST_F(JobSwarmTest, AKilledWorkerGoesOnByItself) {
    start();
    seed(512U << 10U);
    ASSERT_TRUE(put().has_value());
    ASSERT_TRUE(process_->until([&] { return state()["swarm"]["bytes"].get<std::uint64_t>() > (1U << 20U); }));
    process_->stop(StopMode::kKeep);
    process_.reset();
    seed_->limit(0, 0);
    start();
    ASSERT_TRUE(process_->until([&] { return state()["complete"].get<bool>(); }));  // nobody told it of the swarm again
    EXPECT_LT(state()["swarm"]["downloaded"].get<std::uint64_t>(), package_.input->bytes);
}

TEST_F(JobSwarmTest, WhatIsNotTheJobsSwarmIsRefused) {
    start();
    const auto refused = [&](const char* what, Bytes body, Code code) {
        const Result<nlohmann::json> answer = process_->run(client_->put_swarm(kJob, std::move(body)));
        ASSERT_FALSE(answer.has_value()) << what;
        EXPECT_EQ(answer.error().code, code) << what << ": " << answer.error().message;
    };
    nlohmann::json good = nlohmann::json::parse(to_json(input_));
    const auto with = [&](const char* key, nlohmann::json value) {
        nlohmann::json out = good;
        out[key] = std::move(value);
        return out.dump();
    };
    Bytes metadata = swarm::to_metadata(input_.torrent);
    metadata.replace(metadata.find("4:name5:input"), 13, "4:name5:/etc/");
    refused("no JSON", "{", Code::kHttp);
    refused("another name", with("torrent", to_base64(metadata)), Code::kHttp);
    refused("a short key", with("key", "00"), Code::kHttp);
    refused("a place that is none", with("place", 1), Code::kHttp);
    refused("a name as a peer", with("peers", {"localhost:80"}), Code::kHttp);
    refused("too many peers", with("peers", std::vector<std::string>(kMaxPeersTold + 1, "127.0.0.1:80")), Code::kHttp);
    EXPECT_FALSE(fs::exists(kept() / "swarm"));
    ASSERT_TRUE(put().has_value());
    input_.key[0] ^= 1U;
    refused("another key", to_json(input_), Code::kConflict);
    client::ProviderClient other{*process_->transport, *process_->clock, *process_->random, key_of('x'),
                                 *client::Gateway::of(*ledger_.record, ledger_.chain_id)};
    EXPECT_EQ(process_->run(other.put_swarm(kJob, to_json(input_))).error().code, Code::kUnauthorized);
}

// A worker of one job knows its torrent: shown as another creator's, it must not disturb the first.
TEST_F(JobSwarmTest, ASwarmIsOneJobs) {
    constexpr JobId kOther{9};
    start();
    ASSERT_TRUE(put().has_value());
    package_.salt = Bytes(32, 't');
    ledger_.all_jobs[kOther] = ledger_.all_jobs[kJob];
    ledger_.all_jobs[kOther].id = kOther;
    ledger_.all_jobs[kOther].content = jobs::content_of(*jobs::to_json(package_));
    ledger_.all_jobs[kOther].owner = address_of(key_of('x'));
    client::ProviderClient other{*process_->transport, *process_->clock, *process_->random, key_of('x'),
                                 *client::Gateway::of(*ledger_.record, ledger_.chain_id)};
    ASSERT_TRUE(process_->run(other.put_package(kOther, *jobs::to_json(package_))).has_value());
    const Result<nlohmann::json> shown = process_->run(other.put_swarm(kOther, to_json(input_)));
    ASSERT_FALSE(shown.has_value());
    EXPECT_EQ(shown.error().code, Code::kConflict);
    EXPECT_FALSE(fs::exists(folder_ / "agent" / "jobs" / "9" / "swarm.json"));
    seed();
    ASSERT_TRUE(put().has_value());
    EXPECT_TRUE(process_->until([&] { return state()["complete"].get<bool>(); }));
}

// The next job with this input has it at once; when the first goes, the second gives it to others.
TEST_F(JobSwarmTest, TheNextJobOfTheSameCreatorHasItAtOnce) {
    constexpr JobId kNext{9};
    start();
    seed();
    ASSERT_TRUE(put().has_value());
    ASSERT_TRUE(process_->until([&] { return state()["complete"].get<bool>(); }));
    package_.salt = Bytes(32, 't');
    ledger_.all_jobs[kNext] = ledger_.all_jobs[kJob];
    ledger_.all_jobs[kNext].id = kNext;
    ledger_.all_jobs[kNext].content = jobs::content_of(*jobs::to_json(package_));
    const Result<nlohmann::json> next = process_->run(client_->put_package(kNext, *jobs::to_json(package_)));
    ASSERT_TRUE(next.has_value()) << next.error().message;
    EXPECT_TRUE((*next)["complete"].get<bool>());
    const Result<nlohmann::json> swarm = process_->run(client_->put_swarm(kNext, to_json(input_)));
    ASSERT_TRUE(swarm.has_value()) << swarm.error().message;
    EXPECT_LT(seed_->progress(input_.torrent.info_hash)->uploaded, package_.input->bytes + (1U << 20U));  // once
    ASSERT_TRUE(process_->run(client_->drop_job(kJob)).has_value());
    seed_.reset();
    const std::uint64_t port = (*process_->run(client_->job_state(kNext)))["swarm"]["port"].get<std::uint64_t>();
    const std::unique_ptr<swarm::Peer> other =
        std::move(*swarm::Peer::open({.address = "127.0.0.1", .own = swarm::Reach::kLoopback}));
    ASSERT_TRUE(other->add(input_.torrent, folder_ / "other", swarm::Part::kFetch, 1ULL << 30U).has_value());
    ASSERT_TRUE(
        other->connect(input_.torrent.info_hash, {{"127.0.0.1", static_cast<std::uint16_t>(port)}}).has_value());
    EXPECT_TRUE(
        process_->until([&] { return other->progress(input_.torrent.info_hash)->phase == swarm::Phase::kComplete; }));
}

// What it gives to others is there after a restart too, and is not taken for an input that came another way.
TEST_F(JobSwarmTest, AfterARestartItStillHasWhatOthersWant) {
    start();
    seed();
    ASSERT_TRUE(put().has_value());
    ASSERT_TRUE(process_->until([&] { return state()["complete"].get<bool>(); }));
    process_->stop(StopMode::kKeep);
    process_.reset();
    start();
    ASSERT_TRUE(process_->until([&] { return state()["swarm"]["bytes"] == package_.input->bytes; }));
    process_->pass_time(2 * kWorkerLook_ms);
    EXPECT_EQ(state()["swarm"]["trouble"], "");
    EXPECT_TRUE(fs::exists(kept() / "swarm" / swarm::kContentName));
}

// A creator who names new ones with every word does not make this worker dial without end.
TEST(JobSwarmPeers, SoManyAreDialledAndNoMore) {
    std::set<swarm::PeerAddress> told;
    const auto named = [](std::uint16_t from) {
        std::vector<swarm::PeerAddress> out;
        for (unsigned i = 0; i < kMaxPeersTold; ++i) {
            out.push_back({"192.0.2.1", static_cast<std::uint16_t>(from + i)});
        }
        return out;
    };
    const std::vector<swarm::PeerAddress> first = named(1'000);
    EXPECT_EQ(peers_to_dial(swarm::Reach::kPublic, first, told), first);
    EXPECT_TRUE(peers_to_dial(swarm::Reach::kPublic, {{"127.0.0.1", 2'375}}, told).empty());
    std::size_t dialled = first.size();
    for (std::uint16_t from = 2'000; from <= 4'000; from = static_cast<std::uint16_t>(from + 1'000)) {
        dialled += peers_to_dial(swarm::Reach::kPublic, named(from), told).size();
    }
    EXPECT_EQ(dialled, kMaxPeersOfJob);
    EXPECT_EQ(told.size(), kMaxPeersOfJob);
    EXPECT_EQ(peers_to_dial(swarm::Reach::kPublic, first, told), first);  // they may be dialled again
}

TEST_F(JobSwarmTest, AnOwnerMayWantNoSwarms) {
    start(std::nullopt);
    EXPECT_TRUE(state()["swarm"].is_null());
    EXPECT_FALSE(put().has_value());
    EXPECT_FALSE(fs::exists(kept() / "swarm.json"));
}

}  // namespace
}  // namespace sublet::agent
