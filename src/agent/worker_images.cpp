// worker_images.cpp: images of jobs. Strangers name them: from where a worker may have one, how much of its disk that
// takes, and when it goes again. Spec: docs/spec/worker.md (images).
#include <algorithm>

#include <fmt/format.h>

#include "agent/worker.hpp"
#include "net/log.hpp"
#include "net/lookup.hpp"
#include "runtime/docker_json.hpp"

namespace sublet::agent {
namespace {

constexpr std::uint64_t kLookUp_ms = 10'000;
constexpr std::uint64_t kWatchEvery_ms = 250;
constexpr std::uint64_t kNotNow_ms = 30'000;
constexpr unsigned kRemoveTries = 30;
constexpr std::uint64_t kRemoveAgain_ms = 2'000;

std::uint64_t free_bytes(const std::filesystem::path& place, const std::filesystem::path& otherwise) {
    std::error_code error;
    std::filesystem::space_info found = std::filesystem::space(place, error);
    if (error) {  // an engine on another machine, or one that does not say where
        found = std::filesystem::space(otherwise, error);
    }
    return error ? 0 : found.available;
}

// As swarms' peers (docs/spec/swarm.md, rule 6). A name that is not known here may still be one that the engine has a
// mirror for. Where it leads to from there is judged as it is called (cli/pull_engine.hpp).
Task<Result<>> may_call(net::Loop& loop, std::string host, swarm::Reach own) {
    const Result<std::vector<std::string>> found = co_await net::look_up(loop, host, kLookUp_ms);
    for (const std::string& each : found ? *found : std::vector<std::string>{}) {
        if (!swarm::may_dial(own, {each, 443})) {
            co_return fail(Code::kRefused,
                           fmt::format("its registry {} is at {}, an address that this worker calls for "
                                       "nobody: use a public one",
                                       host, each));
        }
    }
    co_return Result<>{};
}

}  // namespace

struct Worker::Pull {
    std::shared_ptr<net::Canceller> canceller = std::make_shared<net::Canceller>();
    std::filesystem::path disk;  // of the engine
    bool over = false;
    std::string stopped;  // why
};

Task<> Worker::fetch_image(JobId id, std::string image) {
    runtime::Runtime& engine = *core_.parts.job_runtime;
    Result<bool> here = co_await engine.has_image(image);
    const bool missing = here && !*here;
    if (missing) {
        Task<Result<>> pulling = pull_image(id, image);
        const Result<> pulled = co_await std::move(pulling);
        here = pulled ? Result<bool>{true} : std::unexpected{pulled.error()};
    }
    pulling_ = false;
    if (store_->find(id) == nullptr) {  // dropped meanwhile, before there was an image to go with it
        if (missing) {
            core_.tasks.spawn(remove_image(std::move(image)));
        }
        wake();
        co_return;
    }
    JobStanding& standing = standing_[id];
    standing.image = here.has_value();
    if (!here) {
        standing.trouble = "the image " + image + " cannot be had: " + here.error().message;
        standing.rest_until_ms = core_.parts.clock.monotonic_ms() + kNotNow_ms;
        net::log(net::LogLevel::kWarning, "worker", standing.trouble);
    }
    wake();
}

Task<Result<>> Worker::pull_image(JobId id, std::string image) {
    runtime::Runtime& engine = *core_.parts.job_runtime;
    Task<Result<>> asking =
        may_call(core_.parts.loop, runtime::registry_host(image), own_reach(core_.options.public_host));
    CO_TRY_OK(co_await std::move(asking));
    CO_TRY(about, co_await engine.info());
    auto pull = std::make_shared<Pull>();
    pull->disk = about.data_root;
    CO_TRY_OK(store_->find(id) != nullptr ? store_->note_pulled(id) : fail(Code::kNotFound, "the job is gone"));
    core_.tasks.spawn(watch_pull(id, pull));
    runtime::PullRequest request;
    request.image = std::move(image);
    request.canceller = pull->canceller;
    Task<Result<>> pulling = engine.pull(std::move(request));
    const Result<> done = co_await std::move(pulling);
    pull->over = true;
    co_return pull->stopped.empty() ? done : Result<>{fail(Code::kRefused, pull->stopped)};
}

// A layer says how large it is packed, not what it unpacks to: what counts is what becomes of the disk.
Task<> Worker::watch_pull(JobId id, std::shared_ptr<Pull> pull) {
    const std::uint64_t until_ms = core_.parts.clock.monotonic_ms() + kMaxPull_ms;
    const std::uint64_t before = free_bytes(pull->disk, core_.options.data);
    while (!pull->over) {
        const std::uint64_t now = free_bytes(pull->disk, core_.options.data);
        if (now < kDiskKeptFree) {
            pull->stopped = "this worker has no room for it";
        } else if (before > now && before - now > kMaxImageBytes) {
            pull->stopped = "it takes more than 32 GiB";
        } else if (core_.parts.clock.monotonic_ms() >= until_ms) {
            pull->stopped = "it takes longer than an hour";
        } else if (store_->find(id) == nullptr || core_.stopping) {
            pull->stopped = "nobody waits for it any more";
        }
        if (!pull->stopped.empty()) {
            pull->canceller->cancel();
            co_return;
        }
        co_await core_.parts.clock.sleep(kWatchEvery_ms);
    }
}

// True: the image goes with this job. Another job that wants it has it from now on.
bool Worker::let_go_of_image(JobId id) {
    const KeptJob* job = store_->find(id);
    if (job == nullptr || !store_->pulled(id)) {
        return false;
    }
    for (const JobId other : store_->ids()) {
        if (other != id && store_->find(other)->package.image == job->package.image) {
            if (const Result<> noted = store_->note_pulled(other); !noted) {
                net::log(net::LogLevel::kWarning, "worker", noted.error().message);
            }
            return false;
        }
    }
    return true;
}

// The job's last container may still be on its way out. Where a lease's uses it, it stays.
Task<> Worker::remove_image(std::string image) {
    const auto wanted = [&](JobId each) { return store_->find(each)->package.image == image; };
    for (unsigned tries = 0; tries < kRemoveTries && !core_.stopping; ++tries) {
        if (std::ranges::any_of(store_->ids(), wanted)) {
            co_return;
        }
        const Result<> removed = co_await core_.parts.job_runtime->remove_image(image);
        if (removed) {
            co_return;
        }
        co_await core_.parts.clock.sleep(kRemoveAgain_ms);
    }
    net::log(net::LogLevel::kInfo, "worker", "the image " + image + " is in use and stays");
}

}  // namespace sublet::agent
