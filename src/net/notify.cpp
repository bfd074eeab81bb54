// notify.cpp: each waiting coroutine sleeps on a timer of its own; a notice cancels them all.
#include "net/notify.hpp"

#include <algorithm>
#include <chrono>
#include <vector>

#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>

namespace sublet::net {
namespace {

struct Waiter {
    boost::asio::steady_timer timer;
    bool notified = false;
};

constexpr std::uint64_t kForeverMs = 365ULL * 24 * 3600 * 1000;

}  // namespace

struct Notifier::State {
    Loop& loop;
    std::vector<std::shared_ptr<Waiter>> waiters;
};

Notifier::Notifier(Loop& loop) : state_(std::make_shared<State>(State{loop, {}})) {}

Notifier::~Notifier() { notify_all(); }

Task<> Notifier::wait() {
    Task<bool> waiting = wait_on(state_, kForeverMs);
    co_await std::move(waiting);
}

Task<bool> Notifier::wait_for(std::uint64_t timeout_ms) { return wait_on(state_, std::min(timeout_ms, kForeverMs)); }

Task<bool> Notifier::wait_on(std::shared_ptr<State> state, std::uint64_t timeout_ms) {
    auto waiter = std::make_shared<Waiter>(Waiter{boost::asio::steady_timer(state->loop), false});
    waiter->timer.expires_after(std::chrono::milliseconds(timeout_ms));
    state->waiters.push_back(waiter);
    boost::system::error_code ignored;
    co_await waiter->timer.async_wait(boost::asio::redirect_error(boost::asio::use_awaitable, ignored));
    if (!waiter->notified) {
        std::erase(state->waiters, waiter);
    }
    co_return waiter->notified;
}

void Notifier::notify_all() {
    std::vector<std::shared_ptr<Waiter>> woken = std::move(state_->waiters);
    state_->waiters.clear();
    for (const auto& waiter : woken) {
        waiter->notified = true;
        waiter->timer.cancel();
    }
}

}  // namespace sublet::net
