// job_seed.cpp: brings a job's package and input to the providers on the market.
#include <algorithm>
#include <fstream>

#include "agent/job_store.hpp"
#include "cli/job_follow.hpp"
#include "cli/lease_view.hpp"
#include "client/loose_json.hpp"

namespace sublet::cli {
namespace {

namespace loose = client::loose;

constexpr std::uint64_t kWorkersEvery_ms = 5'000;
constexpr std::uint64_t kSeedAgain_ms = 5'000;
constexpr std::uint64_t kSeedLater_ms = 60'000;  // who takes no tasks may change his mind
constexpr std::uint64_t kUnpackedEvery_ms = 1'000;

}  // namespace

net::Task<Result<std::shared_ptr<JobFollower::Worker>>> JobFollower::worker_of(Address owner) {
    const auto known = workers_.find(owner);
    if (known != workers_.end()) {
        co_return known->second;
    }
    Result<provider::Provider> provider = co_await chain_->provider(owner);
    if (!provider) {
        co_return std::unexpected{provider.error()};
    }
    auto worker = std::make_shared<Worker>();
    auto client = gateway_client(context_, *provider, chain_id_, signer_->secret());
    if (!client) {
        co_return std::unexpected{client.error()};
    }
    worker->provider = std::move(*provider);
    worker->client = std::move(*client);
    workers_[owner] = worker;
    co_return worker;
}

net::Task<Result<>> JobFollower::look_at_workers() {
    const std::uint64_t now_ms = context_.clock->monotonic_ms();
    if (looked_at_workers_ms_ != 0 && now_ms - looked_at_workers_ms_ < kWorkersEvery_ms) {
        co_return Result<>{};
    }
    looked_at_workers_ms_ = now_ms;
    Result<std::vector<provider::Provider>> providers = co_await chain_->providers();
    if (!providers) {
        co_return std::unexpected{providers.error()};
    }
    for (const provider::Provider& each : *providers) {
        // Until there is a quote, nobody but who was drawn needs it.
        const bool drawn =
            std::ranges::find(count_.job.probes, each.owner, &job::Probe::worker) != count_.job.probes.end();
        if (!each.beating || workers_.size() >= kMaxSeeded || (count_.job.state == job::JobState::kProbing && !drawn)) {
            continue;
        }
        Result<std::shared_ptr<Worker>> worker = co_await worker_of(each.owner);
        if (worker && !(*worker)->seeded && !(*worker)->busy && (*worker)->next_try_ms <= now_ms) {
            (*worker)->busy = true;
            tasks_.spawn(seed(*worker));
        }
    }
    co_return Result<>{};
}

// What keeps those that were drawn, in their own words; every few seconds.
net::Task<> JobFollower::ask_probers(job::Job job) {
    const std::uint64_t now_ms = context_.clock->monotonic_ms();
    if (now_ms < ask_probers_ms_) {
        co_return;
    }
    ask_probers_ms_ = now_ms + kSeedAgain_ms;
    for (const job::Probe& each : job.probes) {
        const auto found = workers_.find(each.worker);
        if (found == workers_.end() || each.commitment != Hash{}) {
            continue;
        }
        const std::shared_ptr<Worker> worker = found->second;
        if (!worker->seeded) {
            count_.trouble = worker->trouble;
            continue;
        }
        const Result<nlohmann::json> state = co_await worker->client->job_state(saved_.id);
        count_.trouble = state ? loose::text(*state, "trouble") : state.error().message;
    }
}

// Also where it is there already, from another job: then it takes part in giving it to others.
bool JobFollower::wants_input(const nlohmann::json& state) const {
    if (!loose::flag(state, "complete")) {
        return true;
    }
    const auto swarm = state.find("swarm");
    return swarm_->suits(state) && swarm != state.end() && loose::number(*swarm, "port") == 0;
}

net::Task<> JobFollower::seed(std::shared_ptr<Worker> worker) {
    Bytes package = saved_.package;
    Result<nlohmann::json> state = co_await worker->client->put_package(saved_.id, std::move(package));
    Result<> done = state ? note_holder(saved_, worker->provider.owner) : std::unexpected{state.error()};
    const auto keep = state ? state->find("keep") : nlohmann::json::iterator{};
    worker->offers_storage = state && keep != state->end() && keep->is_object();
    if (done && package_.input && wants_input(*state)) {
        net::Task<Result<>> sending = bring_input(worker, std::move(*state));
        done = co_await std::move(sending);
    }
    if (done && worker->offers_storage && !ending_) {
        net::Task<Result<>> asking = ask_to_keep(worker);
        done = co_await std::move(asking);
    }
    worker->seeded = done.has_value();
    worker->trouble = done ? "" : done.error().message;
    const bool lends_nothing = !done && done.error().code == Code::kNotFound;
    worker->next_try_ms = context_.clock->monotonic_ms() + (lends_nothing ? kSeedLater_ms : kSeedAgain_ms);
    worker->busy = false;
}

// A large input goes by swarm; what does not arrive so goes through the gateway.
net::Task<Result<>> JobFollower::bring_input(std::shared_ptr<Worker> worker, nlohmann::json state) {
    if (swarm_->suits(state)) {
        const Result<net::Endpoint> gateway = net::parse_endpoint(worker->provider.gateway_uri);
        if (gateway) {
            net::Task<Result<>> bringing = swarm_->bring(worker->provider.owner, *worker->client, gateway->host);
            const Result<> brought = co_await std::move(bringing);
            if (brought || brought.error().code == Code::kCancelled || ending_) {
                co_return Result<>{};
            }
            worker->trouble = "not by swarm: " + brought.error().message;
        }
        Result<nlohmann::json> now = co_await worker->client->job_state(saved_.id);
        if (!now) {
            co_return std::unexpected{now.error()};
        }
        state = std::move(*now);
        if (loose::flag(state, "complete")) {
            co_return Result<>{};
        }
    }
    net::Task<Result<>> sending = send_input(worker, loose::number(state, "input_bytes"));
    co_return co_await std::move(sending);
}

net::Task<Result<>> JobFollower::send_input(std::shared_ptr<Worker> worker, std::uint64_t from) {
    std::ifstream in{saved_.input(), std::ios::binary};
    in.seekg(static_cast<std::streamoff>(from));
    Bytes piece(agent::kMaxPieceBytes, '\0');
    while (from < package_.input->bytes && !ending_) {
        in.read(piece.data(), static_cast<std::streamsize>(piece.size()));
        const auto got = static_cast<std::size_t>(in.gcount());
        if (got == 0) {
            co_return fail(Code::kNotFound, "the input " + saved_.input().string() + " is gone or shorter than it was");
        }
        const std::uint64_t limit = options_.swarm.upload_bytes_s;
        const std::uint64_t now_ms = context_.clock->monotonic_ms();
        next_send_ms_ = std::max(now_ms, next_send_ms_) + (limit == 0 ? 0 : got * 1'000 / limit);
        if (next_send_ms_ > now_ms) {
            co_await context_.clock->sleep(next_send_ms_ - now_ms);
        }
        Bytes sent = piece.substr(0, got);
        Result<nlohmann::json> state = co_await worker->client->put_input(saved_.id, from, std::move(sent));
        if (!state) {
            co_return std::unexpected{state.error()};
        }
        from += got;
        count_.sent_bytes += got;
    }
    co_return co_await await_unpacked(worker);
}

// A large input is checked and unpacked for longer than a request may take; one that was thrown away is sent again.
net::Task<Result<>> JobFollower::await_unpacked(std::shared_ptr<Worker> worker) {
    while (!ending_) {
        const Result<nlohmann::json> state = co_await worker->client->job_state(saved_.id);
        if (!state || loose::flag(*state, "complete")) {
            co_return state ? Result<>{} : Result<>{std::unexpected{state.error()}};
        }
        if (loose::number(*state, "input_bytes") < package_.input->bytes) {
            co_return fail(Code::kRefused, "the input was thrown away: " + loose::text(*state, "trouble"));
        }
        co_await context_.clock->sleep(kUnpackedEvery_ms);
    }
    co_return Result<>{};
}

}  // namespace sublet::cli
