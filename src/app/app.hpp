// app.hpp: the replicated state machine, shaped like ABCI 2.0. Engines drive it; nothing in it knows which.
// Deterministic. Spec: docs/spec/transactions.md.
//
// One thread calls check_tx, finalize_block and commit. `committed()` may be handed to other threads: it is immutable.
#pragma once

#include <deque>
#include <map>
#include <memory>
#include <set>

#include "app/ante.hpp"
#include "app/blocks.hpp"
#include "ledger/ledger.hpp"
#include "ledger/params.hpp"
#include "ledger/transaction.hpp"
#include "ledger/wire_types.hpp"

namespace sublet::app {

inline constexpr std::size_t kMaxPendingPerAccount = 16;
inline constexpr std::size_t kMaxKeptHeights = 128;
inline constexpr std::size_t kMaxMempool = 10'000;
inline constexpr std::string_view kVersion = "0.1.0";

class App {
public:
    // A new chain. Errors: kBadField (the genesis does not hold together). Commit() after it gives height 0's changes.
    static Result<std::unique_ptr<App>> from_genesis(const Genesis& genesis);
    // A new chain with the state that another one was exported with; its height goes on. There is nothing to commit
    // before the first block. Errors: kBadField (not the state that the genesis names, or it does not hold together).
    static Result<std::unique_ptr<App>> from_exported(const Genesis& genesis, const ledger::Tree& state,
                                                      const ledger::Parallel& parallel = {});
    // The validators of a genesis that names a state: its root is fixed, so they enter it with the first block. For an
    // App from_state() at that height; from_exported() does it by itself. Errors: as enter_founders().
    Result<> await_founders(const Genesis& genesis);
    // The state of a stored height. Rebuilds the index. Errors: kStoreDamaged when its root differs from `app_hash`.
    static Result<std::unique_ptr<App>> from_state(std::string chain_id, Height height, BlockTime time,
                                                   const Hash& app_hash, const ledger::Tree& state,
                                                   const ledger::Parallel& parallel = {});

    // Whether the transaction may enter the mempool, on top of what is pending (at most 16 per account, in order).
    TxResult check_tx(BytesView transaction);
    TxResult check_tx(const Prepared& prepared);
    // Takes it apart and checks its signature against the last commit. Any thread, while no other one commits.
    [[nodiscard]] PreparedPtr prepare(BytesView transaction) const;

    // Why this build may not execute the next block, with what to do: an upgrade that it does not know. Asked before
    // it.
    [[nodiscard]] std::optional<std::string> must_upgrade() const;
    BlockResult finalize_block(const BlockRequest& request);
    ChangeSet commit();
    // After a commit: forgets pending sequences; the engine checks again what is left in its mempool.
    void reset_pending();

    // Ledger time at which a timer is due, if any: the solo engine owes a block then. L of the last block beside it.
    struct Due {
        LedgerTime now;
        std::optional<LedgerTime> next;
    };
    [[nodiscard]] Due next_due() const;

    // The last committed height, or one of the 127 before it. Errors: kHeightPruned, kNotFound (not yet).
    [[nodiscard]] std::shared_ptr<const Committed> committed() const { return kept_.back(); }
    [[nodiscard]] Result<std::shared_ptr<const Committed>> committed_at(Height height) const;
    [[nodiscard]] const std::string& chain_id() const { return chain_id_; }

    // Recomputes every sum and every index; the first broken invariant as a sentence, or nothing.
    [[nodiscard]] std::optional<std::string> broken_invariant() const;

private:
    App() = default;
    ledger::Block block_at(Height height, BlockTime time, LedgerTime now) const;
    TxResult deliver(const Prepared& prepared, const ledger::Block& block, std::set<Address>& beating);
    void remember_committed();

    std::string chain_id_;
    Height height_;
    BlockTime time_;
    LedgerTime now_;
    ledger::Params params_;            // as of the last commit
    Amount fees_;                      // ucredit, of the block that is executed
    std::optional<Genesis> entering_;  // its validators enter an exported state with the first block
    ledger::Ledger ledger_;
    Hash app_hash_{};
    std::deque<std::shared_ptr<const Committed>> kept_;
    std::map<Address, std::uint64_t> pending_;  // transactions in the mempool, by signer
    mutable Verdicts verdicts_;
};

// What a transaction of more than ledger::kMaxTxBytes is answered.
TxResult too_large();

// Executes without signatures, in the block after this height, and keeps nothing; gas_used is what the block would
// take. Any thread.
TxResult simulate(const Committed& committed, BytesView transaction);

// The validators of a genesis, on top of the state that it gives; without validators nothing changes. Errors:
// kBadField, kBadAddress, kConflict (the state has validators).
Result<> enter_founders(ledger::Ledger& ledger, const Genesis& genesis);

// Answers of the read paths. `path` is a gRPC path of Cosmos ("/cosmos.bank.v1beta1.Query/Balance") or of ours
// ("/sublet.market.v1.Query/Lease"), or "/store/state/key" for a raw key with a proof. Runs on an immutable height, any
// thread.
struct QueryResult {
    Code code = Code::kOk;
    std::string log;
    Bytes key;
    Bytes value;  // protobuf
    Bytes proof;  // ics23.CommitmentProof, when asked for and the path is /store/state/key
    Height height;
};
QueryResult query(const Committed& committed, std::string_view path, BytesView data, bool prove);

// The same facts as JSON for REST: "/v1/leases/7", query parameters as pairs. kNotFound for paths that do not exist.
Result<std::string> query_json(const Committed& committed, std::string_view path,
                               const std::map<std::string, std::string>& parameters);

// A transaction as JSON, each known message by its fields.
std::string transaction_json(const ledger::Transaction& transaction);

}  // namespace sublet::app
