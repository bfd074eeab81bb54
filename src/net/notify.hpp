// notify.hpp: coroutines of one loop that wait until another one says that something changed.
#pragma once

#include <cstdint>
#include <memory>

#include "net/task.hpp"

namespace sublet::net {

// A condition variable for the coroutines of one loop. Remembers nothing: look at the condition before each wait.
class Notifier {
public:
    explicit Notifier(Loop& loop);
    ~Notifier();  // wakes who still waits
    Notifier(const Notifier&) = delete;
    Notifier& operator=(const Notifier&) = delete;

    Task<> wait();
    // False when `timeout_ms` went by without a notice.
    Task<bool> wait_for(std::uint64_t timeout_ms);
    void notify_all();

private:
    struct State;
    static Task<bool> wait_on(std::shared_ptr<State> state, std::uint64_t timeout_ms);
    std::shared_ptr<State> state_;  // shared with the waiting frames, which may outlive this object
};

}  // namespace sublet::net
