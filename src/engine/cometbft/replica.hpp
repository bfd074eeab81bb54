// replica.hpp: the App and its store behind ABCI: one replica of a ledger whose blocks CometBFT decides.
// Spec: docs/spec/consensus.md.
#pragma once

#include <atomic>
#include <functional>
#include <mutex>

#include "app/app.hpp"
#include "engine/cometbft/application.hpp"
#include "engine/cometbft/known.hpp"
#include "engine/cometbft/retain.hpp"
#include "engine/cometbft/snapshot_intake.hpp"
#include "engine/engine.hpp"
#include "engine/workers.hpp"
#include "store/store.hpp"

namespace sublet::engine {

struct ReplicaOptions {
    bool check_invariants = false;
    std::size_t threads = 0;                   // beside the caller's, for signatures and hashes
    std::optional<SnapshotOptions> snapshots;  // nothing: none are made or offered
    RetainRules retain;
    // The operator's own genesis (CometBFT's app_state): without it no state is taken from other nodes.
    std::optional<app::Genesis> genesis;
    std::filesystem::path genesis_state;  // the state of a genesis that names one
    // Before a block of rules that nobody here knows is refused, which ends CometBFT too: so long it goes on telling
    // its peers that the block was agreed on. All stop at that height then, in place of some that wait for the others.
    unsigned farewell_ms = 0;
};

class Replica final : public abci::Application {
public:
    struct Made {
        BlockPtr block;
        std::shared_ptr<const app::Committed> state;
        double seconds = 0;  // to execute and to store it
        double commit_seconds = 0;
    };
    // On the application's thread.
    struct Events {
        std::function<void(const Made&)> made;  // with each block once it is durable
        // What CometBFT's mempool asked about, as new (or `again`, after a block).
        std::function<void(const Hash& hash, const abci::TxAnswer& answer, bool again)> checked;
    };
    // The store outlives this object. Errors: kStoreDamaged, kIo, kUsage (options).
    static Result<std::unique_ptr<Replica>> open(store::Store& store, ReplicaOptions options, Events events);

    // Nothing where none are made.
    [[nodiscard]] SnapshotFolder* snapshots() { return snapshots_.get(); }
    // Gives up the one that is being made. For one whose server is gone, before another one opens their folder.
    void end_snapshots() { snapshots_.reset(); }
    // The last durable height; nothing before the first block.
    [[nodiscard]] std::shared_ptr<const app::Committed> committed() const;
    // Errors: kHeightPruned, kNotFound (not yet).
    [[nodiscard]] Result<std::shared_ptr<const app::Committed>> committed_at(Height height) const;

    abci::ResponseInfo info(const abci::RequestInfo& request) override;
    abci::ResponseQuery query(const abci::RequestQuery& request) override;
    abci::ResponseListSnapshots list_snapshots() override;
    abci::ResponseLoadSnapshotChunk load_snapshot_chunk(const abci::RequestLoadSnapshotChunk& request) override;
    std::vector<abci::TxAnswer> check_txs(const std::vector<abci::RequestCheckTx>& requests) override;
    Result<abci::ResponseInitChain> init_chain(const abci::RequestInitChain& request) override;
    abci::ResponsePrepareProposal prepare_proposal(const abci::RequestPrepareProposal& request) override;
    abci::ResponseProcessProposal process_proposal(const abci::ProposedBlock& block) override;
    Result<abci::ResponseFinalizeBlock> finalize_block(const abci::ProposedBlock& block) override;
    Result<abci::ResponseCommit> commit() override;
    abci::ResponseOfferSnapshot offer_snapshot(const abci::RequestOfferSnapshot& request) override;
    abci::ResponseApplySnapshotChunk apply_snapshot_chunk(const abci::RequestApplySnapshotChunk& request) override;

private:
    // A chain that has begun and is not on the disk: CometBFT may ask for it again until its first block is.
    struct Beginning {
        app::Genesis genesis;
        app::ChangeSet changes;
        std::shared_ptr<const app::Committed> state;  // instead, of a genesis that names a state
        bool stored = false;                          // a run before got so far
    };

    Replica(store::Store& store, ReplicaOptions options, Events events);
    Result<> recover(store::StoredState state);
    Result<> begin_chain();
    Result<> take_over(SnapshotIntake::Whole whole);
    void show(std::shared_ptr<const app::Committed> state);
    ledger::Parallel on_all_cores();

    store::Store& store_;
    ReplicaOptions options_;
    Events events_;
    Workers workers_;                // the application's thread
    std::unique_ptr<app::App> app_;  // the same; nothing before the chain has begun
    std::optional<Beginning> beginning_;
    std::shared_ptr<store::FullBlock> finalized_;
    double finalize_seconds_ = 0;
    KnownTransactions known_;
    std::unique_ptr<SnapshotFolder> snapshots_;  // nothing: see ReplicaOptions
    SnapshotIntake intake_;
    Hash last_block_hash_{};
    Hash last_results_hash_{};

    mutable std::mutex mutex_;  // what follows
    std::deque<std::shared_ptr<const app::Committed>> kept_;
};

}  // namespace sublet::engine
