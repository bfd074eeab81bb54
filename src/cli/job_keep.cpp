// job_keep.cpp: a creator who leaves: providers that offer storage keep the job's package and input for him and bring
// them to workers that come later. Spec: docs/spec/storage.md.
#include <algorithm>

#include "agent/job_keeper.hpp"
#include "cli/format.hpp"
#include "cli/job_follow.hpp"
#include "client/delegation.hpp"
#include "client/loose_json.hpp"

namespace sublet::cli {
namespace {

constexpr std::uint64_t kKeepTick_ms = 200;
static_assert(kSwarmFromBytes == agent::kKeptWholeBytes);  // each input can be kept: by its swarm, or whole

}  // namespace

// What the provider keeps it by is good for this job, this input and this provider alone.
net::Task<Result<>> JobFollower::ask_to_keep(std::shared_ptr<Worker> worker) {
    client::Delegation delegation;
    delegation.keeper = worker->provider.operator_address;
    delegation.chain_id = chain_id_;
    delegation.job = saved_.id;
    delegation.input = swarm_ ? swarm_->identity() : Hash{};
    delegation.issued_s = context_.clock->unix_ms() / 1'000;
    delegation.expires_s = delegation.issued_s + client::kMaxDelegationLife_s;
    CO_TRY(text, client::make_delegation(delegation, signer_->secret()));
    const Result<nlohmann::json> state = co_await worker->client->put_keep(saved_.id, text);
    if (!state) {
        worker->offers_storage = false;  // not for this job: that is no reason to bring it once more
        count_.trouble = state.error().message;
        co_return Result<>{};
    }
    const auto keep = state->find("keep");
    worker->keeps = keep != state->end() && keep->is_object() && client::loose::flag(*keep, "kept");
    count_.keepers = static_cast<std::uint32_t>(
        std::ranges::count_if(workers_, [](const auto& each) { return each.second->keeps; }));
    co_return Result<>{};
}

Result<JobCount> JobFollower::run_until_kept(Progress& progress) { return context_.wait(follow_until_kept(progress)); }

// Only those that offer storage: they bring it to the others.
net::Task<> JobFollower::seed_keeper(std::shared_ptr<Worker> worker) {
    const Result<nlohmann::json> status = co_await worker->client->machine_status();
    worker->offers_storage = status && client::loose::number(*status, "storage_bytes") > 0;
    if (worker->offers_storage) {
        net::Task<> seeding = seed(worker);
        co_await std::move(seeding);
    }
    worker->busy = false;
}

net::Task<Result<>> JobFollower::look_for_keepers() {
    CO_TRY(providers, co_await chain_->providers());
    for (const provider::Provider& each : providers) {
        if (!each.beating || workers_.size() >= kMaxSeeded) {
            continue;
        }
        Result<std::shared_ptr<Worker>> worker = co_await worker_of(each.owner);
        if (worker && !(*worker)->busy) {
            (*worker)->busy = true;
            tasks_.spawn(seed_keeper(*worker));
        }
    }
    co_return Result<>{};
}

net::Task<Result<JobCount>> JobFollower::follow_until_kept(Progress& progress) {
    net::Task<Result<>> looking = look_for_keepers();
    Result<> going = co_await std::move(looking);
    while (going) {
        Result<job::Job> job = co_await chain_->job(saved_.id);
        if (!job) {
            going = std::unexpected{job.error()};
            break;
        }
        count_.job = *job;
        if (!job->closed_at.is_zero()) {
            break;
        }
        const auto is_busy = [](const auto& each) { return each.second->busy; };
        const auto offers = [](const auto& each) { return each.second->offers_storage; };
        const bool idle = std::ranges::none_of(workers_, is_busy);
        const auto offering = std::ranges::count_if(workers_, offers);
        if (count_.keepers >= options_.keepers || idle) {
            break;
        }
        progress.say(fmt::format("{} of {} providers that offer storage keep the job", count_.keepers, offering));
        co_await context_.clock->sleep(kKeepTick_ms);
    }
    co_await end_sending();
    if (!going) {
        co_return std::unexpected{going.error()};
    }
    count_.sent_bytes += swarm_ ? swarm_->uploaded() : 0;
    co_return count_;
}

}  // namespace sublet::cli
