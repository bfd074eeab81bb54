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
#include "modules/stake/messages.hpp"

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

TEST(Replica, ABlockIsExecutedOnceBeforeItsCommit) {
    Chain chain;
    ASSERT_TRUE(chain.open());
    ASSERT_TRUE(chain.begin());
    ASSERT_TRUE(chain.finalize(1, {}));
    const auto twice = chain.finalize(1, {});
    ASSERT_FALSE(twice);
    EXPECT_EQ(twice.error().message, "block 1 came, and block 1 is not committed");
    ASSERT_TRUE(chain.begin());  // from the beginning: nothing is left of the block
    EXPECT_FALSE(chain.replica->commit());
    ASSERT_TRUE(chain.finalize(1, {}));
    ASSERT_TRUE(chain.replica->commit());
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

// ───── validators ─────

Hash key_of(char name) { return crypto::sha256(std::string(1, name)); }

app::Genesis founded_genesis() {
    app::Genesis out = small_genesis(rich());
    out.balances.push_back({rich().address, "ulet", Amount{1'000'000'000}});
    for (const char name : {'a', 'b', 'c', 'd'}) {
        out.validators.push_back({testing::Key{name}.address, Bytes{view_of(key_of(name))}, 10, std::string(1, name)});
    }
    out.stake.emplace().signed_blocks_window = 10;
    return out;
}

std::vector<abci::ValidatorUpdate> engines(const app::Genesis& genesis) {
    std::vector<abci::ValidatorUpdate> out;
    for (const stake::Founder& each : genesis.validators) {
        out.push_back({{.ed25519 = each.public_key, .secp256k1 = {}}, each.power});
    }
    return out;
}

abci::VoteInfo vote_of(char name, abci::BlockIdFlag flag) {
    return {{Bytes{view_of(stake::consensus_address(key_of(name)))}, 10}, flag};
}

TEST(Replica, EngineAndLedgerBeginWithTheSameValidators) {
    const app::Genesis genesis = founded_genesis();
    const auto begin = [&](std::vector<abci::ValidatorUpdate> validators) {
        Chain chain;
        EXPECT_TRUE(chain.open());
        abci::RequestInitChain request{.chain_id = "test-1", .app_state_bytes = genesis_to_json(genesis)};
        request.validators = std::move(validators);
        return chain.replica->init_chain(request);
    };
    EXPECT_TRUE(begin(engines(genesis)));
    auto other = engines(genesis);
    other.back().power = 11;
    EXPECT_EQ(begin(other).error().code, Code::kConflict);
    other.pop_back();
    EXPECT_EQ(begin(other).error().code, Code::kConflict);
    other = engines(genesis);
    other.push_back({{.ed25519 = Bytes(32, 'x'), .secp256k1 = {}}, 10});
    EXPECT_EQ(begin(other).error().code, Code::kConflict);
    EXPECT_FALSE(begin({}));
}

TEST(Replica, TellsTheEngineWhoComesAndWhoGoesOverTheSocket) {
    Chain chain;
    ASSERT_TRUE(chain.open());
    const auto server = *abci::Server::start("unix://" + (chain.folder.path() / "abci.sock").string(), *chain.replica);
    const auto peer = *abci::Peer::dial(server->address());
    const app::Genesis genesis = founded_genesis();
    abci::Request ask;
    ask.init_chain.emplace();
    ask.init_chain->chain_id = "test-1";
    ask.init_chain->app_state_bytes = genesis_to_json(genesis);
    ask.init_chain->validators = engines(genesis);
    ASSERT_TRUE(peer->ask(ask)->init_chain);
    std::uint64_t height = 0;
    const auto block = [&](std::vector<Bytes> transactions, const std::function<void(abci::ProposedBlock&)>& change) {
        abci::Request request;
        abci::ProposedBlock& made = request.finalize_block.emplace();
        made.height = ++height;
        made.time = {.seconds = 1'800'000'000 + height, .nanos = 0};
        made.hash = Bytes(32, static_cast<char>('a' + height));
        made.txs = std::move(transactions);
        for (const char name : {'a', 'b', 'c', 'd'}) {
            made.last_commit.votes.push_back(vote_of(name, abci::BlockIdFlag::kCommit));
        }
        change(made);
        const auto answer = peer->ask(request);
        abci::Request commit;
        commit.commit.emplace();
        EXPECT_TRUE(peer->ask(commit)->commit);
        return *answer->finalize_block;
    };
    const stake::MsgCreateValidator create{rich().address, Bytes{view_of(key_of('e'))}, "e", 0, Amount{200'000'000}};
    const testing::Draft draft{
        .chain_id = "test-1", .account_number = 1, .sequence = 0, .gas_limit = 300'000, .fee = "1000"};
    const auto came = block({signed_tx(rich(), create, draft)}, [](auto&) {});
    EXPECT_EQ(came.tx_results.at(0).code, 0U) << came.tx_results.at(0).log;
    ASSERT_EQ(came.validator_updates.size(), 1U);
    EXPECT_EQ(came.validator_updates[0].pub_key.ed25519, Bytes{view_of(key_of('e'))});
    EXPECT_EQ(came.validator_updates[0].power, 19U);  // less than half of the founders' 40
    for (int i = 0; i < 5; ++i) {
        EXPECT_TRUE(block({}, [](auto& made) {
                        made.last_commit.votes.push_back(vote_of('e', abci::BlockIdFlag::kAbsent));
                        made.last_commit.votes[0].block_id_flag = abci::BlockIdFlag::kNil;  // it was there
                    }).validator_updates.empty());
    }
    const auto went =
        block({}, [](auto& made) { made.last_commit.votes.push_back(vote_of('e', abci::BlockIdFlag::kAbsent)); });
    ASSERT_EQ(went.validator_updates.size(), 1U);
    EXPECT_EQ(went.validator_updates[0].pub_key.ed25519, Bytes{view_of(key_of('e'))});
    EXPECT_EQ(went.validator_updates[0].power, 0U);
    const auto struck = block({}, [](auto& made) {
        made.misbehavior.push_back(
            {.type = 1, .validator = vote_of('b', {}).validator, .height = 2, .time = made.time});
    });
    ASSERT_EQ(struck.validator_updates.size(), 1U);
    EXPECT_EQ(struck.validator_updates[0].pub_key.ed25519, Bytes{view_of(key_of('b'))});
    EXPECT_EQ(struck.validator_updates[0].power, 0U);
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
