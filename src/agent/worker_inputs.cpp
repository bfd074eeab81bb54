// worker_inputs.cpp: jobs that are kept here and cannot be worked on: their input is not here yet, or they are to go.
#include "agent/worker.hpp"
#include "net/log.hpp"

namespace sublet::agent {

namespace {

constexpr std::uint64_t kAskOfIncomplete_ms = 30'000;
constexpr std::uint64_t kForgetAfter_ms = 3'600'000;

}  // namespace

Result<> Worker::drop(JobId id) {
    swarm_->drop(id);
    return store_->drop(id);
}

// One whose input never came is forgotten as others are.
Task<> Worker::watch_incomplete(JobId id) {
    const std::uint64_t now_ms = core_.parts.clock.monotonic_ms();
    if (now_ms - standing_[id].asked_ms >= kAskOfIncomplete_ms) {
        standing_[id].asked_ms = now_ms;
        co_await has_work(id);
    }
}

// The creator may still fetch results of a job that is over; an hour later it is forgotten.
Task<> Worker::forget_when_old(JobId id) {
    JobStanding& standing = standing_[id];
    const std::uint64_t now_ms = core_.parts.clock.monotonic_ms();
    if (standing.over_since_ms == 0) {
        standing.over_since_ms = now_ms;
        swarm_->drop(id);  // nobody needs the input any more
        if (const Result<> dropped = store_->drop_swarm(id); !dropped) {
            net::log(net::LogLevel::kWarning, "worker", dropped.error().message);
        }
    }
    if (now_ms - standing.over_since_ms >= kForgetAfter_ms) {
        standing_.erase(id);
        if (const Result<> dropped = drop(id); !dropped) {
            net::log(net::LogLevel::kWarning, "worker", dropped.error().message);
        }
    }
    co_return;
}

}  // namespace sublet::agent
