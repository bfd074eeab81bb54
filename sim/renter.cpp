// renter.cpp: orders, manifests and closes over the real client.
#include "renter.hpp"

#include "crypto/sha256.hpp"
#include "net/quiet.hpp"
#include "net/run.hpp"
#include "sdl/to_ledger.hpp"

namespace sublet::sim {

using net::Task;

namespace {

bool is_over(const market::Deployment& deployment) { return deployment.state != market::DeploymentState::kActive; }

}  // namespace

Renter::Renter(World& world, const std::string& name, std::size_t node, const std::string& file)
    : world_(world),
      name_(name),
      process_(world.spawn_process(name, name)),
      dice_(world.dice().fork(name)),
      chain_(std::make_unique<client::Chain>(*process_.transport, process_.clock, world.node_for(node))),
      signer_(*client::Signer::make(process_.loop, world.key(name))),
      file_(*sdl::parse(file, "sim.yaml")) {}

void Renter::start() { net::spawn(process_.loop, run()); }

Task<> Renter::run() {
    co_await live();
    co_await close_everything();
}

Task<Result<client::TxOutcome>> Renter::submit(client::TxMessage message) {
    std::vector<client::TxMessage> messages{std::move(message)};
    Task<Result<client::TxOutcome>> submitting = chain_->submit(*signer_, std::move(messages));
    co_return co_await std::move(submitting);
}

market::MsgCreateDeployment Renter::order_for(const Hash& nonce) const {
    market::MsgCreateDeployment out;
    out.owner = signer_->text();
    out.groups = *sdl::to_group_specs(file_);
    const Hash inner = crypto::sha256(file_.canonical_json);
    out.commitment = Bytes{view_of(crypto::Sha256{}.update(view_of(nonce)).update(view_of(inner)).finish())};
    return out;
}

Task<Result<DeploymentId>> Renter::open(market::MsgCreateDeployment order) {
    Task<Result<client::TxOutcome>> submitting = submit(client::pack(order));
    const Result<client::TxOutcome> outcome = co_await std::move(submitting);
    if (!outcome) {
        co_return std::unexpected{outcome.error()};
    }
    co_return DeploymentId{std::stoull(outcome->attribute("sublet.market.deployment_created", "deployment"))};
}

Task<Result<>> Renter::put_manifest(market::Lease lease, Hash nonce, bool garbled) {
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

Task<Result<std::optional<market::Lease>>> Renter::lease_of(DeploymentId id) {
    Result<market::Deployment> deployment = co_await chain_->deployment(id);
    if (!deployment) {
        co_return std::unexpected{deployment.error()};
    }
    if (is_over(*deployment)) {
        co_return fail(Code::kNotFound, "the deployment is over");
    }
    const LeaseId lease_id = deployment->groups.front().order.lease;
    if (lease_id.is_zero()) {
        co_return std::optional<market::Lease>{};
    }
    Result<market::Lease> lease = co_await chain_->lease(lease_id);
    if (!lease) {
        co_return std::optional<market::Lease>{};  // the node does not answer now; the next look may find it
    }
    co_return std::optional<market::Lease>{std::move(*lease)};
}

Task<> Renter::close_everything() {
    while (true) {
        Result<std::vector<market::Deployment>> all = co_await chain_->deployments_of(signer_->address());
        if (all) {
            for (const market::Deployment& each : *all) {
                if (!is_over(each)) {
                    Task<Result<client::TxOutcome>> closing =
                        submit(client::pack(market::MsgCloseDeployment{signer_->text(), each.id}));
                    (void)co_await std::move(closing);
                }
            }
        }
        co_await process_.clock.sleep(5'000);
    }
}

}  // namespace sublet::sim
