// begin_state_test.cpp: a chain is exported and goes on under another name, on both engines; what is not the state that
// its genesis names is refused.
#include <gtest/gtest.h>

#include <fstream>

#include "engine/begin_state.hpp"
#include "engine/cometbft/testing/chain.hpp"
#include "engine/core.hpp"
#include "engine/state_file.hpp"
#include "modules/account/account.hpp"

namespace sublet::engine {
namespace {

using testing::Folder;
using testing::HandClock;
using testing::poor;
using testing::rich;
using testing::send_tx;
using testing::signed_tx;
using testing::small_genesis;

Bytes send_on(const std::string& chain, std::uint64_t sequence) {
    const bank::MsgSend message{
        .from_address = rich().address, .to_address = poor().address, .amount = {{"ucredit", "5"}}};
    return signed_tx(rich(), message, {.chain_id = chain, .account_number = 1, .sequence = sequence, .fee = "1000"});
}

// Three blocks of chain test-1, exported as test-2.
class ExportedChain : public ::testing::Test {
protected:
    void SetUp() override {
        const auto store = *store::Store::open(folder_.path() / "old");
        const auto core = *Core::open(*store, clock_, small_genesis(rich()), {});
        for (std::uint64_t i = 0; i < 3; ++i) {
            clock_.now += 1'000;
            ASSERT_EQ(core->submit(send_tx(rich(), poor().address, 5, i)).check.code, Code::kOk);
            ASSERT_TRUE(core->make_block());
        }
        old_ = core->committed();
        const auto stored = store->load();
        ASSERT_TRUE(stored && *stored);
        genesis_ = *exported_genesis(**stored, "test-2");
        EXPECT_EQ(exported_genesis(**stored, "test-1").error().code, Code::kUsage);
        ASSERT_TRUE(write_state_file(state_file(), (*stored)->state));
    }
    [[nodiscard]] std::filesystem::path state_file() const { return folder_.path() / "genesis.state"; }
    [[nodiscard]] Result<std::unique_ptr<Core>> begin(store::Store& store, const app::Genesis& genesis) {
        return Core::open(store, clock_, genesis, {.check_invariants = true, .genesis_state = state_file()});
    }

