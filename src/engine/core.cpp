// core.cpp: from a queue of transactions to durable blocks.
#include "engine/core.hpp"

#include <algorithm>
#include <chrono>

#include "crypto/sha256.hpp"
#include "engine/begin_state.hpp"
#include "engine/blocks.hpp"
#include "engine/crash.hpp"
#include "engine/elapsed.hpp"
#include "engine/genesis.hpp"

namespace sublet::engine {

Result<std::unique_ptr<Core>> Core::open(store::Store& store, net::Clock& clock,
                                         const std::optional<app::Genesis>& genesis, CoreOptions options) {
    std::unique_ptr<Core> core{new Core{store, clock, options}};
    TRY(state, store.load());
    if (state) {
        TRY_OK(core->recover(*std::move(state), genesis));
    } else if (genesis) {
        TRY_OK(core->begin(*genesis));
    } else {
        return fail(Code::kUsage, "the data folder is new: name a genesis file to begin a chain");
    }
    return core;
}

Result<> Core::begin(const app::Genesis& genesis) {
    if (!genesis.state_root.empty()) {
        TRY(app, begin_exported(store_, genesis, options_.genesis_state, on_all_cores()));
        app_ = std::move(app);
        genesis_ = genesis;
        return {};
    }
    TRY(app, app::App::from_genesis(genesis));
    app_ = std::move(app);
    genesis_ = genesis;
    const store::Commit commit = to_commit(app_->commit(), nullptr);
    crash_point(CrashPoint::kBeforeBegin);
    TRY_OK(store_.begin(genesis.chain_id, genesis_to_json(genesis), commit));
    crash_point(CrashPoint::kAfterBegin);
    return {};
}

Result<> Core::recover(store::StoredState state, const std::optional<app::Genesis>& genesis) {
    Result<app::Genesis> stored = genesis_from_json(state.genesis);
    if (!stored) {
        return fail(Code::kStoreDamaged, "the stored genesis does not read: " + stored.error().message);
    }
    if (genesis && genesis_hash(*genesis) != genesis_hash(*stored)) {
        return fail(Code::kConflict, "the data folder holds chain '" + stored->chain_id +
                                         "' of another genesis than the one given ('" + genesis->chain_id +
                                         "'): give that one, none at all, or an empty folder");
    }
    // What its genesis brings into a state of others comes with the first block, which is still to be made.
    const bool is_beginning = !stored->state_root.empty() && state.height == stored->state_height;
    TRY(app, is_beginning ? app::App::from_exported(*stored, state.state, on_all_cores())
                          : app::App::from_state(state.chain_id, state.height, state.time, state.app_hash, state.state,
                                                 on_all_cores()));
    app_ = std::move(app);
    genesis_ = *std::move(stored);
    if (!genesis_.state_root.empty() && state.height == genesis_.state_height) {
        TRY_OK(app_->await_founders(genesis_));
    }
    last_block_hash_ = state.block_hash;
    last_results_hash_ = state.results_hash;
    return {};
}

Submitted Core::submit(Bytes transaction) {
    std::vector<Bytes> one;
    one.push_back(std::move(transaction));
    return std::move(submit_all(std::move(one)).front());
}

std::vector<Submitted> Core::submit_all(std::vector<Bytes> transactions) {
    // What takes time is done on all cores, what decides in their order.
    const bool room = queue_.size() < app::kMaxMempool && queued_bytes_ < kMaxMempoolBytes;
    std::vector<Hash> hashes(transactions.size());
    std::vector<app::PreparedPtr> prepared(transactions.size());
    workers_.run(transactions.size(), [&](std::size_t i) {
        hashes[i] = crypto::sha256(transactions[i]);
        if (room && transactions[i].size() <= ledger::kMaxTxBytes && !queued_.contains(hashes[i])) {
            prepared[i] = app_->prepare(transactions[i]);
        }
    });
    std::vector<Submitted> out;
    out.reserve(transactions.size());
    for (std::size_t i = 0; i < transactions.size(); ++i) {
        out.push_back(take_in(hashes[i], std::move(transactions[i]), std::move(prepared[i])));
    }
    return out;
}

Submitted Core::take_in(const Hash& hash, Bytes transaction, app::PreparedPtr prepared) {
    Submitted out{.hash = hash, .check = {}};
    if (transaction.size() > ledger::kMaxTxBytes) {
        out.check = app::too_large();
        return out;
    }
    if (queued_.contains(hash)) {
        out.check.log = "already in the mempool";
        return out;
    }
    if (prepared == nullptr || queue_.size() >= app::kMaxMempool ||
        queued_bytes_ + transaction.size() > kMaxMempoolBytes) {
        out.check = {.code = Code::kMempoolFull, .log = "the mempool is full; try again in a moment"};
        return out;
    }
    out.check = app_->check_tx(*prepared);
    if (out.check.code == Code::kOk) {
        queued_.insert(hash);
        queued_bytes_ += transaction.size();
        queue_.push_back({hash, std::move(transaction), std::move(prepared)});
    }
    return out;
}

ledger::Parallel Core::on_all_cores() {
    return [this](std::size_t count, const std::function<void(std::size_t)>& work) { workers_.run(count, work); };
}

std::optional<std::uint64_t> Core::owed_in() const {
    std::uint64_t rest = 0;  // of the interval
    if (last_made_ms_) {
        const std::uint64_t passed = clock_.monotonic_ms() - *last_made_ms_;
        rest = passed >= options_.block_interval_ms ? 0 : options_.block_interval_ms - passed;
    }
    if (!queue_.empty()) {
        return rest;
    }
    const app::App::Due due = app_->next_due();
    if (!due.next) {
        return std::nullopt;
    }
    // L moves by header times and by at most 30 s a block, so a timer further off than that is reached by several
    // blocks, 30 s apart. After a long stop one block is owed at once, and the next one only 30 s after it.
    const std::uint64_t step = std::min(since(due.now, *due.next).value(), kMaxStepMs);
    const std::uint64_t owed_at = app_->committed()->time.value() + step;
    const std::uint64_t now = clock_.unix_ms();
    return std::max(rest, now >= owed_at ? 0 : owed_at - now);
}

std::vector<Core::Queued> Core::take_for_block() {
    std::vector<Queued> out;
    std::size_t bytes = 0;
    while (!queue_.empty() && out.size() < kMaxBlockTransactions &&
           bytes + queue_.front().bytes.size() <= kMaxBlockBytes) {
        bytes += queue_.front().bytes.size();
        queued_.erase(queue_.front().hash);
        out.push_back(std::move(queue_.front()));
        queue_.pop_front();
    }
    queued_bytes_ -= bytes;
    return out;
}

Result<Core::Made> Core::make_block() {
    TRY(executed, execute());
    TRY_OK(write(executed));
    return std::move(executed.made);
}

Result<Core::Executed> Core::execute() {
    if (std::optional<std::string> why = app_->must_upgrade()) {
        return fail(Code::kUnsupported, *std::move(why));
    }
    const auto start = std::chrono::steady_clock::now();
    const std::shared_ptr<const app::Committed> before = app_->committed();
    app::BlockRequest request{.height = Height{before->height.value() + 1},
                              .time = BlockTime{std::max(before->time.value() + 1, clock_.unix_ms())},
                              .transactions = {},
                              .prepared = {},
                              .parallel = on_all_cores()};
    std::vector<NamedTx> named;
    for (Queued& each : take_for_block()) {
        request.transactions.push_back(each.bytes);
        request.prepared.push_back(std::move(each.prepared));
        named.push_back({each.hash, std::move(each.bytes)});
    }
    crash_point(CrashPoint::kBeforeFinalize);
    const app::BlockResult result = app_->finalize_block(request);
    app::ChangeSet changes = app_->commit();
    if (options_.check_invariants) {
        if (const std::optional<std::string> broken = app_->broken_invariant()) {
            return fail(Code::kInternal, "BROKEN INVARIANT at height " + std::to_string(request.height.value()) +
                                             ", which was not stored: " + *broken);
        }
    }
    const Previous previous{
        .block_hash = last_block_hash_, .results_hash = last_results_hash_, .app_hash = before->app_hash};
    auto block = std::make_shared<const store::FullBlock>(
        make_full_block(genesis_.chain_id, request.height, request.time, previous, std::move(named), result));
    last_block_hash_ = block->block.header.hash;
    last_results_hash_ = block->block.results_hash_after;
    last_made_ms_ = clock_.monotonic_ms();
    Executed out{.made = {.block = block, .state = app_->committed(), .dropped = check_again()},
                 .commit = to_commit(std::move(changes), block.get())};
    out.made.seconds = seconds_since(start);
    return out;
}

Result<> Core::write(Executed& executed) {
    crash_point(CrashPoint::kBeforeCommit);
    const auto start = std::chrono::steady_clock::now();
    TRY_OK(store_.commit(executed.commit));
    crash_point(CrashPoint::kAfterCommit);
    executed.made.commit_seconds = seconds_since(start);
    executed.made.seconds += executed.made.commit_seconds;
    return {};
}

std::vector<Submitted> Core::check_again() {
    app_->reset_pending();
    std::vector<Submitted> dropped;
    std::deque<Queued> kept;
    for (Queued& each : queue_) {
        app::TxResult check = app_->check_tx(*each.prepared);
        if (check.code == Code::kOk) {
            kept.push_back(std::move(each));
            continue;
        }
        queued_.erase(each.hash);
        queued_bytes_ -= each.bytes.size();
        dropped.push_back({each.hash, std::move(check)});
    }
    queue_ = std::move(kept);
    return dropped;
}

std::vector<Bytes> Core::pending(std::size_t limit) const {
    std::vector<Bytes> out;
    for (const Queued& each : queue_) {
        if (out.size() == limit) {
            break;
        }
        out.push_back(each.bytes);
    }
    return out;
}

}  // namespace sublet::engine
