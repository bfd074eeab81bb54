// hostile_replica.cpp: hostile frames at the replica of the ledger: what its calls do with bent requests. Where it
// would rightly stop the node (a block of another height, a Commit without one) it is asked on; every second block is
// given the height that it waits for, so that what came bent is executed, committed and checked for broken sums.
#include "abci_models.hpp"
#include "engine/cometbft/replica.hpp"
#include "engine/cometbft/server.hpp"
#include "engine/genesis.hpp"
#include "engine/testing/world.hpp"
#include "hostile_frames.hpp"
#include "net/log.hpp"

namespace sublet::fuzz {
namespace {

using namespace abci;  // NOLINT(google-build-using-namespace): every name below is one of its

class AskedOn final : public Application {
public:
    explicit AskedOn(Application& replica) : replica_(replica) {}
    ResponseInfo info(const RequestInfo& request) override { return replica_.info(request); }
    ResponseQuery query(const RequestQuery& request) override { return replica_.query(request); }
    ResponseListSnapshots list_snapshots() override { return replica_.list_snapshots(); }
    ResponseLoadSnapshotChunk load_snapshot_chunk(const RequestLoadSnapshotChunk& request) override {
        return replica_.load_snapshot_chunk(request);
    }
    std::vector<TxAnswer> check_txs(const std::vector<RequestCheckTx>& requests) override {
        return replica_.check_txs(requests);
    }
    ResponsePrepareProposal prepare_proposal(const RequestPrepareProposal& request) override {
        return replica_.prepare_proposal(request);
    }
    ResponseProcessProposal process_proposal(const ProposedBlock& block) override {
        return replica_.process_proposal(block);
    }
    Result<ResponseInitChain> init_chain(const RequestInitChain& request) override {
        return asked_on(replica_.init_chain(request));
    }
    Result<ResponseFinalizeBlock> finalize_block(const ProposedBlock& block) override {
        ProposedBlock given = block;
        if (++blocks_ % 2 == 0) {
            given.height = replica_.info({}).last_block_height + 1;
        }
        return asked_on(replica_.finalize_block(given));
    }
    Result<ResponseCommit> commit() override {
        Result<ResponseCommit> out = replica_.commit();
        if (!out && out.error().code == Code::kInternal) {
            broken = out.error().message;
        }
        return asked_on(std::move(out));
    }
    ResponseOfferSnapshot offer_snapshot(const RequestOfferSnapshot& request) override {
        return replica_.offer_snapshot(request);
    }
    ResponseApplySnapshotChunk apply_snapshot_chunk(const RequestApplySnapshotChunk& request) override {
        return replica_.apply_snapshot_chunk(request);
    }
    std::atomic<std::uint64_t> stops = 0;
    std::string broken;  // an invariant; read once nothing runs

private:
    template <class T>
    Result<T> asked_on(Result<T> answer) {
        stops += answer ? 0U : 1U;
        return answer ? std::move(answer) : Result<T>{T{}};
    }
    Application& replica_;
    std::uint64_t blocks_ = 0;
};

std::string honest(Peer& reads, Peer& mempool, const Bytes& transaction) {
    Request ask;
    ask.info.emplace();
    const Result<Response> info = reads.ask(ask);
    ask = {};
    ask.query = RequestQuery{.data = "k", .path = "/store/state/key", .height = 0, .prove = true};
    const Result<Response> found = reads.ask(ask);
    ask = {};
    ask.check_tx.emplace().tx = transaction;
    const Result<Response> checked = mempool.ask(ask);
    if (!info || !found || !checked) {
        return "an honest connection is not answered";
    }
    return info->info && found->query && checked->check_tx ? "" : "an honest connection hears another's answers";
}

// Of what is stored: the height, and a replica that opens there.
std::string comes_back(store::Store& store, const ResponseInfo& before) {
    const auto again = engine::Replica::open(store, {}, {});
    if (!again) {
        return "it does not open again: " + again.error().message;
    }
    const ResponseInfo after = (*again)->info({});
    return after.last_block_height == before.last_block_height &&
                   after.last_block_app_hash == before.last_block_app_hash
               ? ""
               : "it comes back somewhere else";
}

Assault run(Hostility hostility) {
    using engine::testing::poor;
    using engine::testing::rich;
    net::set_log_sink([](const net::LogLine&) {});
    const app::Genesis genesis = engine::testing::small_genesis(rich());
    hostility.models = abci_models(engine::genesis_to_json(genesis), genesis.chain_id);
    const Bytes send = engine::testing::send_tx(rich(), poor().address, 5, 0);
    for (Request& each : hostility.models) {
        if (each.finalize_block) {
            each.finalize_block->txs = {send, Bytes(200, 't')};
        } else if (each.check_tx) {
            each.check_tx->tx = send;
        }
    }
    const engine::testing::Folder folder;
    const auto store = *store::Store::open(folder.path() / "ledger");
    engine::ReplicaOptions options;
    options.check_invariants = true;
    options.threads = 1;
    options.genesis = genesis;  // so that offers of a state are looked at
    const auto replica = *engine::Replica::open(*store, options, {});
    AskedOn application{*replica};
    Assault out;
    {
        const auto server = *Server::start("unix://" + (folder.path() / "abci.sock").string(), application);
        const auto reads = *Peer::dial(server->address());
        const auto mempool = *Peer::dial(server->address());
        out = assail(hostility, [&] { return server->address(); }, [&] { return honest(*reads, *mempool, send); });
    }
    const ResponseInfo info = replica->info({});
    std::printf("%llu blocks were made of it; %llu requests would have stopped the node\n",
                static_cast<unsigned long long>(info.last_block_height),
                static_cast<unsigned long long>(application.stops));
    out.why = !out.why.empty() ? out.why : !application.broken.empty() ? application.broken : comes_back(*store, info);
    return out;
}

}  // namespace
}  // namespace sublet::fuzz

int main(int count, char** arguments) { return sublet::fuzz::with_arguments(count, arguments, sublet::fuzz::run); }
