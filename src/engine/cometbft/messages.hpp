// messages.hpp: one request or response of ABCI 2.0, as it stands in a frame. Vote extensions and the application's
// mempool are not among them: a network that never switches them on is never asked. The response to request n is n + 1.
// Spec: CometBFT v0.38 to v0.40, proto/tendermint/abci/types.proto.
#pragma once

#include "engine/cometbft/requests.hpp"
#include "engine/cometbft/responses.hpp"
#include "engine/cometbft/snapshots.hpp"

namespace sublet::abci {

// One of them.
struct Request {
    std::optional<RequestEcho> echo;
    std::optional<RequestFlush> flush;
    std::optional<RequestInfo> info;
    std::optional<RequestInitChain> init_chain;
    std::optional<RequestQuery> query;
    std::optional<RequestCheckTx> check_tx;
    std::optional<RequestCommit> commit;
    std::optional<RequestListSnapshots> list_snapshots;
    std::optional<RequestOfferSnapshot> offer_snapshot;
    std::optional<RequestLoadSnapshotChunk> load_snapshot_chunk;
    std::optional<RequestApplySnapshotChunk> apply_snapshot_chunk;
    std::optional<RequestPrepareProposal> prepare_proposal;
    std::optional<ProposedBlock> process_proposal;
    std::optional<ProposedBlock> finalize_block;
    static constexpr auto fields() {
        return list(field(1, "echo", &Request::echo), field(2, "flush", &Request::flush),
                    field(3, "info", &Request::info), field(5, "init_chain", &Request::init_chain),
                    field(6, "query", &Request::query), field(8, "check_tx", &Request::check_tx),
                    field(11, "commit", &Request::commit), field(12, "list_snapshots", &Request::list_snapshots),
                    field(13, "offer_snapshot", &Request::offer_snapshot),
                    field(14, "load_snapshot_chunk", &Request::load_snapshot_chunk),
                    field(15, "apply_snapshot_chunk", &Request::apply_snapshot_chunk),
                    field(16, "prepare_proposal", &Request::prepare_proposal),
                    field(17, "process_proposal", &Request::process_proposal),
                    field(20, "finalize_block", &Request::finalize_block));
    }
};

// One of them.
struct Response {
    std::optional<ResponseException> exception;
    std::optional<ResponseEcho> echo;
    std::optional<ResponseFlush> flush;
    std::optional<ResponseInfo> info;
    std::optional<ResponseInitChain> init_chain;
    std::optional<ResponseQuery> query;
    std::optional<TxAnswer> check_tx;
    std::optional<ResponseCommit> commit;
    std::optional<ResponseListSnapshots> list_snapshots;
    std::optional<ResponseOfferSnapshot> offer_snapshot;
    std::optional<ResponseLoadSnapshotChunk> load_snapshot_chunk;
    std::optional<ResponseApplySnapshotChunk> apply_snapshot_chunk;
    std::optional<ResponsePrepareProposal> prepare_proposal;
    std::optional<ResponseProcessProposal> process_proposal;
    std::optional<ResponseFinalizeBlock> finalize_block;
    static constexpr auto fields() {
        return list(field(1, "exception", &Response::exception), field(2, "echo", &Response::echo),
                    field(3, "flush", &Response::flush), field(4, "info", &Response::info),
                    field(6, "init_chain", &Response::init_chain), field(7, "query", &Response::query),
                    field(9, "check_tx", &Response::check_tx), field(12, "commit", &Response::commit),
                    field(13, "list_snapshots", &Response::list_snapshots),
                    field(14, "offer_snapshot", &Response::offer_snapshot),
                    field(15, "load_snapshot_chunk", &Response::load_snapshot_chunk),
                    field(16, "apply_snapshot_chunk", &Response::apply_snapshot_chunk),
                    field(17, "prepare_proposal", &Response::prepare_proposal),
                    field(18, "process_proposal", &Response::process_proposal),
                    field(21, "finalize_block", &Response::finalize_block));
    }
};

}  // namespace sublet::abci
