// comet.hpp: what CometBFT remembers and does at one replica over a real socket: its block store and its state,
// the four connections, the handshake with its replay, blocks and checks. Every call is held to the call grammar, every
// block to what an independent App made of it.
// Spec: CometBFT v0.38 consensus/replay.go, state/execution.go; docs/spec/consensus.md.
#pragma once

#include <functional>
#include <map>

#include "app/app.hpp"
#include "call_grammar.hpp"
#include "line.hpp"
#include "served.hpp"

namespace sublet::sim {

inline constexpr unsigned kMaxRecoveries = 20;  // in a row, of a process that dies while it is caught up

// As it is in the block store, with what the independent App made of it.
struct DecidedBlock {
    abci::ProposedBlock block;
    app::BlockResult result;
};

// `nanos`: below a millisecond; nobody here counts them.
abci::Timestamp timestamp_of(BlockTime time, std::uint64_t nanos);

// Where this end lets go of the application: between two calls, or within one.
enum class Instant : std::uint8_t {
    kBlockSaved,  // decided, not executed
    kFinalizing,  // FinalizeBlock is sent
    kFinalized,   // it is answered
    kCommitting,  // Commit is sent
    kCommitted,   // it is answered, this end's state is not written
    kStateSaved,  // the height is over
    kChainBegun,  // InitChain is answered
    kReplaying,   // a block of a replay is committed
};

class AbciComet {
public:
    struct Options {
        std::filesystem::path folder;
        std::string plant;
        app::Genesis genesis;
        std::uint64_t seed = 1;
    };
    // Paths that were gone, and how often.
    using Marks = std::map<std::string, std::uint64_t>;

    explicit AbciComet(Options options);

    // Throws Broken for a process that does not start, Died when it was killed meanwhile.
    void begin(const std::string& crash_at = {});
    // The process is killed; this end forgets its connections and its mempool.
    void kill();
    // Other connections to the same process, as after a restart of CometBFT alone.
    void dial_again();
    // Info, InitChain and replay as replay.go says.
    void handshake();
    // kill(), begin() and handshake() until the application has caught up.
    void recover();

    // Into the block store. The next height.
    void decide(DecidedBlock block) { decided_.push_back(std::move(block)); }
    // Executes the last decided block and commits it.
    void execute();

    // As new ones, or again after a block; sent at once. Their answers, in order, by read_checks().
    void send_checks(const std::vector<Bytes>& transactions, bool again);
    std::vector<abci::TxAnswer> read_checks();
    std::vector<Bytes> prepare(const std::vector<Bytes>& transactions, std::uint64_t max_bytes);
    std::uint32_t process(const std::vector<Bytes>& transactions, bool own);
    // Info, snapshots and a query, beside whatever runs.
    void look();
    // Of a raw key, with a proof.
    abci::ResponseQuery query(BytesView key);

    [[nodiscard]] Height stored() const { return Height{decided_.size()}; }
    [[nodiscard]] const std::vector<DecidedBlock>& decided() const { return decided_; }
    [[nodiscard]] abci::ProposedBlock next_block(std::vector<Bytes> transactions, BlockTime time);
    // What was accepted and is in no block.
    [[nodiscard]] const std::vector<Bytes>& mempool() const { return pool_; }
    // A connection more, which ends within a request.
    void break_off();
    [[nodiscard]] ServedReplica& process() { return process_; }
    // The folder is no longer what it was: it may stand lower than what was committed.
    void forget_commits() { answered_ = Height{}; }
    // Throws what the grammar has noticed.
    void judge() const;

    // Called at each instant; it may kill().
    std::function<void(Instant)> at = [](Instant) {};
    // Called while FinalizeBlock of a new block is out.
    std::function<void()> beside = [] {};
    Marks marks;

private:
    void dial();
    void look_at_snapshots();
    void replay(Height from);
    void finalize(const DecidedBlock& decided);
    void commit(Height height);
    void compare(const DecidedBlock& decided, const abci::ResponseFinalizeBlock& answer) const;
    [[nodiscard]] const Hash& hash_at(Height height) const;

    Options options_;
    Dice dice_;
    ServedReplica process_;
    CallGrammar grammar_;
    Hash first_hash_{};  // of height 0
    std::unique_ptr<Line> query_, snapshot_, mempool_, consensus_;
    std::vector<DecidedBlock> decided_;
    Height state_;         // of this end: the last height that was over
    Height answered_;      // the last height for which Commit was answered
    Height least_, most_;  // between which Info must be just now
    bool replaying_ = false;
    bool begun_before_ = false;  // InitChain was answered, and no block is committed since
    std::vector<Bytes> pool_;
    std::deque<std::pair<Bytes, bool>> checking_;  // and whether again
};

}  // namespace sublet::sim
