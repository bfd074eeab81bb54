// exported_states_test.cpp: each scenario's state at its end is exported: a solo network and a replica of CometBFT
// begin with it, with one root, and both go on as the old network would, whatever runs in it.
#include <gtest/gtest.h>

#include "engine/begin_state.hpp"
#include "engine/cometbft/testing/chain.hpp"
#include "engine/core.hpp"
#include "engine/state_file.hpp"
#include "modules/stake/validator.hpp"
#include "runner.hpp"

namespace sublet::scenario {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kNewName = "scenario-2";
constexpr std::uint64_t kBlocks = 6;  // without transactions: timers fall due
constexpr std::uint64_t kBetweenMs = 30'000;

class SetClock final : public net::Clock {
public:
    std::uint64_t unix_ms() override { return now; }
    std::uint64_t monotonic_ms() override { return now; }
    net::Task<> sleep(std::uint64_t /*length_ms*/) override { co_return; }
    std::uint64_t now = 0;
};

std::vector<fs::path> scenario_files() {
    std::vector<fs::path> out;
    for (const fs::directory_entry& each : fs::directory_iterator{SUBLET_SCENARIOS}) {
        if (each.path().extension() == ".scn") {
            out.push_back(each.path());
        }
    }
    std::ranges::sort(out);
    return out;
}

// The old network, gone on by itself: nothing in a state depends on the network's name but who may be drawn for audits.
std::unique_ptr<app::App> old_network(const app::Committed& state) {
    return *app::App::from_state(std::string{kNewName}, state.height, state.time, state.app_hash, state.view.state());
}

// Those that the engine had: it keeps them.
std::vector<abci::ValidatorUpdate> validators_of(const app::Committed& state) {
    std::vector<abci::ValidatorUpdate> out;
    for (const stake::Member& each : stake::engine_set(state.view).members) {
        out.emplace_back().pub_key.ed25519 = Bytes{view_of(each.key)};
        out.back().power = each.power;
    }
    return out;
}

void goes_on(const app::Committed& state) {
    const engine::testing::Folder folder;
    const fs::path file = folder.path() / "genesis.state";
    app::Genesis genesis;
    genesis.chain_id = kNewName;
    genesis.time = state.time;
    genesis.state_root = Bytes{view_of(state.app_hash)};
    genesis.state_height = state.height;
    ASSERT_TRUE(engine::write_state_file(file, state.view.state()));

    SetClock clock;
    clock.now = state.time.value();
    const auto store = *store::Store::open(folder.path() / "solo");
    const auto solo = engine::Core::open(*store, clock, genesis, {.check_invariants = true, .genesis_state = file});
    ASSERT_TRUE(solo) << solo.error().message;
    engine::ReplicaOptions options;
    options.check_invariants = true;
    options.genesis_state = file;
    engine::testing::Chain replica;
    ASSERT_TRUE(replica.open(options));
    const auto begun = replica.begin(genesis, validators_of(state));
    ASSERT_TRUE(begun) << begun.error().message;
    EXPECT_EQ(begun->app_hash, Bytes{view_of(state.app_hash)});
    EXPECT_EQ((*solo)->committed()->app_hash, state.app_hash);

    const std::unique_ptr<app::App> old = old_network(state);
    for (std::uint64_t i = 1; i <= kBlocks; ++i) {
        clock.now += kBetweenMs;
        abci::ProposedBlock block;
        block.height = state.height.value() + i;
        block.time = {.seconds = clock.now / 1'000, .nanos = static_cast<std::uint32_t>(clock.now % 1'000 * 1'000'000)};
        block.hash = Bytes(32, 'h');
        const auto made = replica.replica->finalize_block(block);
        ASSERT_TRUE(made) << made.error().message;
        ASSERT_TRUE(replica.replica->commit());
        const auto alone = (*solo)->make_block();
        ASSERT_TRUE(alone) << alone.error().message;
        const app::BlockResult same =
            old->finalize_block({.height = Height{block.height}, .time = BlockTime{clock.now}, .transactions = {}});
        (void)old->commit();
        EXPECT_EQ(alone->state->app_hash, same.app_hash) << i;
        EXPECT_EQ(made->app_hash, Bytes{view_of(same.app_hash)}) << i;
    }
}

TEST(ExportedStates, EveryScenarioGoesOnUnderAnotherName) {
    std::size_t tried = 0;
    for (const fs::path& file : scenario_files()) {
        SCOPED_TRACE(file.stem().string());
        const Outcome outcome = run(file);
        ASSERT_TRUE(outcome.state);
        goes_on(*outcome.state);
        ++tried;
    }
    EXPECT_GT(tried, 40U);
}

}  // namespace
}  // namespace sublet::scenario
