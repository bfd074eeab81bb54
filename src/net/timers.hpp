// timers.hpp: who tells the time to the waits of a loop's coroutines: this machine's steady clock, unless a simulator
// says that it does.
#pragma once

#include <cstdint>
#include <memory>

#include "net/task.hpp"

namespace sublet::net {

// One wait that somebody else can end. At most one wait() at a time; the loop outlives it.
class Timer {
public:
    virtual ~Timer() = default;
    // Returns after `length_ms`, or as soon as cancel() was called. A cancel() before it counts for nothing.
    virtual Task<> wait(std::uint64_t length_ms) = 0;
    virtual void cancel() = 0;
};

class TimeSource {
public:
    virtual ~TimeSource() = default;
    virtual std::shared_ptr<Timer> make_timer(Loop& loop) = 0;
};

// From now on the loop's Notifiers wait by `source`, which outlives the loop. For simulators; nobody else calls it.
void set_time_source(Loop& loop, TimeSource& source);
std::shared_ptr<Timer> make_timer(Loop& loop);

}  // namespace sublet::net
