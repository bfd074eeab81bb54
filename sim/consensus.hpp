// consensus.hpp: a fake engine that orders transactions for several replicas of the App, in the order of calls that
// ABCI allows: Info, replay from the last durable height, CheckTx, FinalizeBlock, Commit. Blocks that were decided are
// never lost; a replica's disk may lose what it did not sync.
#pragma once

#include <deque>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "app/app.hpp"
#include "auditor.hpp"
#include "call_grammar.hpp"
#include "dice.hpp"
#include "engine/hub.hpp"
#include "store/records.hpp"
#include "time.hpp"

namespace sublet::sim {

// What a replica has on its disk. Commits pile up unsynced; a crash keeps a part of them, in order.
class SimDisk {
public:
    void write(app::ChangeSet changes);
    void sync();
    // Gives how many commits were lost. `plant`: "lost-commit", "torn-batch" or none of the disk's.
    std::size_t crash(Dice& dice, std::uint64_t torn_permille, const std::string& plant);
    [[nodiscard]] bool empty() const { return !begun_; }
    [[nodiscard]] Height height() const { return height_; }
    [[nodiscard]] const Hash& app_hash() const { return app_hash_; }
    // The stored state as an App. Errors: kStoreDamaged.
    [[nodiscard]] Result<std::unique_ptr<app::App>> open(const std::string& chain_id) const;

private:
    void apply(const app::ChangeSet& changes);
    bool begun_ = false;
    Height height_;
    BlockTime time_;
    Hash app_hash_{};
    std::map<Bytes, Bytes> state_;
    std::deque<app::ChangeSet> unsynced_;
};

struct Replica {
    std::string name;
    SimDisk disk;
    std::unique_ptr<app::App> app;  // nothing while it is down
    std::deque<Bytes> mempool;
    std::set<Hash> in_mempool;
    std::shared_ptr<engine::Hub> hub;  // of the process that serves it
    std::vector<std::shared_ptr<net::Notifier>> waiting;
    std::int64_t clock_off_by_ms = 0;
    CallGrammar calls;
    bool dies_within_block = false;
};

// A broken promise: what, at which height. The campaign ends with it.
struct Broken {
    Height height;
    std::string what;
};

class Consensus {
public:
    Consensus(SimTime& time, Dice dice, app::Genesis genesis, std::size_t replicas);

    // Info, InitChain at height 0, then replay of everything decided since; afterwards it takes part.
    Result<> start(std::size_t replica);
    std::size_t crash(std::size_t replica, std::uint64_t torn_permille);  // gives how many commits its disk lost
    // At the next block, between FinalizeBlock and Commit, unless it is the last that is up.
    void crash_within_block(std::size_t replica) { replicas_[replica].dies_within_block = true; }
    // Those that crashed so since it was asked last; their processes are for the caller to end.
    std::vector<std::size_t> take_crashed() { return std::exchange(crashed_, {}); }
    void plant(std::string bug) { plant_ = std::move(bug); }
    void dismiss_auditor() { audited_ = false; }
    // Recomputes all sums and indexes of a replica after every so many blocks: 1 unless the state is large.
    void look_every(std::uint64_t blocks) { look_every_ = blocks; }
    Auditor& auditor() { return auditor_; }
    [[nodiscard]] bool is_up(std::size_t replica) const { return replicas_[replica].app != nullptr; }

    // CheckTx at one replica; what it accepts reaches the others late, twice or never.
    app::TxResult submit(std::size_t replica, Bytes transaction);
    void set_gossip(std::uint64_t lost_permille, std::uint64_t twice_permille) {
        gossip_lost_permille_ = lost_permille;
        gossip_twice_permille_ = twice_permille;
    }
    // T1. A block's time is the median of the clocks of those who are up, as CometBFT has it: one clock moves nothing.
    void set_clock(std::size_t replica, std::int64_t off_by_ms) { replicas_[replica].clock_off_by_ms = off_by_ms; }
    void jump(std::uint64_t ahead_ms) { all_ahead_by_ms_ += ahead_ms; }                       // all clocks, for good
    void hold_back(std::uint64_t length_ms) { held_until_ms_ = time_.now_ms() + length_ms; }  // no blocks until then
    // All clocks agree again, and none is behind the last block.
    void set_clocks_right();
    // Decides a block if one is owed, and has every replica that is up execute it.
    void turn();

    [[nodiscard]] Replica& replica(std::size_t index) { return replicas_[index]; }
    [[nodiscard]] std::size_t size() const { return replicas_.size(); }
    [[nodiscard]] const app::Genesis& genesis() const { return genesis_; }
    [[nodiscard]] const std::vector<engine::BlockPtr>& blocks() const { return blocks_; }
    // When each of them was decided, by the world's own time.
    [[nodiscard]] const std::vector<std::uint64_t>& decided_at_ms() const { return decided_at_ms_; }
    [[nodiscard]] const store::StoredTx* find(const Hash& hash) const;
    [[nodiscard]] std::vector<Bytes> history(const Bytes& key) const;
    [[nodiscard]] const std::optional<Broken>& broken() const { return broken_; }
    [[nodiscard]] std::size_t up_count() const;
    // The state of a replica that is up, of the highest there is.
    [[nodiscard]] std::shared_ptr<const app::Committed> latest() const;

private:
    [[nodiscard]] bool owed() const;
    [[nodiscard]] BlockTime median_time() const;
    app::BlockResult execute_everywhere(const app::BlockRequest& request);
    app::BlockRequest decide();
    Hash execute(Replica& replica, const app::BlockRequest& request, app::BlockResult* result);
    void check(Replica& replica);
    // After a commit: what is left is checked again on top of the new state, as CometBFT's recheck does.
    void check_again(std::size_t replica);
    Result<> open(Replica& replica);
    void take(std::size_t replica, const Hash& hash, const Bytes& transaction, bool again);

    SimTime& time_;
    Dice dice_;
    app::Genesis genesis_;
    std::vector<Replica> replicas_;
    std::vector<app::BlockRequest> decided_;  // [0] is height 1
    std::vector<std::uint64_t> decided_at_ms_;
    std::uint64_t all_ahead_by_ms_ = 0, held_until_ms_ = 0;
    std::vector<Hash> app_hashes_;
    std::vector<engine::BlockPtr> blocks_;
    std::map<Hash, std::pair<std::size_t, std::size_t>> by_hash_;  // block, position
    std::map<Bytes, std::vector<Bytes>> archive_;
    Auditor auditor_;
    std::optional<Broken> broken_;
    std::string plant_;
    bool audited_ = true;
    std::uint64_t look_every_ = 1;
    std::vector<std::size_t> crashed_;
    std::uint64_t gossip_lost_permille_ = 0, gossip_twice_permille_ = 0;
};

}  // namespace sublet::sim
