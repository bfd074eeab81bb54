// application.hpp: what stands behind the sockets: one state machine, as ABCI 2.0 shapes it.
// Spec: CometBFT v0.38 spec/abci; docs/spec/consensus.md.
#pragma once

#include "base/result.hpp"
#include "engine/cometbft/messages.hpp"

namespace sublet::abci {

class Application {
public:
    Application() = default;
    virtual ~Application() = default;
    Application(const Application&) = delete;
    Application& operator=(const Application&) = delete;

    // Reads of what is committed. Several threads call them at once, beside a block that is executed.
    virtual ResponseInfo info(const RequestInfo& request) = 0;
    virtual ResponseQuery query(const RequestQuery& request) = 0;
    virtual ResponseListSnapshots list_snapshots() = 0;
    virtual ResponseLoadSnapshotChunk load_snapshot_chunk(const RequestLoadSnapshotChunk& request) = 0;

    // One after the other, on one thread, in the order in which they came. An error is for what cannot go on (the disk,
    // a broken invariant): CometBFT is told and ends itself, nothing more is asked.
    // Those that came side by side; one answer each, in order.
    virtual std::vector<TxAnswer> check_txs(const std::vector<RequestCheckTx>& requests) = 0;
    virtual Result<ResponseInitChain> init_chain(const RequestInitChain& request) = 0;
    virtual ResponsePrepareProposal prepare_proposal(const RequestPrepareProposal& request) = 0;
    virtual ResponseProcessProposal process_proposal(const ProposedBlock& block) = 0;
    virtual Result<ResponseFinalizeBlock> finalize_block(const ProposedBlock& block) = 0;
    virtual Result<ResponseCommit> commit() = 0;
    virtual ResponseOfferSnapshot offer_snapshot(const RequestOfferSnapshot& request) = 0;
    virtual ResponseApplySnapshotChunk apply_snapshot_chunk(const RequestApplySnapshotChunk& request) = 0;
};

}  // namespace sublet::abci
