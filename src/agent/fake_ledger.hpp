// fake_ledger.hpp: a ledger in memory for the agent's tests and the simulator: one provider, no money, no blocks;
// leases change state as the test or a message says.
#pragma once

#include <map>

#include "agent/ledger.hpp"
#include "net/host.hpp"

namespace sublet::agent {

class FakeLedger final : public Ledger {
public:
    FakeLedger(net::Clock& clock, crypto::Address owner, crypto::Address operator_address);

    bool down = false;  // every call: kIo
    bool owner_key = true;
    std::string chain_id = "sublet-test";
    std::uint64_t height = 1;
    ledger::Params params;
    std::optional<provider::Provider> record;
    std::vector<provider::Provider> others;  // of the market, besides `record`
    std::map<OfferId, market::Offer> all_offers;
    std::map<LeaseId, market::Lease> all_leases;
    std::map<DeploymentId, market::Deployment> all_deployments;
    std::map<JobId, job::Job> all_jobs;
    std::map<std::pair<JobId, std::uint32_t>, job::Task> all_tasks;
    std::map<audit::AuditId, audit::Audit> all_audits;
    std::optional<job::Rates> own_rates;
    unsigned lost_answers = 0;   // so many claims are taken, and nobody hears of it
    std::vector<JobId> claims;   // that were taken, in order
    unsigned refusals = 0;       // so many reports of tasks are refused
    unsigned asked = 0;          // reports of tasks, refused ones included
    std::vector<Message> taken;  // what was accepted, in order

    // How many accepted messages are of this type.
    template <class M>
    [[nodiscard]] std::size_t count() const {
        std::size_t out = 0;
        for (const Message& message : taken) {
            out += std::holds_alternative<M>(message) ? 1U : 0U;
        }
        return out;
    }
    market::Lease& add_lease(LeaseId id, DeploymentId deployment, crypto::Address tenant);
    void wake();  // as an event of the ledger would

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
    [[nodiscard]] bool has_owner_key() const override { return owner_key; }
    [[nodiscard]] crypto::Address operator_address() const override { return operator_; }
    Task<Result<>> watch(crypto::Address owner, std::function<void()> wake) override;
    Task<> stop_watching() override;

private:
    Result<> take(const provider::MsgHeartbeat& message);
    Result<> take(const provider::MsgRegister& message);
    Result<> take(const provider::MsgUpdate& message);
    Result<> take(const market::MsgPostOffer& message);
    Result<> take(const market::MsgUpdateOffer& message);
    Result<> take(const market::MsgLeaseReady& message);
    Result<> take(const market::MsgEndLease& message);
    Result<> take(const market::MsgWithdraw& message);
    Result<> take(const job::MsgFailTask& message);
    Result<> take(const job::MsgCommitTask& message);
    Result<> take(const job::MsgOpenTask& message);
    Result<> take(const job::MsgPostRate& message);
    Result<> take(const job::MsgCommitProbe& message);
    Result<> take(const job::MsgOpenProbe& message);
    Result<> take(const audit::MsgCommitAudit& message);
    Result<> take(const audit::MsgJudgeAudit& message);
    Result<> take(const audit::MsgShowAudit& message);
    // The first seat of this owner's.
    audit::Seat* seat(const audit::AuditId& id);
    Result<job::Task*> attempt(JobId id, std::uint32_t index, std::uint32_t number, job::TaskState state);
    [[nodiscard]] LedgerTime now() const;

    net::Clock& clock_;
    std::uint64_t begun_ms_;
    crypto::Address owner_;
    crypto::Address operator_;
    std::function<void()> wake_;
    bool watching_ = false;
};

}  // namespace sublet::agent
