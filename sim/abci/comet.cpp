// comet.cpp: the handshake, blocks, and what is held to whom.
#include "comet.hpp"

#include <algorithm>
#include <set>

#include "crypto/sha256.hpp"
#include "engine/genesis.hpp"

namespace sublet::sim {
namespace {

constexpr int kKilled = 128 + 9;
constexpr unsigned kEnds_ms = 5'000;  // a process whose connection broke
constexpr std::uint64_t kMsOfSecond = 1'000;
constexpr std::uint64_t kNanosOfMs = 1'000'000;

std::string at_height(Height height) { return " at height " + std::to_string(height.value()); }

BlockTime time_of(const abci::ProposedBlock& block) {
    return BlockTime{block.time.seconds * kMsOfSecond + block.time.nanos / kNanosOfMs};
}

}  // namespace

abci::Timestamp timestamp_of(BlockTime time, std::uint64_t nanos) {
    return {.seconds = time.value() / kMsOfSecond,
            .nanos = static_cast<std::uint32_t>(time.value() % kMsOfSecond * kNanosOfMs + nanos)};
}

AbciComet::AbciComet(Options options)
    : options_(std::move(options)),
      dice_(Dice{options_.seed}.fork("comet")),
      process_(options_.folder, options_.plant) {
    const auto app = app::App::from_genesis(options_.genesis);
    if (!app) {
        throw Broken(app.error().message);
    }
    static_cast<void>((*app)->commit());
    first_hash_ = (*app)->committed()->app_hash;
}

void AbciComet::begin(const std::string& crash_at) {
    if (const Result<> started = process_.start(crash_at); !started) {
        throw Broken("the replica does not start: " + started.error().message);
    }
    dial();
}

void AbciComet::dial() {
    grammar_.crash();
    pool_.clear();
    checking_.clear();
    for (std::unique_ptr<Line>* each : {&query_, &snapshot_, &mempool_, &consensus_}) {
        *each = std::make_unique<Line>(process_.address(), Dice{dice_.next()});
    }
}

void AbciComet::kill() { process_.kill(); }

void AbciComet::dial_again() {
    dial();
    handshake();
}

void AbciComet::recover() {
    for (unsigned tries = 0; tries < kMaxRecoveries; ++tries) {
        const std::optional<int> code = process_.ended(kEnds_ms);
        if (code != kKilled) {
            throw Broken("a connection broke; the replica " +
                         (code ? "ended with " + std::to_string(*code) + ": " + process_.last_words() : "still runs"));
        }
        try {
            begin();
            handshake();
            return;
        } catch (const Died&) {
            ++marks["died while it caught up"];
        }
    }
    throw Broken("the replica never catches up");
}

const Hash& AbciComet::hash_at(Height height) const {
    return height.is_zero() ? first_hash_ : decided_.at(height.value() - 1).result.app_hash;
}

void AbciComet::judge() const {
    if (grammar_.problem()) {
        throw Broken(*grammar_.problem());
    }
}

void AbciComet::handshake() {
    abci::Request ask;
    ask.info = abci::RequestInfo{.version = "0.38.25", .block_version = 11, .p2p_version = 8, .abci_version = "2.0.0"};
    const abci::ResponseInfo info = *query_->ask(ask).info;
    const Height app{info.last_block_height};
    if (app > stored()) {
        throw Broken("the replica stands" + at_height(app) + ", which nobody has decided");
    }
    if (app < answered_) {
        throw Broken("the replica stands" + at_height(app) + " and had answered Commit" + at_height(answered_));
    }
    if (!app.is_zero() && info.last_block_app_hash != Bytes{view_of(hash_at(app))}) {
        throw Broken("Info tells another app hash than the independent App's" + at_height(app));
    }
    grammar_.info(app, hash_at(app), stored());
    judge();
    least_ = most_ = app;
    if (app.is_zero()) {
        abci::Request begin;
        begin.init_chain.emplace();
        begin.init_chain->time = timestamp_of(options_.genesis.time, 0);
        begin.init_chain->chain_id = options_.genesis.chain_id;
        begin.init_chain->app_state_bytes = engine::genesis_to_json(options_.genesis);
        begin.init_chain->initial_height = 1;
        for (const stake::Founder& each : options_.genesis.validators) {
            begin.init_chain->validators.push_back({{.ed25519 = each.public_key, .secp256k1 = {}}, each.power});
        }
        grammar_.init_chain();
        if (consensus_->ask(begin).init_chain->app_hash != Bytes{view_of(first_hash_)}) {
            throw Broken("InitChain gives another app hash than the independent App's");
        }
        marks["InitChain again, before a block"] += begun_before_ ? 1U : 0U;
        marks["InitChain again, with blocks to replay"] += stored().is_zero() ? 0U : 1U;
        begun_before_ = true;
        at(Instant::kChainBegun);
    }
    if (state_ < stored()) {
        ++marks[app == stored() ? "S = T + 1, A = S: nothing is replayed" : "S = T + 1: the last block is replayed"];
    }
    marks["several blocks are replayed"] += stored().value() > app.value() + 1 ? 1U : 0U;
    replay(app);
}

void AbciComet::replay(Height from) {
    replaying_ = true;
    for (std::uint64_t height = from.value() + 1; height <= stored().value(); ++height) {
        const DecidedBlock& each = decided_[height - 1];
        finalize(each);
        commit(Height{height});
        at(Instant::kReplaying);
    }
    replaying_ = false;
    state_ = stored();
}

void AbciComet::execute() {
    const Height height = stored();
    replaying_ = false;
    at(Instant::kBlockSaved);
    finalize(decided_.back());
    at(Instant::kFinalized);
    if (!checking_.empty()) {
        static_cast<void>(read_checks());  // CometBFT's mempool is locked and empty of questions before a Commit
    }
    commit(height);
    at(Instant::kCommitted);
    state_ = height;
    at(Instant::kStateSaved);
}

void AbciComet::finalize(const DecidedBlock& decided) {
    abci::Request request;
    request.finalize_block = decided.block;
    consensus_->send(request);
    consensus_->push();
    at(Instant::kFinalizing);
    if (!replaying_) {
        beside();
    }
    const abci::ResponseFinalizeBlock answer = *consensus_->receive_all().back().finalize_block;
    grammar_.finalize_block(Height{decided.block.height}, time_of(decided.block), *fixed_from<32>(decided.block.hash),
                            *fixed_from<32>(answer.app_hash));
    judge();
    compare(decided, answer);
}

void AbciComet::commit(Height height) {
    abci::Request request;
    request.commit.emplace();
    most_ = height;
    grammar_.commit();
    judge();
    consensus_->send(request);
    consensus_->push();
    at(Instant::kCommitting);
    static_cast<void>(consensus_->receive_all());
    answered_ = least_ = height;
    begun_before_ = false;
    const std::vector<Bytes>& txs = decided_[height.value() - 1].block.txs;
    const std::set<BytesView> included(txs.begin(), txs.end());
    std::erase_if(pool_, [&](const Bytes& each) { return included.contains(each); });
}

void AbciComet::compare(const DecidedBlock& decided, const abci::ResponseFinalizeBlock& answer) const {
    const std::string where = at_height(Height{decided.block.height});
    const app::BlockResult& result = decided.result;
    if (answer.app_hash != Bytes{view_of(result.app_hash)}) {
        throw Broken("another app hash than the independent App's" + where);
    }
    if (answer.tx_results.size() != result.transactions.size()) {
        throw Broken("another number of results than the independent App's" + where);
    }
    const auto same = [](const abci::ValidatorUpdate& each, const stake::Update& own) {
        return each.pub_key.ed25519 == Bytes{view_of(own.key)} && each.power == own.power;
    };
    if (!std::ranges::equal(answer.validator_updates, result.validator_updates, same)) {
        throw Broken("other validators than the independent App's" + where);
    }
    for (std::size_t i = 0; i < result.transactions.size(); ++i) {
        const app::TxResult& own = result.transactions[i];
        const abci::TxAnswer& each = answer.tx_results[i];
        if (each.code != static_cast<std::uint32_t>(own.code) || each.gas_used != own.gas_used || !each.data.empty() ||
            each.gas_wanted != own.gas_wanted || each.log != own.log) {
            throw Broken("transaction " + std::to_string(i) + " has another result than the independent App's" + where +
                         ": " + each.log);
        }
    }
}

}  // namespace sublet::sim
