// worker_inputs.cpp: jobs that are kept here and cannot be worked on: their input is not here yet, or they are to go.
#include "agent/worker.hpp"

namespace sublet::agent {

namespace {

constexpr std::uint64_t kAskOfIncomplete_ms = 30'000;

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

}  // namespace sublet::agent
