// renter.hpp: what everybody who rents can do, honest or not: order, hand in a manifest, pay again, close.
#pragma once

#include "client/chain.hpp"
#include "client/provider_client.hpp"
#include "sdl/sdl.hpp"
#include "world.hpp"

namespace sublet::sim {

class Renter {
public:
    // `file` is what it rents for (YAML); `node` the number of the node it dials.
    Renter(World& world, const std::string& name, std::size_t node, const std::string& file);
    virtual ~Renter() = default;
    Renter(const Renter&) = delete;
    Renter& operator=(const Renter&) = delete;
    void start();

protected:
    // Ends some time after world.closing() is true; then everything is closed.
    virtual net::Task<> live() = 0;

    net::Task<Result<client::TxOutcome>> submit(client::TxMessage message);
    // A deployment for the file, committed to by `nonce`; everything else is for the caller to fill in.
    [[nodiscard]] market::MsgCreateDeployment order_for(const Hash& nonce) const;
    net::Task<Result<DeploymentId>> open(market::MsgCreateDeployment order);
    net::Task<Result<>> put_manifest(market::Lease lease, Hash nonce, bool garbled);
    // The lease of the first group, if there is one that is not over; kNotFound when the deployment is over.
    net::Task<Result<std::optional<market::Lease>>> lease_of(DeploymentId id);
    Hash new_nonce() { return *fixed_from<32>(process_.random.bytes(32)); }

    World& world_;
    std::string name_;
    Process& process_;
    Dice dice_;
    std::unique_ptr<client::Chain> chain_;
    std::unique_ptr<client::Signer> signer_;
    sdl::Deployment file_;

private:
    net::Task<> run();
    net::Task<> close_everything();
};

}  // namespace sublet::sim
