// replica.cpp: blocks that CometBFT has decided: executed, made durable, shown.
#include "engine/cometbft/replica.hpp"

#include <algorithm>
#include <chrono>
#include <thread>

#include "crypto/sha256.hpp"
#include "engine/begin_state.hpp"
#include "engine/blocks.hpp"
#include "engine/cometbft/validators.hpp"
#include "engine/crash.hpp"
#include "engine/elapsed.hpp"
#include "engine/genesis.hpp"
#include "engine/state_file.hpp"

namespace sublet::engine {
namespace {

// Without events: they are no part of what is agreed on, and whoever wants them asks this node, not CometBFT.
abci::TxAnswer answer_of(const app::TxResult& result) {
    abci::TxAnswer out;
    out.code = static_cast<std::uint32_t>(result.code);
    out.log = result.log;
    out.gas_wanted = result.gas_wanted;
    out.gas_used = result.gas_used;
    out.codespace = result.code == Code::kOk ? "" : std::string{code_space(result.code)};
    return out;
}

}  // namespace

Replica::Replica(store::Store& store, ReplicaOptions options, Events events)
    : store_(store),
      options_(std::move(options)),
      events_(std::move(events)),
      workers_(options_.threads),
      intake_(options_.snapshots ? options_.snapshots->target_bytes : ledger::kRangeBytes) {}

Result<std::unique_ptr<Replica>> Replica::open(store::Store& store, ReplicaOptions options, Events events) {
    std::unique_ptr<Replica> out{new Replica{store, std::move(options), std::move(events)}};
    if (out->options_.snapshots) {
        TRY(folder, SnapshotFolder::open(*out->options_.snapshots));
        out->snapshots_ = std::move(folder);
    }
    TRY(state, store.load());
    if (state) {
        TRY_OK(out->recover(*std::move(state)));
    }
    return out;
}

Result<> Replica::recover(store::StoredState state) {
    Result<app::Genesis> genesis = genesis_from_json(state.genesis);
    if (!genesis) {
        return fail(Code::kStoreDamaged, "the stored genesis does not read: " + genesis.error().message);
    }
    if (state.height == genesis->state_height) {  // no block was written: CometBFT begins the chain again
        beginning_ = Beginning{.genesis = *std::move(genesis), .changes = {}, .stored = true};
        return {};
    }
    TRY(app,
        app::App::from_state(state.chain_id, state.height, state.time, state.app_hash, state.state, on_all_cores()));
    app_ = std::move(app);
    last_block_hash_ = state.block_hash;
    last_results_hash_ = state.results_hash;
    show(app_->committed());
    return {};
}

ledger::Parallel Replica::on_all_cores() {
    return [this](std::size_t count, const std::function<void(std::size_t)>& work) { workers_.run(count, work); };
}

void Replica::show(std::shared_ptr<const app::Committed> state) {
    const std::scoped_lock lock{mutex_};
    kept_.push_back(std::move(state));
    if (kept_.size() > app::kMaxKeptHeights) {
        kept_.pop_front();
    }
}

std::shared_ptr<const app::Committed> Replica::committed() const {
    const std::scoped_lock lock{mutex_};
    return kept_.empty() ? nullptr : kept_.back();
}

Result<std::shared_ptr<const app::Committed>> Replica::committed_at(Height height) const {
    const std::scoped_lock lock{mutex_};
    const std::string name = "height " + std::to_string(height.value());
    if (kept_.empty() || height > kept_.back()->height) {
        return fail(Code::kNotFound, name + " is not there yet");
    }
    if (height < kept_.front()->height) {
        return fail(Code::kHeightPruned,
                    name + " can no longer be queried; the oldest is " + std::to_string(kept_.front()->height.value()));
    }
    return kept_[height.value() - kept_.front()->height.value()];
}

abci::ResponseInfo Replica::info(const abci::RequestInfo& /*request*/) {
    const std::shared_ptr<const app::Committed> state = committed();
    abci::ResponseInfo out;
    out.data = "sublet";
    out.version = app::kVersion;
    out.app_version = 1;
    if (state) {
        out.last_block_height = state->height.value();
        out.last_block_app_hash = Bytes{view_of(state->app_hash)};
    }
    return out;
}

abci::ResponseQuery Replica::query(const abci::RequestQuery& request) {
    abci::ResponseQuery out;
    const Result<std::shared_ptr<const app::Committed>> state =
        request.height == 0 ? Result<std::shared_ptr<const app::Committed>>{committed()}
                            : committed_at(Height{request.height});
    if (!state || !*state) {
        const Error error = state ? Error{Code::kNotFound, "the chain has no block yet"} : state.error();
        out.code = static_cast<std::uint32_t>(error.code);
        out.codespace = code_space(error.code);
        out.log = error.message;
        return out;
    }
    app::QueryResult found = app::query(**state, request.path, request.data, request.prove);
    out.code = static_cast<std::uint32_t>(found.code);
    out.codespace = found.code == Code::kOk ? "" : std::string{code_space(found.code)};
    out.log = std::move(found.log);
    out.height = found.height.value();
    if (!found.proof.empty()) {
        out.proof_ops.emplace().ops.push_back({"ics23:sublet", found.key, std::move(found.proof)});
    }
    out.key = std::move(found.key);
    out.value = std::move(found.value);
    return out;
}

std::vector<abci::TxAnswer> Replica::check_txs(const std::vector<abci::RequestCheckTx>& requests) {
    std::vector<abci::TxAnswer> out(requests.size());
    std::vector<Hash> hashes(requests.size());
    std::vector<app::PreparedPtr> prepared(requests.size());
    workers_.run(requests.size(), [&](std::size_t i) {
        hashes[i] = crypto::sha256(requests[i].tx);
        prepared[i] = known_.find(hashes[i]);
        if (!prepared[i] && app_ && requests[i].tx.size() <= ledger::kMaxTxBytes) {
            prepared[i] = app_->prepare(requests[i].tx);
        }
    });
    for (std::size_t i = 0; i < requests.size(); ++i) {
        if (prepared[i]) {
            out[i] = answer_of(app_->check_tx(*prepared[i]));
        } else {
            out[i] = answer_of(app_ ? app::too_large() : app::TxResult{Code::kEngine, "the chain has not begun"});
        }
        if (out[i].code == 0) {
            known_.keep(hashes[i], requests[i].tx.size(), std::move(prepared[i]));
        } else {
            known_.forget(hashes[i]);
        }
        if (events_.checked) {
            events_.checked(hashes[i], out[i], requests[i].type == abci::kCheckAgain);
        }
    }
    return out;
}

// Nothing of it is written: the engine may stop before the first block, and begins again.
Result<abci::ResponseInitChain> Replica::init_chain(const abci::RequestInitChain& request) {
    TRY(genesis, genesis_from_json(request.app_state_bytes));
    if (genesis.chain_id != request.chain_id) {
        return fail(Code::kConflict,
                    "the engine's chain is '" + request.chain_id + "', that of app_state '" + genesis.chain_id + "'");
    }
    const std::uint64_t first = genesis.state_height.value() + 1;
    if (std::max<std::uint64_t>(request.initial_height, 1) != first) {
        return fail(Code::kUnsupported, "this chain begins with height " + std::to_string(first) +
                                            ": say so as initial_height in the engine's genesis");
    }
    TRY_OK(covers(options_.retain, request.consensus_params.value_or(Bytes{})));
    const bool stored = beginning_ && beginning_->stored;
    if (stored && genesis_hash(beginning_->genesis) != genesis_hash(genesis)) {
        return fail(Code::kConflict, "the data folder holds the beginning of another chain: give an empty one");
    }
    if (app_ && app_->committed()->height != genesis.state_height) {
        return fail(Code::kConflict, "the chain has begun, and its engine has forgotten it: give both new folders");
    }
    beginning_ = Beginning{.genesis = genesis, .changes = {}, .stored = stored};
    if (genesis.state_root.empty()) {
        TRY(app, app::App::from_genesis(genesis));
        app_ = std::move(app);
        beginning_->changes = app_->commit();
    } else {
        TRY(state, state_of(genesis, options_.genesis_state));
        TRY(app, app::App::from_exported(genesis, state, on_all_cores()));
        app_ = std::move(app);
        beginning_->state = app_->committed();
    }
    finalized_.reset();  // the chain before had not begun
    TRY_OK(same_validators(request.validators, genesis, app_->committed()->view));
    abci::ResponseInitChain out;
    out.app_hash = Bytes{view_of(app_->committed()->app_hash)};
    return out;
}

Result<abci::ResponseFinalizeBlock> Replica::finalize_block(const abci::ProposedBlock& block) {
    if (!app_) {
        return fail(Code::kEngine, "a block came before the chain began");
    }
    if (finalized_) {
        return fail(Code::kEngine, "block " + std::to_string(block.height) + " came, and block " +
                                       std::to_string(finalized_->height().value()) + " is not committed");
    }
    if (std::optional<std::string> why = app_->must_upgrade()) {
        std::this_thread::sleep_for(std::chrono::milliseconds{options_.farewell_ms});
        return fail(Code::kUnsupported, *std::move(why));
    }
    const auto start = std::chrono::steady_clock::now();
    const std::shared_ptr<const app::Committed> before = app_->committed();
    const Height expected{before->height.value() + 1};
    if (block.height != expected.value()) {
        return fail(Code::kEngine, "block " + std::to_string(block.height) + " came, " +
                                       std::to_string(expected.value()) + " is the next");
    }
    app::BlockRequest request{.height = expected,
                              .time = time_of(block.time),
                              .transactions = block.txs,
                              .prepared = {},
                              .proposer = {},
                              .votes = {},
                              .misbehavior = {},
                              .parallel = on_all_cores()};
    add_faults(block, request);
    std::vector<NamedTx> named(block.txs.size());
    request.prepared.resize(block.txs.size());
    workers_.run(block.txs.size(), [&](std::size_t i) {
        named[i] = {crypto::sha256(block.txs[i]), block.txs[i]};
        request.prepared[i] = known_.find(named[i].hash);
        if (!request.prepared[i]) {
            request.prepared[i] = app_->prepare(block.txs[i]);
        }
    });
    crash_point(CrashPoint::kBeforeFinalize);
    const app::BlockResult result = app_->finalize_block(request);
    const Previous previous{
        .block_hash = last_block_hash_, .results_hash = last_results_hash_, .app_hash = before->app_hash};
    finalized_ = std::make_shared<store::FullBlock>(
        make_full_block(before->chain_id, expected, request.time, previous, std::move(named), result));
    if (const auto decided = fixed_from<32>(block.hash)) {
        finalized_->block.header.hash = *decided;  // the engine's name of it
    }
    abci::ResponseFinalizeBlock out;
    for (const app::TxResult& each : result.transactions) {
        out.tx_results.push_back(answer_of(each));
    }
    out.validator_updates = updates_of(result.validator_updates);
    out.app_hash = Bytes{view_of(result.app_hash)};
    finalize_seconds_ = seconds_since(start);
    return out;
}

Result<> Replica::begin_chain() {
    if (!beginning_) {
        return {};
    }
    const app::Genesis& genesis = beginning_->genesis;
    if (!beginning_->stored && !genesis.state_root.empty()) {
        TRY_OK(store_beginning(store_, *beginning_->state, genesis));
    } else if (!beginning_->stored) {
        crash_point(CrashPoint::kBeforeBegin);
        TRY_OK(store_.begin(genesis.chain_id, genesis_to_json(genesis),
                            to_commit(std::move(beginning_->changes), nullptr)));
        crash_point(CrashPoint::kAfterBegin);
    }
    beginning_.reset();
    return {};
}

Result<abci::ResponseCommit> Replica::commit() {
    if (!finalized_) {
        return fail(Code::kEngine, "there is no block to commit");
    }
    const auto start = std::chrono::steady_clock::now();
    app::ChangeSet changes = app_->commit();
    if (options_.check_invariants) {
        if (const std::optional<std::string> broken = app_->broken_invariant()) {
            return fail(Code::kInternal, "BROKEN INVARIANT at height " + std::to_string(changes.height.value()) +
                                             ", which was not stored: " + *broken);
        }
    }
    TRY_OK(begin_chain());
    const std::shared_ptr<const store::FullBlock> block = std::move(finalized_);
    crash_point(CrashPoint::kBeforeCommit);
    const auto writing = std::chrono::steady_clock::now();
    TRY_OK(store_.commit(to_commit(std::move(changes), block.get())));
    crash_point(CrashPoint::kAfterCommit);
    last_block_hash_ = block->block.header.hash;
    last_results_hash_ = block->block.results_hash_after;
    const double written = seconds_since(writing);
    for (const store::StoredTx& each : block->transactions) {
        known_.forget(each.hash);
    }
    app_->reset_pending();
    show(app_->committed());
    const std::shared_ptr<const app::Committed> durable = app_->committed();
    if (events_.made) {
        events_.made({block, durable, finalize_seconds_ + seconds_since(start), written});
    }
    if (snapshots_) {
        snapshots_->committed(durable);
    }
    return abci::ResponseCommit{
        retain_height(options_.retain, store_, durable->height, durable->time, snapshots_.get()).value()};
}

}  // namespace sublet::engine
