// chain.hpp: a replica in a folder of its own, driven as CometBFT drives it.
#pragma once

#include "engine/cometbft/replica.hpp"
#include "engine/genesis.hpp"
#include "engine/testing/world.hpp"

namespace sublet::engine::testing {

struct Chain {
    Folder folder;
    std::unique_ptr<store::Store> store;
    std::unique_ptr<Replica> replica;
    std::vector<BlockPtr> made;

    // Once more: as after a crash.
    Result<> open(ReplicaOptions options = {.check_invariants = true}) {
        replica.reset();
        store.reset();
        TRY(opened, store::Store::open(folder.path() / "ledger"));
        store = std::move(opened);
        TRY(made_replica, Replica::open(*store, std::move(options),
                                        {[this](const Replica::Made& each) { made.push_back(each.block); }, {}}));
        replica = std::move(made_replica);
        return {};
    }
    void snapshots_made() const { replica->snapshots()->wait(); }
    [[nodiscard]] Result<abci::ResponseInitChain> begin(const app::Genesis& genesis = small_genesis(rich()),
                                                        std::vector<abci::ValidatorUpdate> validators = {}) const {
        abci::RequestInitChain request;
        request.validators = std::move(validators);
        request.chain_id = genesis.chain_id;
        request.app_state_bytes = genesis_to_json(genesis);
        request.initial_height = genesis.state_height.value() + 1;
        return replica->init_chain(request);
    }
    [[nodiscard]] Result<abci::ResponseFinalizeBlock> finalize(std::uint64_t height,
                                                               std::vector<Bytes> transactions) const {
        abci::ProposedBlock block;
        block.height = height;
        block.time = {.seconds = 1'800'000'000 + height, .nanos = 0};
        block.hash = Bytes(32, static_cast<char>('a' + height));
        block.txs = std::move(transactions);
        return replica->finalize_block(block);
    }
};

}  // namespace sublet::engine::testing
