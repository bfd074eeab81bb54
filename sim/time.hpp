// time.hpp: simulated time: nothing waits, the world jumps from one due moment to the next.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>

#include "net/host.hpp"
#include "net/timers.hpp"

namespace sublet::sim {

inline constexpr std::uint64_t kEpochMs = 1'790'000'000'000;  // the wall clock at the start of every world

class SimTime final : public net::TimeSource {
public:
    [[nodiscard]] std::uint64_t now_ms() const { return now_ms_; }
    // Runs `act` when `delay_ms` have passed; things due at one moment run in the order in which they were asked for.
    // The key cancels it.
    using Key = std::pair<std::uint64_t, std::uint64_t>;
    Key after(std::uint64_t delay_ms, std::function<void()> act);
    void cancel(const Key& key) { queue_.erase(key); }
    // Jumps there and runs what is due by then, one at a time; `between` runs after each.
    void jump_to(std::uint64_t moment_ms, const std::function<void()>& between);

    std::shared_ptr<net::Timer> make_timer(net::Loop& loop) override;

private:
    std::uint64_t now_ms_ = 0;
    std::uint64_t next_sequence_ = 0;
    std::map<Key, std::function<void()>> queue_;
};

// One process' clocks.
class SimClock final : public net::Clock {
public:
    SimClock(SimTime& time, net::Loop& loop) : time_(time), loop_(loop) {}
    std::uint64_t unix_ms() override { return kEpochMs + time_.now_ms() + static_cast<std::uint64_t>(off_by_ms_); }
    std::uint64_t monotonic_ms() override { return 1'000 + time_.now_ms(); }
    net::Task<> sleep(std::uint64_t length_ms) override;
    // The wall clock goes wrong; the other one never does.
    void set_off_by(std::int64_t off_by_ms) { off_by_ms_ = off_by_ms; }

private:
    SimTime& time_;
    net::Loop& loop_;
    std::int64_t off_by_ms_ = 0;
};

}  // namespace sublet::sim
