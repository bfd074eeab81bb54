// replica_test.cpp: the real App and store behind ABCI: the same state as the solo engine makes, the beginning of a
// chain that is cut off, recovery, proposals that agree, queries with proofs.
#include <gtest/gtest.h>

#include "crypto/sha256.hpp"
#include "engine/cometbft/loose.hpp"
#include "engine/cometbft/peer.hpp"
#include "engine/cometbft/server.hpp"
#include "engine/cometbft/testing/chain.hpp"
#include "engine/core.hpp"
#include "engine/genesis.hpp"
#include "modules/account/account.hpp"

namespace sublet::engine {
namespace {

using testing::Chain;
using testing::Folder;
using testing::HandClock;
using testing::poor;
using testing::rich;
using testing::send_tx;
using testing::small_genesis;

TEST(Replica, MakesTheStateThatTheSoloEngineMakes) {
    Chain chain;
    ASSERT_TRUE(chain.open());
    EXPECT_EQ(chain.replica->info({}).last_block_height, 0U);
    const auto begun = chain.begin();
    ASSERT_TRUE(begun) << begun.error().message;

    const Folder solo_folder;
    HandClock clock;
    const auto solo_store = *store::Store::open(solo_folder.path() / "ledger");
    const auto solo = *Core::open(*solo_store, clock, small_genesis(rich()), {});
    EXPECT_EQ(begun->app_hash, Bytes{view_of(solo->committed()->app_hash)});

    for (std::uint64_t height = 1; height <= 3; ++height) {
        const Bytes send = send_tx(rich(), poor().address, 5, height - 1);
        const auto made = chain.finalize(height, {send});
        ASSERT_TRUE(made) << made.error().message;
        ASSERT_EQ(made->tx_results.size(), 1U);
        EXPECT_EQ(made->tx_results[0].code, 0U) << made->tx_results[0].log;
        EXPECT_EQ(chain.replica->info({}).last_block_height, height - 1);  // not before it is committed
        ASSERT_TRUE(chain.replica->commit());
        clock.now = (1'800'000'000 + height) * 1'000;
        EXPECT_EQ(solo->submit(send).check.code, Code::kOk);
        ASSERT_TRUE(solo->make_block());
        EXPECT_EQ(made->app_hash, Bytes{view_of(solo->committed()->app_hash)});
        EXPECT_EQ(chain.replica->info({}).last_block_app_hash, made->app_hash);
    }
    ASSERT_EQ(chain.made.size(), 3U);
    EXPECT_EQ(chain.made[1]->block.header.hash, *fixed_from<32>(Bytes(32, 'c')));
}

TEST(Replica, AChainMayBeginTwiceUntilItHasABlock) {
    Chain chain;
    ASSERT_TRUE(chain.open());
    const auto first = chain.begin();
    ASSERT_TRUE(first);
    ASSERT_TRUE(chain.open());  // the engine was killed before its first block: nothing is there
    EXPECT_EQ(chain.replica->info({}).last_block_height, 0U);
    EXPECT_FALSE(chain.finalize(1, {}));
    const auto again = chain.begin();
    ASSERT_TRUE(again);
    EXPECT_EQ(again->app_hash, first->app_hash);
    ASSERT_TRUE(chain.finalize(1, {}));
    ASSERT_TRUE(chain.replica->commit());
    EXPECT_EQ(chain.begin().error().code, Code::kConflict);
}

TEST(Replica, ABeginningThatWasWrittenAloneGoesOn) {
    Chain chain;
    {
        const auto store = *store::Store::open(chain.folder.path() / "ledger");
        HandClock clock;
        ASSERT_TRUE(Core::open(*store, clock, small_genesis(rich()), {}));  // height 0 and no block
    }
    ASSERT_TRUE(chain.open());
    EXPECT_EQ(chain.replica->info({}).last_block_height, 0U);
    app::Genesis other = small_genesis(rich());
    other.params.grace_ms = 1;
    EXPECT_EQ(chain.begin(other).error().code, Code::kConflict);
    ASSERT_TRUE(chain.begin());
    ASSERT_TRUE(chain.finalize(1, {}));
    ASSERT_TRUE(chain.replica->commit());
    ASSERT_TRUE(chain.open());
    EXPECT_EQ(chain.replica->info({}).last_block_height, 1U);
}

TEST(Replica, ComesBackAtTheLastDurableHeight) {
    Chain chain;
    ASSERT_TRUE(chain.open());
    ASSERT_TRUE(chain.begin());
    ASSERT_TRUE(chain.finalize(1, {send_tx(rich(), poor().address, 5, 0)}));
    ASSERT_TRUE(chain.replica->commit());
    const abci::ResponseInfo before = chain.replica->info({});
    const auto lost = chain.finalize(2, {send_tx(rich(), poor().address, 5, 1)});
    ASSERT_TRUE(lost);
    ASSERT_TRUE(chain.open());  // killed between a block and its commit
    EXPECT_EQ(chain.replica->info({}).last_block_height, 1U);
    EXPECT_EQ(chain.replica->info({}).last_block_app_hash, before.last_block_app_hash);
    EXPECT_FALSE(chain.finalize(3, {}));
    const auto again = chain.finalize(2, {send_tx(rich(), poor().address, 5, 1)});
    ASSERT_TRUE(again);
    EXPECT_EQ(again->app_hash, lost->app_hash);
}

TEST(Replica, ProposalsThatItMakesItTakes) {
    Chain chain;
    ASSERT_TRUE(chain.open());
    ASSERT_TRUE(chain.begin());
    abci::RequestPrepareProposal request;
    request.max_tx_bytes = 21U << 20U;
    request.txs.assign(kMaxBlockTransactions + 5, Bytes(300, 't'));
    abci::ProposedBlock block;
    block.txs = chain.replica->prepare_proposal(request).txs;
    EXPECT_EQ(block.txs.size(), kMaxBlockTransactions);
    EXPECT_EQ(chain.replica->process_proposal(block).status, 1U);
    block.txs.emplace_back("one too many");
    EXPECT_EQ(chain.replica->process_proposal(block).status, 2U);

    request.txs.assign(1'000, Bytes(ledger::kMaxTxBytes, 't'));
    block.txs = chain.replica->prepare_proposal(request).txs;
    EXPECT_EQ(block.txs.size(), kMaxBlockBytes / ledger::kMaxTxBytes);
    EXPECT_EQ(chain.replica->process_proposal(block).status, 1U);
    block.txs = {Bytes(ledger::kMaxTxBytes + 1, 't')};
    EXPECT_EQ(chain.replica->process_proposal(block).status, 2U);

    request.max_tx_bytes = 1'000;  // protobuf's tags and lengths count
    request.txs.assign(10, Bytes(199, 't'));
    EXPECT_EQ(chain.replica->prepare_proposal(request).txs.size(), 4U);
}

TEST(Replica, ChecksQueriesAndProvesOverTheSocket) {
    Chain chain;
    ASSERT_TRUE(chain.open());
    const auto server = *abci::Server::start("unix://" + (chain.folder.path() / "abci.sock").string(), *chain.replica);
    const auto peer = *abci::Peer::dial(server->address());
    abci::Request ask;
    ask.check_tx.emplace().tx = send_tx(rich(), poor().address, 5, 0);
    EXPECT_EQ(peer->ask(ask)->check_tx->code, static_cast<std::uint32_t>(Code::kEngine));  // no chain yet
    abci::Request begin;
    begin.init_chain.emplace();
    begin.init_chain->chain_id = "test-1";
    begin.init_chain->app_state_bytes = genesis_to_json(small_genesis(rich()));
    ASSERT_TRUE(peer->ask(begin)->init_chain);
    EXPECT_EQ(peer->ask(ask)->check_tx->code, 0U);
    EXPECT_NE(peer->ask(ask)->check_tx->code, 0U);  // its sequence is taken
    abci::Request block;
    block.finalize_block.emplace();
    block.finalize_block->height = 1;
    block.finalize_block->time = {.seconds = 1'800'000'001, .nanos = 5'000'000};
    block.finalize_block->txs = {ask.check_tx->tx};
    const auto made = peer->ask(block);
    ASSERT_TRUE(made && made->finalize_block);
    EXPECT_EQ(made->finalize_block->tx_results.at(0).code, 0U);
    EXPECT_TRUE(made->finalize_block->tx_results.at(0).events.empty());  // whoever wants them asks this node
    abci::Request commit;
    commit.commit.emplace();
    ASSERT_TRUE(peer->ask(commit)->commit);
    abci::Request query;
    query.query.emplace();
    query.query->path = "/store/state/key";
    query.query->data = account::account_key(*crypto::parse_address(rich().address));
    query.query->prove = true;
    const auto found = peer->ask(query);
    ASSERT_TRUE(found && found->query);
    EXPECT_EQ(found->query->code, 0U) << found->query->log;
    EXPECT_EQ(found->query->height, 1U);
    ASSERT_TRUE(found->query->proof_ops);
    EXPECT_EQ(found->query->proof_ops->ops.size(), 1U);
    query.query->height = 9;
    EXPECT_EQ(peer->ask(query)->query->code, static_cast<std::uint32_t>(Code::kNotFound));
}

}  // namespace
}  // namespace sublet::engine
