// tasks.hpp: coroutines that belong to one owner, which can wait for the end of all of them.
#pragma once

#include <memory>

#include "agent/ledger.hpp"
#include "net/notify.hpp"
#include "net/run.hpp"

namespace sublet::agent {

using net::Task;

// One loop's thread. What is spawned may use the owner as long as the owner awaits all_ended() before it dies.
class Tasks {
public:
    explicit Tasks(net::Loop& loop) : loop_(loop), count_(std::make_shared<Count>(loop)) {}

    // Counts while it lives: for coroutines that somebody else started, such as handlers of a server.
    class Hold;
    Hold hold();
    void spawn(Task<> task);
    Task<> all_ended();

private:
    struct Count {
        explicit Count(net::Loop& loop) : changed(loop) {}
        std::size_t running = 0;
        net::Notifier changed;
    };
    static Task<> counted(std::shared_ptr<Count> count, std::shared_ptr<Hold> holding, Task<> task);

    net::Loop& loop_;
    std::shared_ptr<Count> count_;
};

class Tasks::Hold {
public:
    explicit Hold(std::shared_ptr<Count> count) : count_(std::move(count)) { count_->running += 1; }
    Hold(Hold&& other) noexcept = default;
    Hold& operator=(Hold&&) = delete;
    ~Hold() {
        if (count_) {
            count_->running -= 1;  // wakes nobody: frames also die with their loop, where no timer may be touched
        }
    }

private:
    std::shared_ptr<Count> count_;
};

inline Tasks::Hold Tasks::hold() { return Hold{count_}; }

}  // namespace sublet::agent
