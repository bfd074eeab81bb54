// ledger.hpp: what the agent asks of the ledger, as an interface, so that tests and the simulator can stand in for it.
// Spec: docs/spec/market.md.
#pragma once

#include <functional>
#include <optional>
#include <variant>
#include <vector>

#include "modules/audit/messages.hpp"
#include "modules/job/messages_probe.hpp"
#include "modules/job/messages_worker.hpp"
#include "modules/market/messages_lease.hpp"
#include "modules/market/messages_offer.hpp"
#include "modules/provider/messages.hpp"
#include "modules/query.hpp"
#include "net/task.hpp"

// GCC 12 sees Asio's frame allocation but not the matching release of a coroutine that it partly inlines.
#pragma GCC diagnostic ignored "-Wmismatched-new-delete"

namespace sublet::agent {

using net::Task;

// MsgRegister and MsgUpdate are signed by the owner, all others by the operator; the implementation picks the key.
using Message =
    std::variant<provider::MsgHeartbeat, provider::MsgRegister, provider::MsgUpdate, market::MsgPostOffer,
                 market::MsgUpdateOffer, market::MsgLeaseReady, market::MsgEndLease, market::MsgWithdraw,
                 job::MsgFailTask, job::MsgCommitTask, job::MsgOpenTask, job::MsgPostRate, job::MsgCommitProbe,
                 job::MsgOpenProbe, audit::MsgCommitAudit, audit::MsgJudgeAudit, audit::MsgShowAudit>;

// A block that there is, and the hash of the state before it, in hexadecimal: nobody knew it long before.
struct RecentBlock {
    std::uint64_t height = 0;
    std::string app_hash;
};

class Ledger {
public:
    virtual ~Ledger() = default;
    // Reads give what the ledger said, or an error (kIo, kTimeout, kHttp …); never half a list.
    virtual Task<Result<query::StatusReply>> status() = 0;
    virtual Task<Result<std::optional<provider::Provider>>> provider(crypto::Address owner) = 0;
    // Of the whole market.
    virtual Task<Result<std::vector<provider::Provider>>> providers() = 0;
    virtual Task<Result<std::vector<market::Offer>>> offers(crypto::Address owner) = 0;
    // Every lease of the provider that is not archived, closed ones included.
    virtual Task<Result<std::vector<market::Lease>>> leases(crypto::Address owner) = 0;
    virtual Task<Result<std::optional<market::Lease>>> lease(LeaseId id) = 0;
    virtual Task<Result<std::optional<market::Deployment>>> deployment(DeploymentId id) = 0;

    virtual Task<Result<std::optional<job::Job>>> job(JobId id) = 0;
    virtual Task<Result<std::optional<job::Task>>> task(JobId id, std::uint32_t index) = 0;
    virtual Task<Result<std::vector<job::Task>>> tasks_in_hand(crypto::Address owner) = 0;
    // Claims a task of a job whose input is here: its time runs. Errors: as MsgClaimTask.
    virtual Task<Result<job::Task>> claim(JobId id) = 0;
    // Jobs that this provider was drawn to probe and has not shown.
    virtual Task<Result<std::vector<job::Job>>> probes(crypto::Address owner) = 0;
    virtual Task<Result<std::optional<job::Rates>>> rates(crypto::Address owner) = 0;
    virtual Task<Result<RecentBlock>> recent_block() = 0;
    // Audits in which this provider owes a word.
    virtual Task<Result<std::vector<audit::Audit>>> audits_in_hand(crypto::Address owner) = 0;
    virtual Task<Result<std::optional<audit::Audit>>> audit(audit::AuditId id) = 0;

    // Signs, sends and waits until it stands in a block. Errors: the ledger's own code when it refused, kIo or kTimeout
    // when nobody knows (read the ledger again before repeating), kKeyring when the key it takes is not here.
    virtual Task<Result<>> send(Message message) = 0;
    [[nodiscard]] virtual bool has_owner_key() const = 0;
    [[nodiscard]] virtual crypto::Address operator_address() const = 0;

    // Calls `wake` whenever something about this provider may have changed; returns when the connection ends or
    // stop_watching() was called. Only a hint: all truth comes from the reads.
    virtual Task<Result<>> watch(crypto::Address owner, std::function<void()> wake) = 0;
    virtual Task<> stop_watching() = 0;
};

}  // namespace sublet::agent
