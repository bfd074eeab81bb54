// hostile_server.cpp: hostile frames at the ABCI server with an application that takes anything: what the server itself
// does of them. An honest CometBFT makes blocks beside them.
#include <filesystem>

#include <unistd.h>

#include "abci_models.hpp"
#include "engine/cometbft/server.hpp"
#include "hostile_frames.hpp"
#include "net/log.hpp"

namespace sublet::fuzz {
namespace {

using namespace abci;  // NOLINT(google-build-using-namespace): every name below is one of its

// Blocks have no content; a check says how long the transaction is.
class Counting final : public Application {
public:
    ResponseInfo info(const RequestInfo& /*request*/) override {
        ResponseInfo out;
        out.last_block_height = height_;
        return out;
    }
    ResponseQuery query(const RequestQuery& request) override {
        ResponseQuery out;
        out.key = request.data;
        return out;
    }
    ResponseListSnapshots list_snapshots() override { return {}; }
    ResponseLoadSnapshotChunk load_snapshot_chunk(const RequestLoadSnapshotChunk& /*request*/) override { return {}; }
    std::vector<TxAnswer> check_txs(const std::vector<RequestCheckTx>& requests) override {
        std::vector<TxAnswer> out(requests.size());
        for (std::size_t i = 0; i < requests.size(); ++i) {
            out[i].gas_used = requests[i].tx.size();
        }
        return out;
    }
    Result<ResponseInitChain> init_chain(const RequestInitChain& /*request*/) override { return ResponseInitChain{}; }
    ResponsePrepareProposal prepare_proposal(const RequestPrepareProposal& request) override { return {request.txs}; }
    ResponseProcessProposal process_proposal(const ProposedBlock& /*block*/) override { return {1}; }
    Result<ResponseFinalizeBlock> finalize_block(const ProposedBlock& block) override {
        ResponseFinalizeBlock out;
        out.tx_results.resize(block.txs.size());
        return out;
    }
    Result<ResponseCommit> commit() override {
        ++height_;
        return ResponseCommit{};
    }
    ResponseOfferSnapshot offer_snapshot(const RequestOfferSnapshot& /*request*/) override { return {2}; }
    ResponseApplySnapshotChunk apply_snapshot_chunk(const RequestApplySnapshotChunk& /*request*/) override {
        return {.result = 2, .refetch_chunks = {}, .reject_senders = {}};
    }

private:
    std::atomic<std::uint64_t> height_ = 0;
};

// What an honest caller's four connections hear; empty: what they should.
std::string honest(Peer& reads, Peer& mempool, Peer& consensus) {
    Request ask;
    ask.info.emplace();
    const Result<Response> info = reads.ask(ask);
    ask = {};
    ask.check_tx.emplace().tx = Bytes(77, 't');
    const Result<Response> checked = mempool.ask(ask);
    ask = {};
    ask.finalize_block.emplace().txs = {"a", "b"};
    const Result<Response> made = consensus.ask(ask);
    ask = {};
    ask.commit.emplace();
    const Result<Response> committed = consensus.ask(ask);
    if (!info || !checked || !made || !committed) {
        return "an honest connection is not answered";
    }
    const bool right = info->info && checked->check_tx && checked->check_tx->gas_used == 77 && made->finalize_block &&
                       made->finalize_block->tx_results.size() == 2 && committed->commit;
    return right ? "" : "an honest connection hears another's answers";
}

Assault run(Hostility hostility) {
    net::set_log_sink([](const net::LogLine&) {});
    hostility.models = abci_models();
    const std::filesystem::path file =
        std::filesystem::temp_directory_path() / ("sublet-hostile-" + std::to_string(::getpid()) + ".sock");
    Counting application;
    const auto server = *Server::start("unix://" + file.string(), application);
    const auto reads = *Peer::dial(server->address());
    const auto mempool = *Peer::dial(server->address());
    const auto consensus = *Peer::dial(server->address());
    return assail(hostility, [&] { return server->address(); }, [&] { return honest(*reads, *mempool, *consensus); });
}

}  // namespace
}  // namespace sublet::fuzz

int main(int count, char** arguments) { return sublet::fuzz::with_arguments(count, arguments, sublet::fuzz::run); }
