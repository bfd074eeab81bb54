// timers.cpp: the steady clock's timers, and the loop's service that remembers a simulator's.
#include "net/timers.hpp"

#include <chrono>

#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>

namespace sublet::net {
namespace {

class SteadyTimer final : public Timer {
public:
    explicit SteadyTimer(Loop& loop) : timer_(loop) {}
    Task<> wait(std::uint64_t length_ms) override {
        timer_.expires_after(std::chrono::milliseconds(length_ms));
        boost::system::error_code ignored;
        co_await timer_.async_wait(boost::asio::redirect_error(boost::asio::use_awaitable, ignored));
    }
    void cancel() override { timer_.cancel(); }

private:
    boost::asio::steady_timer timer_;
};

// Lives in the loop, as Asio's own services do.
class TimeService final : public boost::asio::execution_context::service {
public:
    using key_type = TimeService;
    inline static boost::asio::execution_context::id id;
    explicit TimeService(boost::asio::execution_context& context) : service(context) {}
    void shutdown() override {}
    TimeSource* source = nullptr;
};

}  // namespace

void set_time_source(Loop& loop, TimeSource& source) { boost::asio::use_service<TimeService>(loop).source = &source; }

std::shared_ptr<Timer> make_timer(Loop& loop) {
    TimeSource* source = boost::asio::use_service<TimeService>(loop).source;
    return source != nullptr ? source->make_timer(loop) : std::make_shared<SteadyTimer>(loop);
}

}  // namespace sublet::net
