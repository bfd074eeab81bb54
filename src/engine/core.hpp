// core.hpp: the solo engine without its thread: mempool, when a block is owed, one block from finalize to durable.
// Single-threaded, driven by a clock that is handed in, so that a simulator can run it.
#pragma once

#include <deque>
#include <set>

#include "app/app.hpp"
#include "engine/engine.hpp"
#include "engine/workers.hpp"
#include "net/host.hpp"
#include "store/store.hpp"

namespace sublet::engine {

inline constexpr std::uint64_t kMaxStepMs = 30'000;  // L advances by at most this per block

struct CoreOptions {
    std::uint64_t block_interval_ms = 50;
    bool check_invariants = false;
    std::size_t threads = 0;              // beside the caller's, for signatures
    std::filesystem::path genesis_state;  // the state of a genesis that names one
};

class Core {
public:
    // Recovers the store's height, or begins a chain from `genesis`. `store` and `clock` outlive this object.
    // Errors: kUsage (nothing stored and no genesis), kConflict (another genesis is stored), kStoreDamaged, kIo,
    // kBadField.
    static Result<std::unique_ptr<Core>> open(store::Store& store, net::Clock& clock,
                                              const std::optional<app::Genesis>& genesis, CoreOptions options);

    // Checks, and queues what answers kOk. A transaction that is queued already answers kOk again.
    Submitted submit(Bytes transaction);
    // The same for several, in their order.
    std::vector<Submitted> submit_all(std::vector<Bytes> transactions);

    // Milliseconds until a block is owed: 0 now; nothing while there is no work and no timer.
    [[nodiscard]] std::optional<std::uint64_t> owed_in() const;

    struct Made {
        BlockPtr block;
        std::shared_ptr<const app::Committed> state;
        std::vector<Submitted> dropped;  // queued ones that the new state refuses
        double seconds = 0;
        double commit_seconds = 0;
    };
    // One block: finalize, commit, durable. After an error nothing more may be asked of this object: the state in
    // memory is ahead of the store. Errors: kIo, kStoreDamaged, kInternal (a broken invariant, with the sentence).
    Result<Made> make_block();

    // The same in two steps, so that one block is written while the next one is executed. execute() makes the state in
    // memory that of the new height; write() makes it durable and may run on another thread beside anything but
    // another write(); heights are written in their order.
    struct Executed {
        Made made;
        store::Commit commit;
    };
    Result<Executed> execute();
    Result<> write(Executed& executed);

    [[nodiscard]] std::shared_ptr<const app::Committed> committed() const { return app_->committed(); }
    [[nodiscard]] bool has_no_block() const { return committed()->height == genesis_.state_height; }
    [[nodiscard]] MempoolSize mempool_size() const { return {queue_.size(), queued_bytes_}; }
    [[nodiscard]] std::vector<Bytes> pending(std::size_t limit) const;
    [[nodiscard]] const app::Genesis& genesis() const { return genesis_; }

private:
    struct Queued {
        Hash hash{};
        Bytes bytes;
        app::PreparedPtr prepared;
    };

    Core(store::Store& store, net::Clock& clock, CoreOptions options)
        : store_(store), clock_(clock), options_(options), workers_(options.threads) {}
    Result<> begin(const app::Genesis& genesis);
    Result<> recover(store::StoredState state, const std::optional<app::Genesis>& genesis);
    Submitted take_in(const Hash& hash, Bytes transaction, app::PreparedPtr prepared);
    ledger::Parallel on_all_cores();
    std::vector<Queued> take_for_block();
    std::vector<Submitted> check_again();

    store::Store& store_;
    net::Clock& clock_;
    CoreOptions options_;
    Workers workers_;
    app::Genesis genesis_;
    std::unique_ptr<app::App> app_;
    Hash last_block_hash_{};
    Hash last_results_hash_{};
    std::optional<std::uint64_t> last_made_ms_;  // monotonic
    std::deque<Queued> queue_;
    std::set<Hash> queued_;
    std::size_t queued_bytes_ = 0;
};

}  // namespace sublet::engine
