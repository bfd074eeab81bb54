// lane.hpp: the thread on which the application checks and executes: requests of all connections, one after the other.
#pragma once

#include <atomic>
#include <condition_variable>
#include <deque>
#include <mutex>
#include <thread>

#include "engine/cometbft/application.hpp"
#include "engine/cometbft/connection.hpp"

namespace sublet::abci {

inline constexpr std::size_t kMaxCheckedAtOnce = 512;  // new transactions that are handed over together

class Lane {
public:
    struct Asked {
        std::shared_ptr<Connection> from;
        std::uint64_t place = 0;
        Request request;
    };

    explicit Lane(Application& application);
    ~Lane();  // what waits is not done any more
    Lane(const Lane&) = delete;
    Lane& operator=(const Lane&) = delete;

    void give(Asked asked);
    [[nodiscard]] std::size_t waiting() const { return waiting_; }
    // Why the application cannot go on.
    [[nodiscard]] std::optional<std::string> halted() const;

private:
    void serve();
    void check(const std::deque<Asked>& turn);
    bool do_one(const Asked& asked);

    Application& application_;
    std::atomic<std::size_t> waiting_ = 0;
    mutable std::mutex mutex_;  // what follows
    std::condition_variable given_;
    std::deque<Asked> queue_;
    std::optional<std::string> halted_;
    bool stopping_ = false;
    std::thread thread_;
};

// As it stands in a stream.
Bytes framed(const Response& response);

}  // namespace sublet::abci
