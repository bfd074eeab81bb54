// run.hpp: start coroutines on a loop: run one to its end and take its value, or let one go on by itself.
#pragma once

#include <memory>
#include <optional>
#include <type_traits>
#include <utility>

#include "net/quiet.hpp"
#include "net/task.hpp"

namespace sublet::net {

// Starts `task` on the loop and leaves it alone. An exception that escapes from it ends it and nothing else.
void spawn(Loop& loop, Task<> task);

namespace detail {

void run_to_end(Loop& loop, Task<> task);

template <class T>
Task<> keep_value(Task<T> task, std::shared_ptr<std::optional<T>> out) {
    T value = co_await std::move(task);
    out->emplace(std::move(value));
}

}  // namespace detail

// Runs the loop on this thread until `task` is done and gives back its value; other coroutines of the loop move on
// meanwhile. What the task throws is thrown here. A task that waits for something nobody will do is a programming error
// (assert).
template <class T>
T run(Loop& loop, Task<T> task) {
    if constexpr (std::is_void_v<T>) {
        detail::run_to_end(loop, std::move(task));
    } else {
        auto out = std::make_shared<std::optional<T>>();
        Task<> whole = detail::keep_value<T>(std::move(task), out);
        detail::run_to_end(loop, std::move(whole));
        return std::move(out->value());
    }
}

}  // namespace sublet::net
