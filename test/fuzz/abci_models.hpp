// abci_models.hpp: one well-formed request of each kind, from which hostile ones are bent.
#pragma once

#include <vector>

#include "engine/cometbft/messages.hpp"

namespace sublet::fuzz {

// `app_state`: a genesis, for an application that reads it.
inline std::vector<abci::Request> abci_models(const Bytes& app_state = "{}", const std::string& chain_id = "test-1") {
    std::vector<abci::Request> out;
    const auto add = [&]() -> abci::Request& { return out.emplace_back(); };
    add().echo = abci::RequestEcho{"is anybody there"};
    add().flush.emplace();
    add().info =
        abci::RequestInfo{.version = "0.38.25", .block_version = 11, .p2p_version = 8, .abci_version = "2.0.0"};
    abci::RequestInitChain& begin = add().init_chain.emplace();
    begin.time = {.seconds = 1'800'000'000, .nanos = 1};
    begin.chain_id = chain_id;
    begin.consensus_params = Bytes{"\x0a\x02\x08\x01"};
    begin.validators = {{.pub_key = {.ed25519 = Bytes(32, 'k'), .secp256k1 = {}}, .power = 10}};
    begin.app_state_bytes = app_state;
    begin.initial_height = 1;
    add().query = abci::RequestQuery{.data = "key", .path = "/store/state/key", .height = 1, .prove = true};
    add().query =
        abci::RequestQuery{.data = "", .path = "/cosmos.auth.v1beta1.Query/Account", .height = 0, .prove = false};
    add().check_tx = abci::RequestCheckTx{.tx = Bytes(200, 't'), .type = 0};
    add().check_tx = abci::RequestCheckTx{.tx = "k=v", .type = abci::kCheckAgain};
    add().commit.emplace();
    add().list_snapshots.emplace();
    add().offer_snapshot.emplace().app_hash = Bytes(32, 'h');
    add().load_snapshot_chunk.emplace().height = 1;
    add().apply_snapshot_chunk.emplace().chunk = Bytes(300, 'c');
    abci::RequestPrepareProposal& prepare = add().prepare_proposal.emplace();
    prepare.max_tx_bytes = 1U << 20U;
    prepare.txs = {"k=v", Bytes(200, 't')};
    abci::ProposedBlock block;
    block.txs = {"k=v", Bytes(200, 't')};
    block.last_commit.votes = {
        {.validator = {.address = Bytes(20, 'a'), .power = 10}, .block_id_flag = abci::BlockIdFlag::kCommit}};
    block.misbehavior = {{.type = 1,
                          .validator = {.address = Bytes(20, 'a'), .power = 10},
                          .height = 1,
                          .time = {.seconds = 1'800'000'000, .nanos = 0},
                          .total_voting_power = 10}};
    block.hash = Bytes(32, 'b');
    block.height = 1;
    block.time = {.seconds = 1'800'000'001, .nanos = 0};
    add().process_proposal = block;
    add().finalize_block = block;
    return out;
}

}  // namespace sublet::fuzz
