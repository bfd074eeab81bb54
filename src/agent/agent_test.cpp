// agent_test.cpp: the whole agent over a real loop, a real TLS gateway on loopback and a real SQLite file, against a
// ledger and a container engine in memory.
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>

#include <unistd.h>

#include "agent/agent_process.hpp"
#include "agent/fake_ledger.hpp"
#include "agent/state.hpp"
#include "client/provider_client.hpp"
#include "crypto/sha256.hpp"
#include "runtime/fake.hpp"
#include "sdl/sdl.hpp"
#include "sdl/to_ledger.hpp"

namespace sublet::agent {
namespace {

constexpr LeaseId kLease{7};
constexpr DeploymentId kDeployment{3};

constexpr const char* kFile = R"yaml(
version: "2.0"
services:
  web:
    image: web:1
    env: ["MODE=test"]
    expose:
      - port: 8080
        to:
          - service: db
  db:
    image: db:1
    params:
      storage:
        data: {mount: /var/lib/db, readOnly: false}
profiles:
  compute:
    small:
      resources:
        cpu: {units: 0.1}
        memory: {size: 64Mi}
        storage: {size: 64Mi}
    big:
      resources:
        cpu: {units: 0.2}
        memory: {size: 64Mi}
        storage:
          - size: 64Mi
          - {name: data, size: 128Mi, attributes: {persistent: true, class: default}}
  placement:
    anywhere:
      pricing:
        small: {denom: ucredit, amount: 20}
        big: {denom: ucredit, amount: 20}
deployment:
  web: {anywhere: {profile: small, count: 2}}
  db: {anywhere: {profile: big, count: 1}}
)yaml";

crypto::SecretKey key_of(char fill) { return *crypto::SecretKey::from_bytes(Bytes(32, fill)); }
crypto::Address address_of(const crypto::SecretKey& key) { return crypto::address_of(*crypto::public_key(key)); }

class AgentTest : public testing::Test {
protected:
    AgentTest() : ledger_(*clock_, address_of(owner_), address_of(operator_)), engine_(*clock_) {
        folder_ = std::filesystem::temp_directory_path() / ("sublet-agent-" + std::to_string(::getpid()));
        std::filesystem::remove_all(folder_);
        auto parsed = sdl::parse(kFile, "test.yaml");
        if (!parsed) {
            ADD_FAILURE() << sdl::to_text(parsed.error().front());
            return;
        }
        deployment_ = std::move(*parsed);
        nonce_.fill(9);
        market::Deployment record;
        record.id = kDeployment;
        record.owner = address_of(tenant_);
        const std::vector<market::GroupSpec> specs = *sdl::to_group_specs(deployment_);
        for (const market::GroupSpec& spec : specs) {
            market::Group group;
            group.spec = spec;
            record.groups.push_back(group);
        }
        const Hash inner = crypto::sha256(deployment_.canonical_json);
        record.commitment = crypto::Sha256{}.update(view_of(nonce_)).update(view_of(inner)).finish();
        ledger_.all_deployments[kDeployment] = record;
        ledger_.params.heartbeat_interval_ms = 200;
    }
    ~AgentTest() override { std::filesystem::remove_all(folder_); }

