// hub.hpp: hands each committed block to every subscriber; one that does not keep up is dropped, the others never wait.
// Loop's thread only.
#pragma once

#include <atomic>
#include <deque>

#include "engine/engine.hpp"
#include "net/notify.hpp"

namespace sublet::engine {

class Hub {
public:
    explicit Hub(net::Loop& loop) : loop_(loop) {}
    // Errors: kRefused.
    Result<std::unique_ptr<Subscription>> subscribe();
    void publish(const BlockPtr& block);
    void end(const Error& why);
    [[nodiscard]] std::uint64_t dropped() const { return dropped_; }

    struct Queue {
        explicit Queue(net::Loop& loop) : notifier(loop) {}
        net::Notifier notifier;
        std::deque<BlockPtr> blocks;
        std::uint64_t bytes = 0;  // of transactions in them
        std::optional<Error> ended;
    };

private:
    net::Loop& loop_;
    std::vector<std::weak_ptr<Queue>> queues_;
    std::optional<Error> ended_;
    std::atomic<std::uint64_t> dropped_ = 0;
};

}  // namespace sublet::engine
