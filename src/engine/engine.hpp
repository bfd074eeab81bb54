// engine.hpp: what both engines serve to the API: submit, wait, read a committed height, subscribe to blocks.
//
// Coroutines run on the loop that the engine was given; the plain functions may be called from any thread unless they
// say otherwise.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "app/app.hpp"
#include "engine/histogram.hpp"
#include "net/task.hpp"
#include "store/search.hpp"

namespace sublet::engine {

inline constexpr std::size_t kMaxSubscriberBlocks = 256;        // queued for one subscriber; one more and it is dropped
inline constexpr std::size_t kMaxSubscriberBytes = 32U << 20U;  // of transactions in them, but for one block
inline constexpr std::size_t kMaxSubscribers = 1'024;
inline constexpr std::size_t kMaxBlockTransactions = 4'000;
inline constexpr std::size_t kMaxBlockBytes = 4U << 20U;
inline constexpr std::size_t kMaxMempoolBytes = 64U << 20U;

using BlockPtr = std::shared_ptr<const store::FullBlock>;

// Blocks as they are committed, each after it is durable. Destroying it ends the subscription.
class Subscription {
public:
    virtual ~Subscription() = default;
    // The next block, in order, none left out. Errors: kRefused (this reader was too slow and was dropped), kCancelled
    // (the engine stopped, or close() was called).
    virtual net::Task<Result<BlockPtr>> next() = 0;
    // Waits until nothing more will come, and says why (see above); whoever is stuck elsewhere learns it here.
    virtual net::Task<Error> ended() = 0;
    virtual void close() = 0;
};

struct Submitted {
    Hash hash{};
    app::TxResult check;  // code kOk: in the mempool
};

struct Included {
    Submitted submitted;
    std::optional<store::StoredTx> included;  // nothing when the check refused it
};

struct MempoolSize {
    std::size_t transactions = 0;
    std::size_t bytes = 0;
};

// Counters for /metrics, since the start of this process.
struct EngineCounters {
    std::uint64_t blocks = 0;
    std::uint64_t transactions_ok = 0;
    std::uint64_t transactions_failed = 0;
    std::uint64_t checks_refused = 0;
    std::uint64_t subscribers_dropped = 0;
    Histogram block_seconds;   // finalize to durable
    Histogram commit_seconds;  // of it, the synced write
    Histogram check_seconds;   // of one transaction, before it is queued
    std::vector<std::pair<std::uint32_t, std::uint64_t>> by_code;
};

class Engine {
public:
    virtual ~Engine() = default;

    // Checks and, where that answers kOk, queues the transaction. Errors: kEngine (stopped), kRefused (too much at
    // once).
    virtual net::Task<Result<Submitted>> submit(Bytes transaction) = 0;
    // As submit, then waits until a durable block has it. Errors as above and kTimeout (it may still be included).
    virtual net::Task<Result<Included>> submit_and_wait(Bytes transaction, std::uint64_t timeout_ms) = 0;
    // Executes without signatures on the last committed height and keeps nothing.
    virtual net::Task<Result<app::TxResult>> simulate(Bytes transaction) = 0;

    [[nodiscard]] virtual std::shared_ptr<const app::Committed> committed() const = 0;
    // Errors: kHeightPruned, kNotFound (not yet).
    [[nodiscard]] virtual Result<std::shared_ptr<const app::Committed>> committed_at(Height height) const = 0;

    // Errors of the readers: kNotFound, kStoreDamaged, kIo.
    [[nodiscard]] virtual Result<store::FullBlock> block(Height height) const = 0;
    [[nodiscard]] virtual Result<store::StoredBlock> header(Height height) const = 0;
    [[nodiscard]] virtual Result<store::StoredTx> transaction(const Hash& hash) const = 0;
    [[nodiscard]] virtual Result<store::SearchResult> search(const store::Search& search) const = 0;
    [[nodiscard]] virtual Result<std::vector<Bytes>> history(BytesView key) const = 0;
    [[nodiscard]] virtual const app::Genesis& genesis() const = 0;
    // The first block that is here, or will be.
    [[nodiscard]] virtual Height earliest() const { return Height{genesis().state_height.value() + 1}; }

    // On the loop's thread. Errors: kRefused (too many subscribers), kEngine.
    virtual Result<std::unique_ptr<Subscription>> subscribe() = 0;
    [[nodiscard]] virtual MempoolSize mempool_size() const = 0;
    // At most `limit` of the pending transactions, oldest first.
    virtual net::Task<Result<std::vector<Bytes>>> pending(std::size_t limit) = 0;
    [[nodiscard]] virtual EngineCounters counters() const = 0;

    // Whether others agree on the blocks, so that there is more to know of them than the ledger does.
    [[nodiscard]] virtual bool is_replicated() const { return false; }
    // What only the consensus program knows ("validators", "commit", …): the result of that method of its JSON-RPC, as
    // JSON text. Errors: kUnsupported (there is none), kEngine (it does not answer), kTimeout, kBadField (it refuses).
    virtual net::Task<Result<std::string>> ask_consensus(std::string /*method*/, std::string /*parameters*/) {
        co_return fail(Code::kUnsupported, "this network has one node, and no consensus to ask");
    }
    [[nodiscard]] virtual std::optional<std::string> halted() const = 0;
    virtual void stop() = 0;
};

}  // namespace sublet::engine
