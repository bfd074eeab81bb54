// snapshot.cpp: a state of a million records as a snapshot: made beside the node, verified chunk by
// chunk, stored by a node that begins with it.
#include <optional>

#include "engine/cometbft/snapshot_folder.hpp"
#include "engine/cometbft/snapshot_intake.hpp"
#include "support/node.hpp"

using namespace sublet;
using namespace sublet::bench;

namespace {

constexpr std::size_t kObjects = 590'000;  // live offers and leases: a million records
constexpr Height kHeight{1'000};

std::shared_ptr<const app::Committed> committed(const State& state) {
    return std::make_shared<const app::Committed>(app::Committed{.height = kHeight,
                                                                 .time = state.time,
                                                                 .app_hash = state.tree.root_hash(),
                                                                 .view = {state.tree, {}},
                                                                 .chain_id = state.genesis.chain_id});
}

void row(const char* name, double value, const char* unit, const char* against = "", double other = 0) {
    print({.name = name,
           .value = value,
           .unit = unit,
           .against = against,
           .against_value = other,
           .goal = {},
           .goal_of_ratio = false,
           .lower_is_better = true,
           .curve = {}});
}

void measure() {
    const engine::testing::Folder place;
    const State state = make_state(half_offers_half_leases(kObjects));
    const std::shared_ptr<const app::Committed> height = committed(state);
    std::size_t payload = 0;
    state.tree.visit("", "", [&](BytesView key, BytesView value) {
        payload += key.size() + value.size();
        return true;
    });
    tell(std::to_string(state.tree.size()) + " keys, " + std::to_string(payload >> 20U) + " MiB of keys and values");

    const auto folder = need(engine::SnapshotFolder::open({.folder = place.path() / "snapshots", .every = 1'000}));
    Timer::time_point start = Timer::now();
    folder->committed(height);
    folder->wait();
    const double made = seconds_since(start);
    if (folder->list().empty()) {
        throw scenario::Failure("no snapshot was made");
    }
    const abci::Snapshot snapshot = folder->list().front();

    engine::SnapshotIntake intake;
    (void)intake.offer({.snapshot = snapshot, .app_hash = snapshot.hash}, Height{0});
    std::size_t bytes = 0;
    start = Timer::now();
    for (std::uint32_t i = 0; i < snapshot.chunks; ++i) {
        const std::optional<Bytes> chunk = folder->chunk(kHeight, engine::kSnapshotFormat, i);
        bytes += chunk.value_or(Bytes{}).size();
        if (!chunk || intake.apply({i, *chunk, ""}).result != static_cast<std::uint32_t>(engine::Apply::kAccept)) {
            throw scenario::Failure("chunk " + std::to_string(i) + " was refused");
        }
    }
    const double verified = seconds_since(start);
    std::optional<engine::SnapshotIntake::Whole> whole = intake.take_whole();
    start = Timer::now();
    const auto app =
        need(app::App::from_state(state.genesis.chain_id, kHeight, state.time, whole->app_hash, whole->state));
    const auto store = need(store::Store::open(place.path() / "ledger"));
    need(
        store->begin_from(state.genesis.chain_id, "{}",
                          {.height = kHeight, .time = state.time, .app_hash = whole->app_hash, .state = whole->state}));
    const double stored = seconds_since(start);

    row("snapshot of 1 M records, written beside the node", made, "s");
    row("its size", static_cast<double>(bytes), "B", "keys and values of the state", static_cast<double>(payload));
    row("the same read and verified chunk by chunk", verified, "s");
    row("indexed and stored, from the last chunk to durable", stored, "s");
}

}  // namespace

int main() { return guarded("snapshot", measure); }
