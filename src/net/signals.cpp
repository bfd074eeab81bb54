// signals.cpp: waits for SIGINT and SIGTERM on the loop.
#include "net/signals.hpp"

#include <csignal>
#include <memory>

#include <boost/asio/redirect_error.hpp>
#include <boost/asio/signal_set.hpp>
#include <boost/asio/use_awaitable.hpp>

namespace sublet::net {
namespace {

using Signals = std::shared_ptr<boost::asio::signal_set>;

Task<int> next_signal(Signals signals) {
    boost::system::error_code ignored;
    const int number = co_await signals->async_wait(boost::asio::redirect_error(boost::asio::use_awaitable, ignored));
    co_return number;
}

}  // namespace

// Not a coroutine itself: the signals are claimed at the call, not at the first step of the loop.
Task<int> wait_for_signal(Loop& loop) {
    return next_signal(std::make_shared<boost::asio::signal_set>(loop, SIGINT, SIGTERM));
}

}  // namespace sublet::net
