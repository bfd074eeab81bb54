// worker_inputs.cpp: jobs that are kept here and not worked on: their input or image is not here yet, or they are to
// go.
#include <fmt/format.h>

#include "agent/job_keeper.hpp"
#include "agent/receipts.hpp"
#include "agent/worker.hpp"
#include "net/log.hpp"

namespace sublet::agent {

namespace {

constexpr std::uint64_t kGlance_ms = 10;
constexpr std::size_t kNonceBytesOfResult = 32;
constexpr std::uint64_t kAskOfKept_ms = 30'000;
constexpr std::uint64_t kForgetAfter_ms = 3'600'000;

}  // namespace

Result<> Worker::drop(JobId id) {
    swarm_->drop(id);
    if (core_.keeper) {
        core_.keeper->drop(id);
    }
    spoiled_.erase(id);
    const KeptJob* job = store_->find(id);
    const std::string image = job != nullptr && let_go_of_image(id) ? job->package.image : "";
    Result<> dropped = store_->drop(id);
    if (!image.empty()) {
        core_.tasks.spawn(remove_image(image));
    }
    return dropped;
}

void Worker::settle(JobId id) {
    std::optional<WholeInput> whole = store_->whole_input(id);
    if (whole && settling_.insert(id).second) {
        store_->hold(id);
        core_.tasks.spawn(unpack_input(id, std::move(*whole)));
    }
}

Task<> Worker::unpack_input(JobId id, WholeInput input) {
    std::function<Result<>()> work = [input = std::move(input)] { return unpack(input); };
    Result<> done = co_await packing_.run(std::move(work));
    settling_.erase(id);
    done = store_->settle(id, std::move(done));
    store_->release(id);
    spoiled_.erase(id);
    if (!done && store_->find(id) != nullptr) {
        spoiled_.emplace(id, done.error());
        net::log(net::LogLevel::kInfo, "worker", fmt::format("job {}: {}", id.value(), done.error().message));
    }
    wake();
}

Task<Result<>> Worker::settled(JobId id, std::uint64_t most_ms) {
    const std::uint64_t until_ms = core_.parts.clock.monotonic_ms() + most_ms;
    while (settling_.contains(id) && !core_.stopping && core_.parts.clock.monotonic_ms() < until_ms) {
        co_await core_.parts.clock.sleep(kGlance_ms);
    }
    const auto spoiled = spoiled_.find(id);
    co_return spoiled == spoiled_.end() ? Result<>{} : Result<>{std::unexpected{spoiled->second}};
}

// A job that was dropped meanwhile has no result.
Task<Result<Outcome>> Worker::pack_result(AttemptId id) {
    CO_TRY(left, store_->left_result(id));
    store_->hold(id.job);
    std::function<Result<jobs::Packed>()> work = [left] { return jobs::pack(left.folder, left.archive, left.limits); };
    const Result<jobs::Packed> packed = co_await packing_.run(std::move(work));
    store_->release(id.job);
    if (!packed) {
        co_return std::unexpected{packed.error()};
    }
    co_return store_->finish(id, *packed, core_.parts.random.bytes(kNonceBytesOfResult));
}

// Nothing is claimed for a job whose input or image never comes, or while the owner pauses: the ledger is asked of it
// now and again, so that it is forgotten as others are.
Task<> Worker::watch_kept() {
    for (const JobId id : store_->ids()) {
        settle(id);  // what an earlier run did not come to
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
