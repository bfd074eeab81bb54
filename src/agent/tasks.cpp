// tasks.cpp: coroutines that belong to one owner.
#include "agent/tasks.hpp"

namespace sublet::agent {

Task<> Tasks::counted(std::shared_ptr<Count> count, Task<> task) {
    const Hold holding{std::move(count)};
    co_await std::move(task);
}

void Tasks::spawn(Task<> task) { net::spawn(loop_, counted(count_, std::move(task))); }

Task<> Tasks::all_ended() {
    const std::shared_ptr<Count> count = count_;
    while (count->running > 0) {
        co_await count->changed.wait();
    }
}

}  // namespace sublet::agent
