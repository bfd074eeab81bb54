// time.cpp: a queue of what is due, and timers that sleep until it is their turn.
#include "time.hpp"

#include <utility>

#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "net/quiet.hpp"

namespace sublet::sim {
namespace {

using SteadyTimer = boost::asio::steady_timer;

// Waits for ever on a real timer; its moment in the queue cancels that.
class QueueTimer final : public net::Timer {
public:
    QueueTimer(SimTime& time, net::Loop& loop)
        : time_(time), sleeper_(std::make_shared<SteadyTimer>(loop, SteadyTimer::time_point::max())) {}
    ~QueueTimer() override { QueueTimer::cancel(); }
    QueueTimer(const QueueTimer&) = delete;
    QueueTimer& operator=(const QueueTimer&) = delete;

    net::Task<> wait(std::uint64_t length_ms) override {
        const std::shared_ptr<SteadyTimer> sleeper = sleeper_;
        key_ = time_.after(length_ms, [sleeper] { sleeper->cancel(); });
        boost::system::error_code ignored;
        co_await sleeper->async_wait(boost::asio::redirect_error(boost::asio::use_awaitable, ignored));
    }
    void cancel() override {
        if (key_) {
            time_.cancel(*std::exchange(key_, std::nullopt));
            sleeper_->cancel();
        }
    }

private:
    SimTime& time_;
    std::shared_ptr<SteadyTimer> sleeper_;
    std::optional<SimTime::Key> key_;
};

}  // namespace

SimTime::Key SimTime::after(std::uint64_t delay_ms, std::function<void()> act) {
    const Key key{now_ms_ + delay_ms, next_sequence_++};
    queue_.emplace(key, std::move(act));
    return key;
}

void SimTime::jump_to(std::uint64_t moment_ms, const std::function<void()>& between) {
    while (!queue_.empty() && queue_.begin()->first.first <= moment_ms) {
        const auto first = queue_.begin();
        now_ms_ = first->first.first;
        const std::function<void()> act = std::move(first->second);
        queue_.erase(first);
        act();
        between();
    }
    now_ms_ = std::max(now_ms_, moment_ms);
}

std::shared_ptr<net::Timer> SimTime::make_timer(net::Loop& loop) { return std::make_shared<QueueTimer>(*this, loop); }

net::Task<> SimClock::sleep(std::uint64_t length_ms) {
    const std::shared_ptr<net::Timer> timer = time_.make_timer(loop_);
    co_await timer->wait(length_ms);
}

}  // namespace sublet::sim
