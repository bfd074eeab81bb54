// chain.hpp: a node's ledger as seen by a program: typed reads, transactions that are signed, sent and awaited, events
// that are followed. One loop's thread. Spec: docs/spec/transactions.md.
#pragma once

#include <cstdint>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <vector>

#include "client/chain_events.hpp"
#include "client/signer.hpp"
#include "client/tx.hpp"
#include "modules/market/market.hpp"
#include "modules/query.hpp"
#include "net/host.hpp"
#include "net/http.hpp"

namespace sublet::client {

inline constexpr std::uint64_t kCommitTimeoutMs = 30'000;
inline constexpr std::size_t kMaxPages = 50;  // of query::kMaxListed records each

// A transaction that is in a block and was accepted there.
struct TxOutcome {
    Hash hash{};
    Height height;
    std::uint64_t gas_wanted = 0;
    std::uint64_t gas_used = 0;
    Code code = Code::kOk;  // other than kOk only from Chain::transaction
    std::string log;
    std::vector<ledger::Event> events;  // attributes as plain text
    Bytes bytes;                        // the raw transaction

    // The first attribute `key` of an event `type` ("sublet.market.deployment_created"), or "".
    [[nodiscard]] std::string attribute(std::string_view type, std::string_view key) const;
};

// A block that there is, and the hash of the state before it, in hexadecimal: nobody knew it long before.
struct RecentBlock {
    std::uint64_t height = 0;
    std::string app_hash;
};

struct SubmitOptions {
    enum class Pay : std::uint8_t {
        kAuto,  // free where every message is (operator's messages, the faucet); paid when the quota is used up
        kFree,
        kPaid,
    };
    Pay pay = Pay::kAuto;
    std::string memo;
    std::uint64_t timeout_ms = kCommitTimeoutMs;
};

// Errors everywhere: kIo, kTimeout, kHttp, kParse (the node or the way to it), kNotFound (no such record), and what the
// ledger refuses by its own code; the message says what to do. The transport and the clock outlive this object.
class Chain {
public:
    Chain(net::Transport& transport, net::Clock& clock, net::Endpoint node);

    Task<Result<query::StatusReply>> status();
    Task<Result<ledger::Params>> params();
    Task<Result<account::Account>> account(Address address);
    Task<Result<Amount>> balance(Address address, std::string denom = "ucredit");  // no record: zero

    Task<Result<provider::Provider>> provider(Address owner);
    Task<Result<provider::Provider>> provider_of_operator(Address operator_address);
    Task<Result<std::vector<provider::Provider>>> providers();
    Task<Result<market::Offer>> offer(OfferId id);
    Task<Result<std::vector<market::Offer>>> offers();
    Task<Result<std::vector<market::Offer>>> offers_of_provider(Address owner);
    Task<Result<market::Deployment>> deployment(DeploymentId id);
    Task<Result<std::vector<market::Deployment>>> deployments_of(Address owner);
    Task<Result<market::Lease>> lease(LeaseId id);
    Task<Result<std::vector<market::Lease>>> leases_of_tenant(Address tenant);
    Task<Result<std::vector<market::Lease>>> leases_of_provider(Address owner);

    Task<Result<job::Job>> job(JobId id);
    Task<Result<std::vector<job::Job>>> jobs_of(Address owner);
    // The dearest first, at most query::kMaxListed.
    Task<Result<std::vector<job::Job>>> jobs_on_offer();
    // Those from number `from` on that were claimed at least once; at most query::kMaxListed.
    Task<Result<std::vector<job::Task>>> tasks_of(JobId job, std::uint32_t from);
    Task<Result<job::Task>> task(JobId job, std::uint32_t index);
    Task<Result<std::vector<job::Task>>> tasks_in_hand(Address worker);
    Task<Result<std::vector<job::Job>>> probes_of(Address worker);
    Task<Result<job::Rates>> rates(Address worker);
    Task<Result<std::vector<job::Rates>>> all_rates();
    // Audits in which an auditor owes a word.
    Task<Result<std::vector<audit::Audit>>> audits_in_hand(Address auditor);
    // Nothing: the result was not drawn, or never shown.
    Task<Result<std::optional<audit::Audit>>> audit(audit::AuditId id);
    // A page of a job's, from this one on.
    Task<Result<std::vector<audit::Audit>>> audits_from(audit::AuditId first);
    // Errors: kNotFound (the job has none).
    Task<Result<audit::Chain>> chain_of(JobId job);
    // An owner that never staked and never claimed has a fresh one.
    Task<Result<audit::Standing>> standing(Address owner);
    Task<Result<std::vector<audit::Standing>>> standings();
    Task<Result<RecentBlock>> recent_block();

    // Signs with the signer's next sequence, broadcasts and waits for the block. A wrong sequence is read again and
    // tried once more. Errors: the code with which the ledger refuses it (before or in the block); kTimeout when it is
    // in no block after options.timeout_ms (it may still come: look with `transaction`).
    Task<Result<TxOutcome>> submit(Signer& signer, std::vector<TxMessage> messages, SubmitOptions options);
    Task<Result<TxOutcome>> submit(Signer& signer, std::vector<TxMessage> messages);
    // What became of a transaction. kNotFound: in no block.
    Task<Result<TxOutcome>> transaction(Hash hash);

    // Gives every event after `from` to `sink`, in order, and goes on for ever: reconnects with back-off and picks up
    // where it was. Ends with the sink's error, kHeightPruned (the node no longer has the events after `from`: list,
    // then follow from the height of status()), or kCancelled after control->stop().
    Task<Result<>> follow_events(EventCursor from, std::shared_ptr<FollowControl> control, LedgerEventSink sink);

    // One JSON-RPC call of CometBFT's interface: its `result`.
    Task<Result<nlohmann::json>> rpc(std::string method, nlohmann::json parameters);
    // abci_query: the value's bytes; empty where there is nothing.
    Task<Result<Bytes>> abci_query(std::string path, Bytes data);

    [[nodiscard]] const net::Endpoint& node() const { return node_; }

private:
    template <codec::Struct T>
    Task<Result<T>> record(Bytes key, std::string what);
    template <codec::Struct T>
    Task<Result<std::vector<T>>> list(std::string path, query::ListRequest request);
    template <codec::Struct T>
    Task<Result<std::vector<T>>> one_page(std::string path, Bytes data);
    Task<Result<>> know_network();
    Task<Result<>> read_account(Signer& signer);
    Task<Result<std::uint64_t>> simulated_gas(Bytes transaction);
    Task<Result<Hash>> send_next(Signer& signer, std::vector<TxMessage> messages, SubmitOptions options);
    Task<Result<Hash>> send_paid(Signer& signer, TxDraft draft, std::uint64_t gas);
    Task<Result<Hash>> send_priced(Signer& signer, std::vector<TxMessage> messages, SubmitOptions options);
    Task<Result<Hash>> broadcast(Bytes transaction);
    Task<Result<TxOutcome>> await_commit(Hash hash, std::uint64_t timeout_ms);
    Task<Result<std::optional<Error>>> read_events(std::shared_ptr<EventCursor> cursor,
                                                   std::shared_ptr<FollowControl> control, LedgerEventSink sink);

    net::Transport& transport_;
    net::Clock& clock_;
    net::Endpoint node_;
    std::string chain_id_;   // empty until first read
    ledger::Params params_;  // read with it, and again when a fee is too low
    std::uint64_t next_rpc_id_ = 1;
};

}  // namespace sublet::client
