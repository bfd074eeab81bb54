// chain_ledger.hpp: the agent's view of the ledger over a node's API.
#pragma once

#include "agent/ledger.hpp"
#include "client/chain.hpp"

namespace sublet::agent {

// The references outlive the object. Without the owner's signer, registering and updating the provider are refused.
class ChainLedger final : public Ledger {
public:
    ChainLedger(client::Chain& chain, client::Signer& operator_signer, client::Signer* owner_signer)
        : chain_(chain), operator_(operator_signer), owner_(owner_signer) {}

    Task<Result<query::StatusReply>> status() override;
    Task<Result<std::optional<provider::Provider>>> provider(crypto::Address owner) override;
    Task<Result<std::vector<provider::Provider>>> providers() override;
    Task<Result<std::vector<market::Offer>>> offers(crypto::Address owner) override;
    Task<Result<std::vector<market::Lease>>> leases(crypto::Address owner) override;
    Task<Result<std::optional<market::Lease>>> lease(LeaseId id) override;
    Task<Result<std::optional<market::Deployment>>> deployment(DeploymentId id) override;
    Task<Result<std::optional<job::Job>>> job(JobId id) override;
    Task<Result<std::optional<job::Task>>> task(JobId id, std::uint32_t index) override;
    Task<Result<std::vector<job::Task>>> tasks_in_hand(crypto::Address owner) override;
    Task<Result<job::Task>> claim(JobId id) override;
    Task<Result<std::vector<job::Job>>> probes(crypto::Address owner) override;
    Task<Result<std::optional<job::Rates>>> rates(crypto::Address owner) override;
    Task<Result<RecentBlock>> recent_block() override;
    Task<Result<std::vector<audit::Audit>>> audits_in_hand(crypto::Address owner) override;
    Task<Result<std::optional<audit::Audit>>> audit(audit::AuditId id) override;
    Task<Result<>> send(Message message) override;
    [[nodiscard]] bool has_owner_key() const override { return owner_ != nullptr; }
    [[nodiscard]] crypto::Address operator_address() const override { return operator_.address(); }
    Task<Result<>> watch(crypto::Address owner, std::function<void()> wake) override;
    Task<> stop_watching() override;

private:
    client::Chain& chain_;
    client::Signer& operator_;
    client::Signer* owner_;
    std::shared_ptr<client::FollowControl> following_;
};

}  // namespace sublet::agent
