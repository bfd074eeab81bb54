// tenant.cpp: rents, uses, tops up or lets go, and does now and then what a careless or a hostile person does.
#include "actors.hpp"
#include "crypto/address.hpp"
#include "crypto/sha256.hpp"
#include "net/quiet.hpp"
#include "net/run.hpp"
#include "sdl/to_ledger.hpp"

namespace sublet::sim {

using net::Task;

namespace {

constexpr const char* kFile = R"yaml(
version: "2.0"
services:
  web:
    image: web:1
    expose:
      - port: 80
        to:
          - global: true
  db:
    image: db:1
    params:
      storage:
        data: {mount: /var/lib/db, readOnly: false}
profiles:
  compute:
    small:
      resources:
        cpu: {units: 0.5}
        memory: {size: 512Mi}
        storage: {size: 512Mi}
    big:
      resources:
        cpu: {units: 1}
        memory: {size: 1Gi}
        storage:
          - size: 512Mi
          - {name: data, size: 1Gi, attributes: {persistent: true, class: default}}
  placement:
    anywhere:
      pricing:
        small: {denom: ucredit, amount: 0.007}
        big: {denom: ucredit, amount: 0.014}
deployment:
  web: {anywhere: {profile: small, count: 2}}
  db: {anywhere: {profile: big, count: 1}}
)yaml";

bool is_over(const market::Deployment& deployment) { return deployment.state != market::DeploymentState::kActive; }

}  // namespace

Tenant::Tenant(World& world, std::size_t number)
    : world_(world),
      name_("tenant-" + std::to_string(number)),
      process_(world.spawn_process(name_, name_)),
      dice_(world.dice().fork(name_)),
      chain_(std::make_unique<client::Chain>(*process_.transport, process_.clock, world.node_for(number))),
      signer_(*client::Signer::make(process_.loop, world.key(name_))),
      file_(*sdl::parse(kFile, "sim.yaml")) {}

void Tenant::start() { net::spawn(process_.loop, live()); }

Task<> Tenant::live() {
    co_await process_.clock.sleep(dice_.between(1'000, 60'000));
    while (!world_.closing()) {
        const Result<> rented = co_await rent_once();
        if (!rented) {
            world_.mark("a rent ended with " + std::string{code_name(rented.error().code)});
        }
        co_await process_.clock.sleep(dice_.between(1'000, 120'000));
    }
    co_await close_everything();
}

Task<Result<>> Tenant::rent_once() {
    const Hash nonce = *fixed_from<32>(process_.random.bytes(32));
    market::MsgCreateDeployment message;
    message.owner = signer_->text();
    message.groups = *sdl::to_group_specs(file_);
    const Hash inner = crypto::sha256(file_.canonical_json);
    message.commitment = Bytes{view_of(crypto::Sha256{}.update(view_of(nonce)).update(view_of(inner)).finish())};
    // From just enough to match to hours of it.
    message.deposit_time = Millis{dice_.between(600'000, 1'200'000)};
    std::vector<client::TxMessage> messages{client::pack(message)};
    Task<Result<client::TxOutcome>> submitting = chain_->submit(*signer_, std::move(messages));
    const Result<client::TxOutcome> outcome = co_await std::move(submitting);
    if (!outcome) {
        co_return std::unexpected{outcome.error()};
    }
    const std::string id = outcome->attribute("sublet.market.deployment_created", "deployment");
    co_return co_await use(DeploymentId{std::stoull(id)}, nonce);
}

Task<Result<>> Tenant::put_manifest(market::Lease lease, Hash nonce, bool garbled) {
    Result<provider::Provider> provider = co_await chain_->provider(lease.provider);
    if (!provider) {
        co_return std::unexpected{provider.error()};
    }
    Result<client::Gateway> gateway = client::Gateway::of(*provider, world_.consensus().genesis().chain_id);
    if (!gateway) {
        co_return std::unexpected{gateway.error()};
    }
    client::ProviderClient client{*process_.transport, process_.clock, process_.random, signer_->secret(), *gateway};
    Bytes manifest = file_.canonical_json;
    if (garbled) {
        manifest[dice_.between(0, manifest.size() - 1)] ^= 1;
    }
    Task<Result<>> putting = client.put_manifest(lease.id, nonce, std::move(manifest));
    co_return co_await std::move(putting);
}

// One deployment from its first lease to its end, whoever ends it.
Task<Result<>> Tenant::use(DeploymentId id, Hash nonce) {
    const std::uint64_t leaves_at_ms = world_.time().now_ms() + dice_.between(120'000, 3'600'000);
    const bool forgets_manifest = dice_.chance(100);
    const bool pays_again = dice_.chance(500);
    LeaseId given;
    while (true) {
        co_await process_.clock.sleep(dice_.between(1'000, 15'000));
        Result<market::Deployment> deployment = co_await chain_->deployment(id);
        if (!deployment) {
            if (deployment.error().code == Code::kNotFound) {
                co_return Result<>{};
            }
            continue;
        }
        if (is_over(*deployment)) {
            world_.mark("a deployment ended");
            co_return Result<>{};
        }
        if (world_.closing() || world_.time().now_ms() >= leaves_at_ms) {
            std::vector<client::TxMessage> messages{client::pack(market::MsgCloseDeployment{signer_->text(), id})};
            Task<Result<client::TxOutcome>> submitting = chain_->submit(*signer_, std::move(messages));
            const Result<client::TxOutcome> closed = co_await std::move(submitting);
            world_.mark(closed ? "a tenant closed" : "a close failed");
            continue;
        }
        const LeaseId lease_id = deployment->groups.front().order.lease;
        if (lease_id.is_zero()) {
            continue;
        }
        Result<market::Lease> lease = co_await chain_->lease(lease_id);
        if (!lease) {
            continue;
        }
        if (lease->state == market::LeaseState::kAssigned && given != lease_id && !forgets_manifest) {
            const bool garbled = dice_.chance(100);
            Task<Result<>> putting = put_manifest(*lease, nonce, garbled);
            const Result<> put = co_await std::move(putting);
            if (put && garbled) {
                world_.mark("BROKEN: a garbled manifest was taken");
            }
            given = put ? lease_id : given;
            world_.mark(put ? "a manifest was taken" : "a manifest was refused");
        }
        if (lease->state == market::LeaseState::kPaused) {
            world_.mark("a lease was paused");
            if (pays_again && lease->start_by.is_zero()) {
                market::MsgTopUp top_up{signer_->text(), id, Amount{1'000'000}};
                std::vector<client::TxMessage> messages{client::pack(top_up)};
                Task<Result<client::TxOutcome>> submitting = chain_->submit(*signer_, std::move(messages));
                const Result<client::TxOutcome> paid = co_await std::move(submitting);
                world_.mark(paid ? "a top-up was taken" : "a top-up failed");
            }
        }
    }
}

Task<> Tenant::close_everything() {
    while (true) {
        Result<std::vector<market::Deployment>> all = co_await chain_->deployments_of(signer_->address());
        if (all) {
            for (const market::Deployment& each : *all) {
                if (is_over(each)) {
                    continue;
                }
                market::MsgCloseDeployment close{signer_->text(), each.id};
                std::vector<client::TxMessage> messages{client::pack(close)};
                Task<Result<client::TxOutcome>> submitting = chain_->submit(*signer_, std::move(messages));
                (void)co_await std::move(submitting);
            }
        }
        co_await process_.clock.sleep(5'000);
    }
}

}  // namespace sublet::sim
