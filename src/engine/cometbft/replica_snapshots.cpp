// replica_snapshots.cpp: state sync: what this node hands out, and how it begins with the state of others.
#include "app/rebuild.hpp"
#include "engine/begin_state.hpp"
#include "engine/cometbft/replica.hpp"
#include "net/log.hpp"

namespace sublet::engine {

abci::ResponseListSnapshots Replica::list_snapshots() {
    return {snapshots_ ? snapshots_->list() : std::vector<abci::Snapshot>{}};
}

// Nothing in it: CometBFT's peers hear that the chunk is not there.
abci::ResponseLoadSnapshotChunk Replica::load_snapshot_chunk(const abci::RequestLoadSnapshotChunk& request) {
    if (!snapshots_) {
        return {};
    }
    return {snapshots_->chunk(Height{request.height}, request.format, request.chunk).value_or(Bytes{})};
}

abci::ResponseOfferSnapshot Replica::offer_snapshot(const abci::RequestOfferSnapshot& request) {
    // CometBFT, killed before it noted that a state was taken, offers again.
    const bool may = !beginning_ && (!app_ || app_->committed()->height == store_.base());
    if (!options_.genesis || !may) {
        net::log(net::LogLevel::kWarning, "sync",
                 options_.genesis ? "a chain has begun in this folder: no state is taken from other nodes"
                                  : "the node does not know its genesis: no state is taken from other nodes");
        return answer(Offer::kAbort);
    }
    return intake_.offer(request, options_.genesis->state_height);
}

abci::ResponseApplySnapshotChunk Replica::apply_snapshot_chunk(const abci::RequestApplySnapshotChunk& request) {
    abci::ResponseApplySnapshotChunk out = intake_.apply(request);
    if (std::optional<SnapshotIntake::Whole> whole = intake_.take_whole()) {
        if (const Result<> begun = take_over(*std::move(whole)); !begun) {
            net::log(net::LogLevel::kCritical, "sync",
                     "the state is here and cannot be kept: " + begun.error().message);
            return answer(Apply::kAbort);
        }
    }
    return out;
}

// Of the last block only the state is known: its name and that of its results stay empty in the next header.
Result<> Replica::take_over(SnapshotIntake::Whole whole) {
    const ledger::View view{whole.state, {}};
    TRY(app, app::App::from_state(options_.genesis->chain_id, whole.height, app::block_time(view), whole.app_hash,
                                  whole.state, on_all_cores()));
    TRY_OK(store_beginning(store_, *app->committed(), *options_.genesis));
    app_ = std::move(app);
    {
        const std::scoped_lock lock{mutex_};
        kept_.clear();
    }
    show(app_->committed());
    net::log(net::LogLevel::kInfo, "sync", "begun with the state of height " + std::to_string(whole.height.value()));
    return {};
}

}  // namespace sublet::engine
