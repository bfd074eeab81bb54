// askers.hpp: who waits for what became of a transaction: of its check in CometBFT's mempool, of the block that has it.
#pragma once

#include <chrono>
#include <map>
#include <mutex>

#include "engine/cometbft/responses.hpp"
#include "engine/engine.hpp"
#include "engine/reply.hpp"
#include "store/store.hpp"

namespace sublet::engine {

inline constexpr std::size_t kMaxAskers = 20'000;

// From any thread.
class Askers {
public:
    explicit Askers(const store::Store& store) : store_(store) {}

    // Nothing, or why nobody more may ask (kRefused). Exactly one of the replies is there.
    std::optional<Error> add(const Hash& hash, ReplyPtr<Submitted> on_check);
    std::optional<Error> add(const Hash& hash, ReplyPtr<Included> on_block, std::uint64_t timeout_ms);

    // What the application's CheckTx answered.
    void checked(const Hash& hash, const abci::TxAnswer& answer, bool again);
    // CometBFT did not take it: it is there already, its mempool is full, or it does not answer.
    void refused(const Hash& hash, const Error& why);
    void made(const BlockPtr& block);
    // CometBFT has ended: nobody knows of what was not checked.
    void lost(const Error& why);
    void end(const Error& why);

private:
    struct Asker {
        ReplyPtr<Submitted> on_check;
        ReplyPtr<Included> on_block;
        std::optional<Submitted> checked;
        std::chrono::steady_clock::time_point until;  // nobody listens any more
    };
    using Map = std::map<Hash, std::vector<Asker>>;
    std::optional<Error> add(const Hash& hash, Asker asker);
    void settle(Map::iterator at, const Submitted& submitted);
    void fail_all(const Error& why, bool also_checked);
    void forget_old();

    const store::Store& store_;
    std::mutex mutex_;  // what follows
    Map asked_;
    std::size_t count_ = 0;
    std::chrono::steady_clock::time_point look_again_;
};

}  // namespace sublet::engine
