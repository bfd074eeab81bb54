// consensus.cpp: blocks, replicas, and what must hold after each block.
#include "consensus.hpp"

#include <algorithm>

#include "crypto/sha256.hpp"
#include "engine/blocks.hpp"
#include "plants.hpp"

namespace sublet::sim {
namespace {

constexpr std::size_t kMaxBlock = 200;
constexpr std::size_t kMaxMempool = 2'000;
constexpr std::uint64_t kEmptyBlockMs = 5'000;
constexpr std::size_t kMaxUnsynced = 4;

// Of its transactions; the call has its height and time beside it.
Hash block_hash(const app::BlockRequest& request) {
    crypto::Sha256 out;
    for (const Bytes& each : request.transactions) {
        out.update(view_of(crypto::sha256(each)));
    }
    return out.finish();
}

}  // namespace

// ───── the disk ─────

void SimDisk::apply(const app::ChangeSet& changes) {
    begun_ = true;
    height_ = changes.height;
    time_ = changes.time;
    app_hash_ = changes.app_hash;
    for (const app::ChangeSet::Change& change : changes.changes) {
        if (change.value) {
            state_[change.key] = *change.value;
        } else {
            state_.erase(change.key);
        }
    }
}

void SimDisk::write(app::ChangeSet changes) {
    unsynced_.push_back(std::move(changes));
    if (unsynced_.size() > kMaxUnsynced) {
        sync();
    }
}

void SimDisk::sync() {
    for (const app::ChangeSet& each : unsynced_) {
        apply(each);
    }
    unsynced_.clear();
}

// A torn write is one that did not happen: the store takes a height whole or not at all.
std::size_t SimDisk::crash(Dice& dice, std::uint64_t torn_permille, const std::string& plant) {
    if (plant == "lost-commit" && unsynced_.size() > 1) {
        unsynced_.pop_front();
        sync();
        return 1;
    }
    if (plant == "torn-batch" && !unsynced_.empty()) {
        app::ChangeSet& first = unsynced_.front();
        first.changes.resize(first.changes.size() / 2);
        apply(first);
        const std::size_t lost = unsynced_.size();
        unsynced_.clear();
        return lost;
    }
    while (!unsynced_.empty() && !dice.chance(torn_permille)) {
        apply(unsynced_.front());
        unsynced_.pop_front();
    }
    const std::size_t lost = unsynced_.size();
    unsynced_.clear();
    return lost;
}

Result<std::unique_ptr<app::App>> SimDisk::open(const std::string& chain_id) const {
    TRY(state, ledger::tree_of(state_));
    return app::App::from_state(chain_id, height_, time_, app_hash_, state);
}

// ───── blocks ─────

Consensus::Consensus(SimTime& time, Dice dice, app::Genesis genesis, std::size_t replicas)
    : time_(time), dice_(dice), genesis_(std::move(genesis)), replicas_(replicas), auditor_(genesis_) {
    for (std::size_t i = 0; i < replicas; ++i) {
        replicas_[i].name = "node-" + std::to_string(i);
    }
}

// A chain whose first block was not stored begins anew, whether or not InitChain left something on the disk.
Result<> Consensus::open(Replica& replica) {
    const bool anew = replica.disk.empty() || replica.disk.height().is_zero();
    replica.calls.info(replica.disk.height(), replica.disk.app_hash(), Height{decided_.size()});
    if (anew) {
        replica.calls.init_chain();
        TRY(app, app::App::from_genesis(genesis_));
        replica.app = std::move(app);
        replica.disk.write(replica.app->commit());
        return {};
    }
    Result<std::unique_ptr<app::App>> app = replica.disk.open(genesis_.chain_id);
    if (!app) {
        broken_ = Broken{replica.disk.height(), replica.name + " cannot open its disk: " + app.error().message};
        return std::unexpected{app.error()};
    }
    replica.app = std::move(*app);
    return {};
}

Result<> Consensus::start(std::size_t index) {
    Replica& replica = replicas_[index];
    TRY_OK(open(replica));
    const std::uint64_t from = replica.app->committed()->height.value();
    for (std::size_t i = from; i < decided_.size(); ++i) {
        if (execute(replica, decided_[i], nullptr) != app_hashes_[i]) {
            broken_ = Broken{decided_[i].height, replica.name + " replays a block to another app hash"};
            return fail(Code::kInternal, broken_->what);
        }
    }
    return {};
}

std::size_t Consensus::crash(std::size_t index, std::uint64_t torn_permille) {
    Replica& replica = replicas_[index];
    replica.calls.crash();
    replica.dies_within_block = false;
    replica.app.reset();
    replica.hub.reset();
    replica.mempool.clear();
    replica.in_mempool.clear();
    replica.waiting.clear();
    return replica.disk.crash(dice_, torn_permille, plant_);
}

std::size_t Consensus::up_count() const {
    return static_cast<std::size_t>(
        std::ranges::count_if(replicas_, [](const Replica& r) { return r.app != nullptr; }));
}

std::shared_ptr<const app::Committed> Consensus::latest() const {
    const auto up = std::ranges::find_if(replicas_, [](const Replica& each) { return each.app != nullptr; });
    return up == replicas_.end() ? nullptr : up->app->committed();
}

void Consensus::take(std::size_t index, const Hash& hash, const Bytes& transaction, bool again) {
    Replica& replica = replicas_[index];
    if (!replica.app || replica.in_mempool.contains(hash) || by_hash_.contains(hash) ||
        replica.mempool.size() >= kMaxMempool) {
        return;
    }
    const bool accepted = replica.app->check_tx(transaction).code == Code::kOk;
    again ? replica.calls.check_again(hash, accepted) : replica.calls.check_new(hash, accepted);
    if (!accepted) {
        return;
    }
    replica.in_mempool.insert(hash);
    replica.mempool.push_back(transaction);
}

app::TxResult Consensus::submit(std::size_t index, Bytes transaction) {
    Replica& replica = replicas_[index];
    const Hash hash = crypto::sha256(transaction);
    if (replica.in_mempool.contains(hash)) {
        return {.code = Code::kOk, .log = "already in the mempool"};
    }
    app::TxResult check = replica.app->check_tx(transaction);
    replica.calls.check_new(hash, check.code == Code::kOk);
    if (check.code != Code::kOk) {
        return check;
    }
    replica.in_mempool.insert(hash);
    for (std::size_t i = 0; i < replicas_.size(); ++i) {
        if (i == index || dice_.chance(gossip_lost_permille_)) {
            continue;
        }
        const unsigned times = dice_.chance(gossip_twice_permille_) ? 2 : 1;
        for (unsigned n = 0; n < times; ++n) {
            time_.after(dice_.between(1, 400), [this, i, hash, transaction] { take(i, hash, transaction, false); });
        }
    }
    replica.mempool.push_back(std::move(transaction));
    return check;
}

bool Consensus::owed() const {
    if (std::ranges::any_of(replicas_, [](const Replica& each) { return each.app && !each.mempool.empty(); })) {
        return true;
    }
    return decided_.empty() || time_.now_ms() >= decided_at_ms_.back() + kEmptyBlockMs;
}

BlockTime Consensus::median_time() const {
    std::vector<std::int64_t> off_by_ms;
    for (const Replica& each : replicas_) {
        if (each.app) {
            off_by_ms.push_back(each.clock_off_by_ms);
        }
    }
    const auto middle = off_by_ms.begin() + static_cast<std::ptrdiff_t>((off_by_ms.size() - 1) / 2);
    std::ranges::nth_element(off_by_ms, middle);
    const std::uint64_t now = kEpochMs + time_.now_ms() + all_ahead_by_ms_ + static_cast<std::uint64_t>(*middle);
    return BlockTime{decided_.empty() ? now : std::max(now, decided_.back().time.value() + 1)};
}

void Consensus::set_clocks_right() {
    for (Replica& each : replicas_) {
        each.clock_off_by_ms = 0;
    }
    held_until_ms_ = 0;
    const std::uint64_t now = kEpochMs + time_.now_ms();
    if (!decided_.empty() && decided_.back().time.value() > now + all_ahead_by_ms_) {
        all_ahead_by_ms_ = decided_.back().time.value() - now;
    }
}

app::BlockRequest Consensus::decide() {
    std::vector<std::size_t> up;
    for (std::size_t i = 0; i < replicas_.size(); ++i) {
        if (replicas_[i].app) {
            up.push_back(i);
        }
    }
    Replica& proposer = replicas_[up[dice_.between(0, up.size() - 1)]];
    app::BlockRequest out;
    out.height = Height{decided_.size() + 1};
    out.time = median_time();
    for (const Bytes& each : proposer.mempool) {
        if (out.transactions.size() == kMaxBlock) {
            break;
        }
        // A replica that came back may still hold what was decided without it.
        if (!by_hash_.contains(crypto::sha256(each))) {
            out.transactions.push_back(each);
        }
    }
    return out;
}

Hash Consensus::execute(Replica& replica, const app::BlockRequest& request, app::BlockResult* result) {
    app::BlockRequest mine = request;
    if (plant_ == "reordered" && &replica == &replicas_.back()) {
        std::ranges::reverse(mine.transactions);
    }
    app::BlockResult done = replica.app->finalize_block(mine);
    app::ChangeSet changes;
    const bool breaks_rule = breaks_a_job_rule(plant_);
    if (breaks_rule) {
        changes = replica.app->commit();
        break_job_rule(plant_, genesis_.chain_id, replica.app, changes, done);
    }
    const Hash hash = done.app_hash;
    replica.calls.finalize_block(request.height, request.time, block_hash(request), hash);
    if (replica.dies_within_block) {
        return hash;
    }
    changes = breaks_rule ? std::move(changes) : replica.app->commit();
    replica.calls.commit();
    if (result != nullptr) {
        for (const ledger::Archived& each : changes.archived) {
            archive_[each.key].push_back(each.value);
        }
        *result = std::move(done);
    }
    replica.disk.write(std::move(changes));
    if (dice_.chance(300)) {
        replica.disk.sync();
    }
    return hash;
}

void Consensus::check(Replica& replica) {
    if (const std::optional<std::string> problem = replica.app->broken_invariant(); problem && !broken_) {
        broken_ = Broken{Height{decided_.size()}, *problem};
    }
}

void Consensus::check_again(std::size_t index) {
    Replica& replica = replicas_[index];
    replica.app->reset_pending();
    std::deque<Bytes> rest = std::move(replica.mempool);
    replica.mempool.clear();
    replica.in_mempool.clear();
    for (Bytes& each : rest) {
        take(index, crypto::sha256(each), each, true);
    }
    if (replica.calls.problem() && !broken_) {
        broken_ = Broken{Height{decided_.size()}, replica.name + ": " + *replica.calls.problem()};
    }
}

// What the first says that lives to commit it; everybody must say the same.
app::BlockResult Consensus::execute_everywhere(const app::BlockRequest& request) {
    app::BlockResult result;
    std::size_t left = up_count();
    std::vector<std::pair<std::size_t, Hash>> said;
    bool first = true;
    for (std::size_t i = 0; i < replicas_.size(); ++i) {
        Replica& replica = replicas_[i];
        if (!replica.app) {
            continue;
        }
        replica.dies_within_block = replica.dies_within_block && left > 1;
        left -= replica.dies_within_block ? 1 : 0;
        const bool tells = first && !replica.dies_within_block;
        said.emplace_back(i, execute(replica, request, tells ? &result : nullptr));
        first = first && !tells;
    }
    for (const auto& [i, hash] : said) {
        Replica& replica = replicas_[i];
        if (hash != result.app_hash && !broken_) {
            broken_ = Broken{request.height, replica.name + " has another app hash"};
        }
        if (std::exchange(replica.dies_within_block, false)) {
            crash(i, 500);
            crashed_.push_back(i);
        }
    }
    return result;
}

void Consensus::turn() {
    const bool held_back = time_.now_ms() < held_until_ms_;
    if (broken_ || held_back || up_count() * 3 < replicas_.size() * 2 || !owed()) {
        return;  // no quorum: nothing is decided
    }
    const app::BlockRequest request = decide();
    decided_.push_back(request);
    decided_at_ms_.push_back(time_.now_ms());
    const app::BlockResult result = execute_everywhere(request);
    app_hashes_.push_back(result.app_hash);
    std::vector<engine::NamedTx> named;
    for (const Bytes& each : request.transactions) {
        named.push_back({crypto::sha256(each), each});
        by_hash_[named.back().hash] = {blocks_.size(), named.size() - 1};
    }
    engine::Previous previous;
    if (!blocks_.empty()) {
        const store::StoredBlock& last = blocks_.back()->block;
        previous = {last.header.hash, last.results_hash_after, last.app_hash_after};
    }
    blocks_.push_back(std::make_shared<const store::FullBlock>(
        engine::make_full_block(genesis_.chain_id, request.height, request.time, previous, std::move(named), result)));
    const std::shared_ptr<const app::Committed> after = latest();
    const std::optional<std::string> problem = audited_ ? auditor_.follow(*blocks_.back(), after->view) : std::nullopt;
    if (problem && !broken_) {
        broken_ = Broken{request.height, *problem};
    }
    const bool looks = decided_.size() % look_every_ == 0;
    const std::size_t looked_at = decided_.size() / look_every_ % replicas_.size();
    for (std::size_t i = 0; i < replicas_.size(); ++i) {
        Replica& replica = replicas_[i];
        if (!replica.app) {
            continue;
        }
        if (looks && i == looked_at) {
            check(replica);
        }
        check_again(i);
        if (replica.hub) {
            replica.hub->publish(blocks_.back());
        }
        for (const auto& each : replica.waiting) {
            each->notify_all();
        }
    }
}

const store::StoredTx* Consensus::find(const Hash& hash) const {
    const auto found = by_hash_.find(hash);
    return found == by_hash_.end() ? nullptr : &blocks_[found->second.first]->transactions[found->second.second];
}

std::vector<Bytes> Consensus::history(const Bytes& key) const {
    const auto found = archive_.find(key);
    return found == archive_.end() ? std::vector<Bytes>{} : found->second;
}

}  // namespace sublet::sim