    Folder folder_;
    HandClock clock_;
    std::shared_ptr<const app::Committed> old_;
    app::Genesis genesis_;
};

TEST_F(ExportedChain, GoesOnOnBothEnginesWithOneRoot) {
    EXPECT_EQ(genesis_hash(*genesis_from_json(genesis_to_json(genesis_))), genesis_hash(genesis_));
    const auto store = *store::Store::open(folder_.path() / "new");
    auto core = *begin(*store, genesis_);
    EXPECT_TRUE(core->has_no_block());
    EXPECT_EQ(core->committed()->app_hash, old_->app_hash);
    EXPECT_EQ(core->committed()->height, old_->height);
    EXPECT_EQ(core->committed()->chain_id, "test-2");

    ReplicaOptions options;
    options.check_invariants = true;
    options.genesis_state = state_file();
    testing::Chain chain;
    ASSERT_TRUE(chain.open(options));
    const auto begun = chain.begin(genesis_);
    ASSERT_TRUE(begun) << begun.error().message;
    EXPECT_EQ(begun->app_hash, Bytes{view_of(old_->app_hash)});
    EXPECT_EQ(chain.replica->info({}).last_block_height, 0U);
    ASSERT_TRUE(chain.begin(genesis_));  // CometBFT begins until there is a block

    for (std::uint64_t height = 4; height <= 6; ++height) {
        clock_.now = (1'800'000'000 + height) * 1'000;
        const Bytes send = send_on("test-2", height - 1);  // sequences go on
        EXPECT_EQ(core->submit(send).check.code, Code::kOk);
        EXPECT_NE(core->submit(send_on("test-1", height)).check.code, Code::kOk);  // signed for the old one
        ASSERT_TRUE(core->make_block());
        const auto made = chain.finalize(height, {send, send_on("test-1", height)});
        ASSERT_TRUE(made) << made.error().message;
        EXPECT_EQ(made->tx_results.at(0).code, 0U) << made->tx_results.at(0).log;
        EXPECT_EQ(made->tx_results.at(1).code, static_cast<std::uint32_t>(Code::kBadSignature));
        ASSERT_TRUE(chain.replica->commit());
    }
    EXPECT_FALSE(core->has_no_block());
    EXPECT_EQ(store->header(Height{3}).error().code, Code::kHeightPruned);
    EXPECT_TRUE(store->header(Height{4}));
    EXPECT_EQ(chain.store->base(), Height{3});
    EXPECT_TRUE(chain.store->header(Height{4}));
    core.reset();
    std::filesystem::remove(state_file());  // it is needed once
    core = *begin(*store, genesis_);
    ASSERT_TRUE(chain.open(options));
    EXPECT_EQ(chain.replica->info({}).last_block_height, 6U);
    EXPECT_EQ(core->committed()->height, Height{6});
}

// A state and no block: what a kill between the two leaves.
TEST_F(ExportedChain, ABeginningWithoutABlockGoesOn) {
    ReplicaOptions options;
    options.genesis_state = state_file();
    testing::Chain chain;
    ASSERT_TRUE(chain.open(options));
    const auto state = read_state_file(state_file(), old_->app_hash);
    ASSERT_TRUE(state);
    ASSERT_TRUE(store_beginning(*chain.store, *(*app::App::from_exported(genesis_, *state))->committed(), genesis_));
    ASSERT_TRUE(chain.open(options));
    EXPECT_EQ(chain.replica->info({}).last_block_height, 0U);  // CometBFT begins the chain again
    EXPECT_EQ(chain.begin(small_genesis(rich())).error().code, Code::kConflict);
    ASSERT_TRUE(chain.begin(genesis_));
    ASSERT_TRUE(chain.finalize(4, {}));
    ASSERT_TRUE(chain.replica->commit());
    ASSERT_TRUE(chain.open(options));
    EXPECT_EQ(chain.replica->info({}).last_block_height, 4U);
}

// Founders of the new network enter with its first block, also when the node was killed before it.
TEST_F(ExportedChain, FoundersEnterWithTheFirstBlockAfterAKill) {
    genesis_.validators.push_back({rich().address, Bytes(32, 'k'), 10, "founder"});
    const auto store = *store::Store::open(folder_.path() / "new");
    const auto other_store = *store::Store::open(folder_.path() / "other");
    auto killed = begin(*store, genesis_);
    ASSERT_TRUE(killed) << killed.error().message;
    killed->reset();
    const auto again = *begin(*store, genesis_);
    const auto other = *begin(*other_store, genesis_);
    ASSERT_TRUE(again->make_block());
    ASSERT_TRUE(other->make_block());
    EXPECT_EQ(again->committed()->app_hash, other->committed()->app_hash);
    EXPECT_GT(again->committed()->view.state().size(), old_->view.state().size());  // records of validators
}

TEST_F(ExportedChain, WhatIsNotItsStateIsRefused) {
    struct Row {
        const char* name;
        std::function<void(app::Genesis&)> bend;
        std::function<void(Bytes&)> bend_file;
        const char* says;
    };
    const auto nothing = [](auto&) {};
    const std::vector<Row> rows = {
        {"another root", [](app::Genesis& g) { g.state_root[3] ^= 1; }, nothing, "not of the state with root"},
        {"another time", [](app::Genesis& g) { g.time = BlockTime{1}; }, nothing, "time is that of the state's"},
        {"no name", [](app::Genesis& g) { g.chain_id.clear(); }, nothing, "chain_id has 1 to 50"},
        {"a changed byte", nothing, [](Bytes& b) { b.back() ^= 1; }, "genesis.state: a piece of a state"},
        {"cut", nothing, [](Bytes& b) { b.pop_back(); }, "it ends early"},
        {"cut behind its head", nothing, [](Bytes& b) { b.resize(17); }, "it ends early"},
        {"no state", nothing, [](Bytes& b) { b = "{}"; }, "not the state of a network"},
        {"more behind it", nothing, [](Bytes& b) { b += 'x'; }, "behind its end"},
        {"a length of 4 GB", nothing, [](Bytes& b) { b[15] = '\xff'; }, "too long"},
    };
    std::ifstream input{state_file(), std::ios::binary};
    const Bytes good{std::istreambuf_iterator<char>{input}, {}};
    for (const Row& row : rows) {
        app::Genesis genesis = genesis_;
        Bytes bytes = good;
        row.bend(genesis);
        row.bend_file(bytes);
        std::ofstream{state_file(), std::ios::binary | std::ios::trunc} << bytes;
        const Folder place;
        const auto store = *store::Store::open(place.path() / "ledger");
        const auto refused = begin(*store, genesis);
        ASSERT_FALSE(refused) << row.name;
        EXPECT_NE(refused.error().message.find(row.says), std::string::npos)
            << row.name << ": " << refused.error().message;
        EXPECT_FALSE(*store->load()) << row.name;  // the folder is as new
    }
    const auto store = *store::Store::open(folder_.path() / "new");
    EXPECT_EQ(Core::open(*store, clock_, genesis_, {}).error().code, Code::kUsage);  // no file
}

TEST_F(ExportedChain, ItsGenesisFileIsReadStrictly) {
    const std::string text = genesis_to_json(genesis_);
    EXPECT_TRUE(genesis_from_json(text));
    const auto with = [&text](const std::string& from, const std::string& to) {
        std::string bent = text;
        bent.replace(bent.find(from), from.size(), to);
        return genesis_from_json(bent);
    };
    EXPECT_FALSE(with("\"state_height\": \"3\",", ""));
    EXPECT_FALSE(with("\"state_height\": \"3\"", "\"state_height\": \"-3\""));
    EXPECT_FALSE(with("\"state_height\": \"3\"", "\"state_height\": \"18446744073709551615\""));
    EXPECT_FALSE(with("\"state_height\"", "\"params\": {}, \"state_height\""));
    EXPECT_FALSE(with("\"state_root\": \"", "\"state_root\": \"00"));
}

TEST_F(ExportedChain, CometBftIsToldAtWhichHeightItBegins) {
    ReplicaOptions options;
    options.genesis_state = state_file();
    testing::Chain chain;
    ASSERT_TRUE(chain.open(options));
    abci::RequestInitChain request;
    request.chain_id = "test-2";
    request.app_state_bytes = genesis_to_json(genesis_);
    request.initial_height = 1;
    EXPECT_EQ(chain.replica->init_chain(request).error().code, Code::kUnsupported);
    ASSERT_TRUE(chain.begin(genesis_));
    ASSERT_TRUE(chain.finalize(4, {}));
    ASSERT_TRUE(chain.replica->commit());
    EXPECT_EQ(chain.begin(genesis_).error().code, Code::kConflict);
}

}  // namespace
}  // namespace sublet::engine