    AgentOptions options() {
        AgentOptions out;
        out.data = folder_;
        out.instance = "test";
        out.owner = address_of(owner_);
        out.inventory = {.cpu_milli = 4'000, .memory_bytes = 8ULL << 30U, .storage_bytes = 100ULL << 30U};
        out.price = {.cpu_core = 1, .memory_gib = 1, .storage_gib = 1, .gpu = 1};
        out.reconcile_every_ms = 50;
        out.stop_grace_s = 0;
        return out;
    }
    Process* process() {
        // Never destroyed: a killed process does not tidy up either.
        static auto* const all = std::make_unique<std::vector<std::unique_ptr<Process>>>().release();
        all->push_back(std::make_unique<Process>(ledger_, engine_, options()));
        return all->back().get();
    }

    market::Lease& lease() { return ledger_.all_leases[kLease]; }
    std::unique_ptr<client::ProviderClient> tenant(Process& process, const crypto::SecretKey& key) {
        client::Gateway gateway = *client::Gateway::of(*ledger_.record, ledger_.chain_id);
        return std::make_unique<client::ProviderClient>(*process.transport, *process.clock, *process.random, key,
                                                        std::move(gateway));
    }
    Result<> put(Process& process) {
        auto client = tenant(process, tenant_);
        return process.run(client->put_manifest(kLease, nonce_, deployment_.canonical_json));
    }
    std::vector<runtime::ContainerState> containers(Process& process) { return *process.run(engine_.list()); }
    bool empty(Process& process) {
        return containers(process).empty() && process.run(engine_.list_networks())->empty() &&
               process.run(engine_.list_volumes())->empty();
    }
    // A lease that runs.
    Process* running() {
        auto out = process();
        const Result<> started = out->start();
        EXPECT_TRUE(started) << started.error().message;
        ledger_.add_lease(kLease, kDeployment, address_of(tenant_));
        const Result<> sent = put(*out);
        EXPECT_TRUE(sent) << sent.error().message;
        EXPECT_TRUE(out->until([&] { return lease().state == market::LeaseState::kRunning; }));
        return out;
    }

    crypto::SecretKey owner_ = key_of(1), operator_ = key_of(2), tenant_ = key_of(3);
    std::unique_ptr<net::Clock> clock_ = net::system_clock();
    FakeLedger ledger_;
    runtime::FakeRuntime engine_;
    std::filesystem::path folder_;
    sdl::Deployment deployment_;
    Hash nonce_{};
};

TEST_F(AgentTest, RentRunClose) {
    auto agent = running();
    EXPECT_EQ(ledger_.count<provider::MsgRegister>(), 1U);
    EXPECT_EQ(ledger_.count<market::MsgPostOffer>(), 1U);
    EXPECT_EQ(ledger_.count<market::MsgLeaseReady>(), 1U);
    EXPECT_EQ(engine_.counters.creates, 3U);
    auto client = tenant(*agent, tenant_);
    const Result<client::LeaseView> view = agent->run(client->status(kLease));
    ASSERT_TRUE(view) << view.error().message;
    EXPECT_EQ(view->services.size(), 2U);
    EXPECT_EQ(view->services[1].name, "web");
    EXPECT_EQ(view->services[1].replicas_ready, 2U) << view->json;
    std::vector<std::string> kinds;
    client::EventSink sink = [&kinds](client::GatewayEvent event) -> Task<Result<>> {
        kinds.push_back(event.kind);
        co_return Result<>{};
    };
    const Result<> events = agent->run(client->events(kLease, false, sink));
    ASSERT_TRUE(events) << events.error().message;
    EXPECT_EQ(kinds.front(), "manifest");
    EXPECT_NE(std::ranges::find(kinds, "pull"), kinds.end());
    EXPECT_EQ(kinds.back(), "ready");

    lease().state = market::LeaseState::kClosing;
    ledger_.wake();
    EXPECT_TRUE(agent->until([&] { return lease().state == market::LeaseState::kClosed && empty(*agent); }))
        << "a heartbeat settles it, and nothing is left";
    agent->stop(StopMode::kKeep);
}

// Closed and stopped in one breath: nobody would come back to tidy up.
TEST_F(AgentTest, StoppingTakesAwayWhatEndedJustBefore) {
    auto agent = running();
    ASSERT_FALSE(empty(*agent));
    lease().state = market::LeaseState::kClosed;
    agent->stop(StopMode::kStopContainers);
    auto later = process();
    EXPECT_TRUE(empty(*later));
}

TEST_F(AgentTest, ACrashLeavesContainersThatAreAdopted) {
    Process* const first = running();
    first->crash();
    const auto before = engine_.counters;
    auto second = process();
    ASSERT_TRUE(second->start());
    second->pass_time(500);
    EXPECT_EQ(engine_.counters.creates, before.creates);
    EXPECT_EQ(engine_.counters.starts, before.starts);
    EXPECT_EQ(engine_.counters.pulls, before.pulls);
    EXPECT_EQ(ledger_.count<provider::MsgRegister>(), 1U) << "same port, same key";
    EXPECT_EQ(ledger_.count<provider::MsgUpdate>(), 0U);
    EXPECT_EQ(ledger_.count<market::MsgLeaseReady>(), 1U);
    const std::vector<runtime::ContainerState> found = containers(*second);
    engine_.die(found.front().id, 3);
    EXPECT_TRUE(second->until([&] { return engine_.counters.starts == before.starts + 1; })) << "with its manifest";
    second->stop(StopMode::kKeep);
    EXPECT_EQ(containers(*second).size(), 3U);
}

TEST_F(AgentTest, AManifestThatCameBackOtherwiseFromTheDiskIsNotRun) {
    Process* const first = running();
    first->crash();
    {
        auto state = *State::open(folder_ / "agent.db");
        StoredManifest changed = state->manifests()->front();
        changed.json.replace(changed.json.find("MODE=test"), 9, "MODE=tesu");
        ASSERT_TRUE(state->put_manifest(changed, 1));
    }
    const auto before = engine_.counters;
    auto second = process();
    ASSERT_TRUE(second->start());
    second->pass_time(500);
    EXPECT_EQ(engine_.counters.creates, before.creates);
    EXPECT_EQ(containers(*second).size(), 3U) << "what runs is right and runs on";
    EXPECT_EQ(ledger_.count<market::MsgEndLease>(), 0U);
    second->stop(StopMode::kKeep);
}

TEST_F(AgentTest, StoppingStopsContainersKeepsDataAndStartsThemAgain) {
    {
        auto first = running();
        first->stop(StopMode::kStopContainers);
        for (const runtime::ContainerState& container : containers(*first)) {
            EXPECT_EQ(container.phase, runtime::Phase::kExited);
        }
        EXPECT_FALSE(ledger_.record->machines[0].up) << "nothing is billed meanwhile";
        EXPECT_EQ(first->run(engine_.list_volumes())->size(), 1U);
        first->crash();
    }
    auto second = process();
    ASSERT_TRUE(second->start());
    EXPECT_TRUE(second->until([&] {
        const auto found = containers(*second);
        return std::ranges::all_of(found, [](const auto& each) { return each.phase == runtime::Phase::kRunning; }) &&
               ledger_.record->machines[0].up;
    }));
    EXPECT_EQ(engine_.counters.creates, 3U);
    second->stop(StopMode::kKeep);
}

TEST_F(AgentTest, PausedForMoneyIsFrozenAndResumesWithOneReady) {
    auto agent = running();
    lease().state = market::LeaseState::kPaused;
    ledger_.wake();
    EXPECT_TRUE(agent->until([&] { return engine_.counters.pauses == 3; }));
    lease().start_by = LedgerTime{1'000'000};
    ledger_.wake();
    EXPECT_TRUE(agent->until([&] { return lease().state == market::LeaseState::kRunning; }));
    EXPECT_EQ(engine_.counters.unpauses, 3U);
    EXPECT_EQ(ledger_.count<market::MsgLeaseReady>(), 2U);
    agent->stop(StopMode::kKeep);
}

TEST_F(AgentTest, AnImageThatCannotBePulledEndsTheLease) {
    engine_.plan.pull_errors["db:1"] = Error{Code::kImage, "no such image"};
    auto agent = process();
    ASSERT_TRUE(agent->start());
    ledger_.add_lease(kLease, kDeployment, address_of(tenant_));
    ASSERT_TRUE(put(*agent));
    EXPECT_TRUE(agent->until([&] { return lease().state == market::LeaseState::kClosed && empty(*agent); }));
    EXPECT_EQ(lease().reason, market::CloseReason::kImageFailed);
    agent->stop(StopMode::kKeep);
}

TEST_F(AgentTest, HiccupsDestroyNothing) {
    auto agent = running();
    ledger_.down = true;
    agent->pass_time(300);
    const std::vector<runtime::ContainerState> found = containers(*agent);
    engine_.die(found.front().id, 1);
    const unsigned starts = engine_.counters.starts;
    EXPECT_TRUE(agent->until([&] { return engine_.counters.starts == starts + 1; })) << "restarted without the ledger";
    ledger_.down = false;
    ledger_.height = 1;  // a node that was restored from an older copy
    const auto leases = ledger_.all_leases;
    ledger_.all_leases.clear();
    agent->pass_time(300);
    EXPECT_EQ(containers(*agent).size(), 3U);
    ledger_.all_leases = leases;
    ledger_.height = 1'000;
    engine_.plan.engine_down = true;
    agent->pass_time(300);
    engine_.plan.engine_down = false;
    agent->pass_time(300);
    EXPECT_EQ(containers(*agent).size(), 3U);
    EXPECT_EQ(ledger_.count<market::MsgEndLease>(), 0U);
    EXPECT_TRUE(ledger_.record->machines[0].up);
    agent->stop(StopMode::kKeep);
}

TEST_F(AgentTest, GatewayRefusals) {
    auto agent = process();
    ASSERT_TRUE(agent->start());
    ledger_.add_lease(kLease, kDeployment, address_of(tenant_));
    const client::Gateway gateway = *client::Gateway::of(*ledger_.record, ledger_.chain_id);
    client::TokenTarget good{gateway.provider, gateway.chain_id, gateway.spki, kLease, {client::Scope::kManifest}};
    const std::string body = "{\"nonce\":\"" + to_hex(view_of(nonce_)) + "\",\"manifest\":\"{}\"}";
    struct Row {
        const char* name;
        std::function<void(client::TokenTarget&)> change;
        char key;
        const char* path;
        unsigned status;
    };
    const Row rows[] = {
        {"no such place", [](auto&) {}, 3, "/v1/leases/7/shell", 404},
        {"another network", [](auto& t) { t.chain_id = "other"; }, 3, "/v1/leases/7/manifest", 401},
        {"another provider", [&](auto& t) { t.audience = address_of(tenant_); }, 3, "/v1/leases/7/manifest", 401},
        {"another gateway key", [](auto& t) { t.spki[0] ^= 1; }, 3, "/v1/leases/7/manifest", 401},
        {"another lease", [](auto& t) { t.lease = LeaseId{8}; }, 3, "/v1/leases/7/manifest", 403},
        {"another scope", [](auto& t) { t.scopes = {client::Scope::kLogs}; }, 3, "/v1/leases/7/manifest", 403},
        {"unknown lease", [](auto& t) { t.lease = LeaseId{8}; }, 3, "/v1/leases/8/manifest", 404},
        {"another tenant", [](auto&) {}, 4, "/v1/leases/7/manifest", 403},
        {"another manifest", [](auto&) {}, 3, "/v1/leases/7/manifest", 409},
    };
    for (const Row& row : rows) {
        client::TokenTarget target = good;
        row.change(target);
        auto claims = client::claims_for(target, agent->clock->unix_ms() / 1'000, 60, *agent->random);
        net::Request request;
        request.method = "PUT";
        request.target = row.path;
        request.headers["authorization"] = "Bearer " + *client::make_token(claims, key_of(row.key));
        request.body = body;
        const Result<net::Response> response = agent->run(agent->transport->send(gateway.endpoint, request, 5'000));
        ASSERT_TRUE(response) << row.name << ": " << response.error().message;
        EXPECT_EQ(response->status, row.status) << row.name << ": " << response->body;
        EXPECT_NE(response->body.find("\"error\""), std::string::npos) << row.name;
    }
    net::Request bare;
    bare.method = "PUT";
    bare.target = "/v1/leases/7/manifest";
    EXPECT_EQ(agent->run(agent->transport->send(gateway.endpoint, bare, 5'000))->status, 401U);
    net::Endpoint wrong_pin = gateway.endpoint;
    (*wrong_pin.spki_pin)[0] ^= 1;
    EXPECT_EQ(agent->run(agent->transport->send(wrong_pin, bare, 5'000)).error().code, Code::kTls);
    EXPECT_EQ(lease().state, market::LeaseState::kAssigned);
    agent->stop(StopMode::kKeep);
}

TEST_F(AgentTest, ControlSocketPausesTheOffer) {
    auto agent = process();
    ASSERT_TRUE(agent->start());
    const net::Endpoint endpoint = *net::parse_endpoint(control_url(folder_));
    struct Row {
        const char* method;
        const char* path;
        unsigned status;
        market::OfferState state;
    };
    const Row rows[] = {
        {"GET", "/status", 200, market::OfferState::kActive},   {"POST", "/pause", 200, market::OfferState::kPaused},
        {"POST", "/drain", 200, market::OfferState::kDraining}, {"POST", "/resume", 200, market::OfferState::kActive},
        {"GET", "/earnings", 200, market::OfferState::kActive}, {"GET", "/nothing", 404, market::OfferState::kActive},
    };
    for (const Row& row : rows) {
        net::Request request;
        request.method = row.method;
        request.target = row.path;
        const Result<net::Response> response = agent->run(agent->transport->send(endpoint, request, 5'000));
        ASSERT_TRUE(response) << row.path << ": " << response.error().message;
        EXPECT_EQ(response->status, row.status) << row.path << ": " << response->body;
        EXPECT_EQ(ledger_.all_offers.begin()->second.state, row.state) << row.path;
    }
    agent->stop(StopMode::kKeep);
}

TEST_F(AgentTest, ANewcomerNeedsTheOwnersKeyAndTheRightNetwork) {
    ledger_.owner_key = false;
    auto first = process();
    EXPECT_EQ(first->start().error().code, Code::kUsage);
    first->crash();
    ledger_.owner_key = true;
    auto second = process();
    ASSERT_TRUE(second->start());
    auto third = process();
    EXPECT_EQ(third->start().error().code, Code::kConflict) << "one agent per folder";
    third->crash();
    second->stop(StopMode::kKeep);
    second->crash();
    ledger_.chain_id = "another";
    auto fourth = process();
    EXPECT_EQ(fourth->start().error().code, Code::kConflict);
}

}  // namespace
}  // namespace sublet::agent
