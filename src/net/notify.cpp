// notify.cpp: each waiting coroutine sleeps on a timer of its own; a notice cancels them all.
#include "net/notify.hpp"

#include <algorithm>
#include <vector>

#include "net/timers.hpp"

namespace sublet::net {
namespace {

struct Waiter {
    std::shared_ptr<Timer> timer;
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
    auto waiter = std::make_shared<Waiter>(Waiter{make_timer(state->loop), false});
    state->waiters.push_back(waiter);
    co_await waiter->timer->wait(timeout_ms);
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
        waiter->timer->cancel();
    }
}

}  // namespace sublet::net
