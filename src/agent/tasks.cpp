// tasks.cpp: coroutines that belong to one owner.
#include "agent/tasks.hpp"

namespace sublet::agent {

namespace {
constexpr std::uint64_t kLookAgain_ms = 50;
}  // namespace

Task<> Tasks::counted(std::shared_ptr<Count> count, std::shared_ptr<Hold> holding, Task<> task) {
    co_await std::move(task);
    holding.reset();
    count->changed.notify_all();
}

void Tasks::spawn(Task<> task) {
    // It counts from now on, not from when the loop comes to it: all_ended right after this waits for it.
    auto holding = std::make_shared<Hold>(count_);
    net::spawn(loop_, counted(count_, std::move(holding), std::move(task)));
}

Task<> Tasks::all_ended() {
    const std::shared_ptr<Count> count = count_;
    while (count->running > 0) {
        co_await count->changed.wait_for(kLookAgain_ms);  // a plain Hold ends without a notice
    }
}

}  // namespace sublet::agent
