// tenant.cpp: rents, uses, tops up or lets go, and does now and then what a careless or a hostile person does.
#include "actors.hpp"
#include "net/quiet.hpp"

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

}  // namespace

Tenant::Tenant(World& world, std::size_t number) : Renter(world, "tenant-" + std::to_string(number), number, kFile) {}

Task<> Tenant::live() {
    co_await process_.clock.sleep(dice_.between(1'000, 60'000));
    while (!world_.closing()) {
        const Result<> rented = co_await rent_once();
        if (!rented) {
            world_.mark("a rent ended with " + std::string{code_name(rented.error().code)});
        }
        co_await process_.clock.sleep(dice_.between(1'000, 120'000));
    }
}

Task<Result<>> Tenant::rent_once() {
    const Hash nonce = new_nonce();
    market::MsgCreateDeployment order = order_for(nonce);
    // From just enough to match to hours of it.
    order.deposit_time = Millis{dice_.between(600'000, 1'200'000)};
    Task<Result<DeploymentId>> opening = open(std::move(order));
    const Result<DeploymentId> opened = co_await std::move(opening);
    if (!opened) {
        co_return std::unexpected{opened.error()};
    }
    co_return co_await use(*opened, nonce);
}

// One deployment from its first lease to its end, whoever ends it.
Task<Result<>> Tenant::use(DeploymentId id, Hash nonce) {
    const std::uint64_t leaves_at_ms = world_.time().now_ms() + dice_.between(120'000, 3'600'000);
    const bool forgets_manifest = dice_.chance(100);
    const bool pays_again = dice_.chance(500);
    LeaseId given;
    while (true) {
        co_await process_.clock.sleep(dice_.between(1'000, 15'000));
        Task<Result<std::optional<market::Lease>>> looking = lease_of(id);
        const Result<std::optional<market::Lease>> lease = co_await std::move(looking);
        if (!lease) {
            if (lease.error().code == Code::kNotFound) {
                world_.mark("a deployment ended");
                co_return Result<>{};
            }
            continue;
        }
        if (world_.closing() || world_.time().now_ms() >= leaves_at_ms) {
            Task<Result<client::TxOutcome>> submitting =
                submit(client::pack(market::MsgCloseDeployment{signer_->text(), id}));
            const Result<client::TxOutcome> closed = co_await std::move(submitting);
            world_.mark(closed ? "a tenant closed" : "a close failed");
            continue;
        }
        if (!*lease) {
            continue;
        }
        const market::Lease& mine = **lease;
        if (mine.state == market::LeaseState::kAssigned && given != mine.id && !forgets_manifest) {
            const bool garbled = dice_.chance(100);
            Task<Result<>> putting = put_manifest(mine, nonce, garbled);
            const Result<> put = co_await std::move(putting);
            if (put && garbled) {
                world_.mark("BROKEN: a garbled manifest was taken");
            }
            given = put ? mine.id : given;
            world_.mark(put ? "a manifest was taken" : "a manifest was refused");
        }
        if (mine.state == market::LeaseState::kPaused) {
            world_.mark("a lease was paused");
            if (pays_again && mine.start_by.is_zero()) {
                Task<Result<client::TxOutcome>> submitting =
                    submit(client::pack(market::MsgTopUp{signer_->text(), id, Amount{1'000'000}}));
                const Result<client::TxOutcome> paid = co_await std::move(submitting);
                world_.mark(paid ? "a top-up was taken" : "a top-up failed");
            }
        }
    }
}

}  // namespace sublet::sim
