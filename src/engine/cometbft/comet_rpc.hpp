// comet_rpc.hpp: CometBFT's own JSON-RPC, over a Unix socket: what only it knows, and transactions for its mempool.
#pragma once

#include <deque>
#include <filesystem>
#include <functional>
#include <memory>

#include "net/http.hpp"

namespace sublet::engine {

inline constexpr std::size_t kMaxBatchTransactions = 100;       // of one call; config.toml allows as many
inline constexpr std::size_t kMaxBatchBytes = 512U << 10U;      // of transactions in it, but for one
inline constexpr std::size_t kMaxOutgoing = 20'000;             // transactions that wait for a call
inline constexpr std::size_t kMaxOutgoingBytes = 64U << 20U;    // of them
inline constexpr unsigned kMaxBatchesAtOnce = 2;                // one is judged while the next is sent
inline constexpr std::uint64_t kConsensusPatience_ms = 10'000;  // for one answer

// The loop's thread only; `loop` outlives it. What is asked when it ends is answered with kCancelled.
class CometRpc {
public:
    // Called once where CometBFT did not take the transaction: why (its own words). What it takes is judged by the
    // application's CheckTx.
    using Refused = std::function<void(Error why)>;

    CometRpc(net::Loop& loop, std::filesystem::path socket);
    ~CometRpc();
    CometRpc(const CometRpc&) = delete;
    CometRpc& operator=(const CometRpc&) = delete;

    // The result of a method, as JSON text. Errors: kEngine (it does not answer), kBadField (its own refusal),
    // kTimeout.
    [[nodiscard]] net::Task<Result<std::string>> ask(std::string method, std::string parameters) const;
    // Goes into the mempool with whatever else waits.
    void broadcast(Bytes transaction, Refused refused);
    // Not taken any more.
    void close();

private:
    struct Core;
    std::shared_ptr<Core> core_;  // shared with what is under way
};

}  // namespace sublet::engine
