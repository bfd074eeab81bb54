// worker_inputs.cpp: jobs that are kept here and not worked on: their input or image is not here yet, or they are to
// go.
#include "agent/job_keeper.hpp"
#include "agent/receipts.hpp"
#include "agent/worker.hpp"
#include "net/log.hpp"

namespace sublet::agent {

namespace {

constexpr std::uint64_t kAskOfKept_ms = 30'000;
constexpr std::uint64_t kForgetAfter_ms = 3'600'000;

}  // namespace

Result<> Worker::drop(JobId id) {
    swarm_->drop(id);
    if (core_.keeper) {
        core_.keeper->drop(id);
    }
    return store_->drop(id);
}

// Nothing is claimed for a job whose input or image never comes, or while the owner pauses: the ledger is asked of it
// now and again, so that it is forgotten as others are.
Task<> Worker::watch_kept() {
    for (const JobId id : store_->ids()) {
        const KeptJob* job = store_->find(id);
        const std::uint64_t now_ms = core_.parts.clock.monotonic_ms();
        const JobStanding& standing = standing_[id];
        const bool asked_about = may_claim() && standing.image && job != nullptr && job->complete;
        if (!core_.seen.fresh || core_.stopping || asked_about || now_ms - standing.asked_ms < kAskOfKept_ms) {
            continue;
        }
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
        const bool kept = core_.keeper && core_.keeper->view(id).kept;
        if (!kept) {  // else a next job of its creator's may have the same input, for as long as this one is here
            swarm_->drop(id);
        }
        if (const Result<> dropped = kept ? Result<>{} : store_->drop_swarm(id); !dropped) {
            net::log(net::LogLevel::kWarning, "worker", dropped.error().message);
        }
    }
    if (now_ms - standing.over_since_ms >= kForgetAfter_ms) {
        const std::optional<KeptJob> gone =
            store_->find(id) == nullptr ? std::nullopt : std::optional{*store_->find(id)};
        standing_.erase(id);
        failed_probes_.erase(id);
        if (const Result<> dropped = drop(id); !dropped) {
            net::log(net::LogLevel::kWarning, "worker", dropped.error().message);
        } else if (gone) {
            (void)sign_deletion(core_, *store_, *gone, client::Deleted::kOver);
        }
    }
    co_return;
}

}  // namespace sublet::agent
