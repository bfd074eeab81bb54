// job_keeper_bring.cpp: how a kept job comes to workers: package first, then the input by its swarm, or piece by piece
// through the gateway where no swarm works.
#include <fmt/format.h>

#include <fstream>
#include <nlohmann/json.hpp>

#include "agent/growth.hpp"
#include "agent/job_files.hpp"
#include "agent/job_keeper.hpp"
#include "client/loose_json.hpp"
#include "jobs/archive.hpp"
#include "net/log.hpp"
#include "net/lookup.hpp"

namespace sublet::agent {
namespace {

namespace loose = client::loose;

constexpr std::uint64_t kRound_ms = 3'000;
constexpr std::uint64_t kCreatorFirst_ms = 8'000;  // a creator who is there brings it himself
constexpr std::uint64_t kVisitAgain_ms = 15'000;
constexpr std::uint64_t kVisitLater_ms = 60'000;  // who takes no tasks may change his mind
constexpr std::uint64_t kAskWorker_ms = 1'000;
constexpr std::uint64_t kLookUpKeeper_ms = 10'000;
constexpr const char* kKeptArchive = "keep.tar";

std::string host_of(const provider::Provider& provider) {
    const Result<net::Endpoint> endpoint = net::parse_endpoint(provider.gateway_uri);
    return endpoint ? endpoint->host : "";
}

}  // namespace

Task<> JobKeeper::run() {
    while (offers() && !core_.stopping) {
        co_await go_round();
        for (std::uint64_t waited_ms = 0; waited_ms < kRound_ms && !core_.stopping; waited_ms += kAskWorker_ms) {
            co_await core_.parts.clock.sleep(kAskWorker_ms);
        }
    }
}

// One look at the market for all that is kept.
Task<> JobKeeper::go_round() {
    std::vector<JobId> going;
    std::vector<JobId> ids;
    for (const auto& [id, kept] : kept_) {
        ids.push_back(id);
    }
    for (const JobId id : ids) {
        const Result<std::optional<job::Job>> found = co_await core_.parts.ledger.job(id);
        const Kept* kept = find(id);
        const bool over = found && (!*found || !(*found)->closed_at.is_zero());
        if (kept == nullptr || worker_.store().find(id) == nullptr) {
            kept_.erase(id);
        } else if (found && !over && kept->delegation.expires_s > core_.parts.clock.unix_ms() / 1'000) {
            going.push_back(id);
        }
    }
    if (going.empty()) {
        co_return;
    }
    const Result<std::vector<provider::Provider>> providers = co_await core_.parts.ledger.providers();
    for (const provider::Provider& each : providers ? *providers : std::vector<provider::Provider>{}) {
        if (!each.beating || each.owner == core_.options.owner) {
            continue;
        }
        for (const JobId id : going) {
            if (Kept* kept = find(id); kept != nullptr) {
                visit(*kept, each);
            }
        }
    }
}

void JobKeeper::visit(Kept& kept, const provider::Provider& provider) {
    const std::uint64_t now_ms = core_.parts.clock.monotonic_ms();
    const auto known = kept.places.find(provider.owner);
    if (known == kept.places.end()) {
        if (kept.places.size() < kMaxBrought) {
            kept.places[provider.owner].next_try_ms = now_ms + kCreatorFirst_ms;
        }
        return;
    }
    Place& place = known->second;
    if (place.done || place.busy || place.next_try_ms > now_ms || bringing_ >= kMaxBringing) {
        return;
    }
    Result<client::Gateway> gateway = client::Gateway::of(provider, core_.chain_id);
    if (!gateway) {
        place.next_try_ms = now_ms + kVisitLater_ms;
        return;
    }
    auto visit = std::make_shared<Visit>();
    visit->job = kept.delegation.job;
    visit->owner = provider.owner;
    visit->host = host_of(provider);
    visit->client = std::make_unique<client::ProviderClient>(
        *core_.parts.transport, core_.parts.clock, core_.parts.random, *core_.parts.operator_key, std::move(*gateway));
    visit->client->speak_for(kept.text);
    place.busy = true;
    ++bringing_;
    core_.tasks.spawn(bring(std::move(visit)));
}

// The job may go, and its delegation be replaced, while something is on its way.
bool JobKeeper::goes_on(const Visit& visit) const {
    return !core_.stopping && kept_.contains(visit.job) && worker_.store().find(visit.job) != nullptr;
}

Task<> JobKeeper::bring(std::shared_ptr<Visit> visit) {
    Task<Result<>> bringing = bring_all(visit);
    const Result<> done = co_await std::move(bringing);
    --bringing_;
    Kept* kept = find(visit->job);
    if (kept == nullptr) {
        co_return;
    }
    Place& place = kept->places[visit->owner];
    place.busy = false;
    place.done = done.has_value();
    const bool lends_nothing = !done && done.error().code == Code::kNotFound;
    place.next_try_ms = core_.parts.clock.monotonic_ms() + (lends_nothing ? kVisitLater_ms : kVisitAgain_ms);
    net::log(done ? net::LogLevel::kInfo : net::LogLevel::kDebug, "storage",
             fmt::format("job {} {} {}{}", visit->job.value(), done ? "is at" : "did not come to",
                         crypto::to_bech32(visit->owner), done ? "" : ": " + done.error().message));
}

Task<Result<>> JobKeeper::bring_all(std::shared_ptr<Visit> visit) {
    const JobStore& store = worker_.store();
    CO_TRY(package, read_file(store.job_folder(visit->job) / "package.json", 0, jobs::kMaxPackageBytes + 1));
    CO_TRY(state, co_await visit->client->put_package(visit->job, std::move(package)));
    if (loose::flag(state, "complete") || !goes_on(*visit)) {
        co_return Result<>{};
    }
    std::optional<SwarmInput> input = store.swarm_input(visit->job);
    const auto theirs = state.find("swarm");
    const bool by_swarm = input && theirs != state.end() && theirs->is_object();
    if (by_swarm && worker_.swarm().view(visit->job).port != 0) {
        Task<Result<>> bringing = bring_swarm(visit, std::move(*input));
        const Result<> brought = co_await std::move(bringing);
        if (brought || !goes_on(*visit)) {
            co_return brought;
        }
        CO_TRY(now, co_await visit->client->job_state(visit->job));
        state = std::move(now);
        if (loose::flag(state, "complete")) {
            co_return Result<>{};
        }
    }
    Task<Result<>> sending = bring_pieces(visit, loose::number(state, "input_bytes"));
    co_return co_await std::move(sending);
}

// This keeper and those that it brought the job to: who comes later dials.
Task<std::vector<swarm::PeerAddress>> JobKeeper::peers_for(std::shared_ptr<Visit> visit) {
    std::vector<swarm::PeerAddress> out;
    std::string own = core_.options.public_host;
    const Result<std::vector<std::string>> ips =
        co_await net::look_up(core_.parts.loop, std::move(own), kLookUpKeeper_ms);
    if (const std::uint16_t port = worker_.swarm().view(visit->job).port; ips && port != 0) {
        out.push_back({ips->front(), port});
    }
    if (const Kept* kept = find(visit->job); kept != nullptr) {
        for (const auto& [owner, place] : kept->places) {
            if (owner != visit->owner && place.port != 0 && out.size() < kMaxPeersTold) {
                out.push_back({place.ip, place.port});
            }
        }
    }
    co_return out;
}

Task<Result<>> JobKeeper::bring_swarm(std::shared_ptr<Visit> visit, SwarmInput input) {
    input.place = 0;
    input.of = 1;
    input.peers = co_await peers_for(visit);
    Bytes said = to_json(input);
    CO_TRY(state, co_await visit->client->put_swarm(visit->job, std::move(said)));
    std::string host = visit->host;
    const Result<std::vector<std::string>> ips =
        co_await net::look_up(core_.parts.loop, std::move(host), kLookUpKeeper_ms);
    Growth growth{input.torrent.bytes, core_.parts.clock.monotonic_ms()};
    while (!loose::flag(state, "complete")) {
        const auto theirs = state.find("swarm");
        if (theirs == state.end() || !theirs->is_object()) {
            co_return fail(Code::kUnsupported, "the worker takes part in no swarms any more");
        }
        if (const std::string trouble = loose::text(*theirs, "trouble"); !trouble.empty()) {
            co_return fail(Code::kRefused, trouble);
        }
        const std::uint64_t port = loose::number(*theirs, "port");
        if (Kept* kept = find(visit->job); kept != nullptr && ips && port != 0 && port <= 65'535) {
            Place& place = kept->places[visit->owner];
            place.ip = ips->front();
            place.port = static_cast<std::uint16_t>(port);
            worker_.swarm().meet(visit->job, {place.ip, place.port});
        }
        growth.has(loose::number(*theirs, "bytes"), core_.parts.clock.monotonic_ms());
        if (growth.stalled(core_.parts.clock.monotonic_ms())) {
            co_return fail(Code::kTimeout, "the worker gets nothing from the swarm");
        }
        co_await core_.parts.clock.sleep(kAskWorker_ms);
        if (!goes_on(*visit)) {
            co_return fail(Code::kCancelled, "the job is kept no more");
        }
        Result<nlohmann::json> now = co_await visit->client->job_state(visit->job);
        if (now) {
            state = std::move(*now);
        } else if (now.error().code != Code::kIo && now.error().code != Code::kTimeout) {
            co_return std::unexpected{now.error()};
        }
    }
    co_return Result<>{};
}

Task<Result<>> JobKeeper::bring_pieces(std::shared_ptr<Visit> visit, std::uint64_t from) {
    while (goes_on(*visit)) {
        const KeptJob* job = worker_.store().find(visit->job);
        if (!job->package.input || from >= job->package.input->bytes) {
            co_return Result<>{};
        }
        CO_TRY(next, piece(visit->job, from));
        if (next.empty()) {
            co_return fail(Code::kStoreDamaged, "what is kept of the input is shorter than it was");
        }
        const std::uint64_t sent = next.size();
        const Result<nlohmann::json> taken = co_await visit->client->put_input(visit->job, from, std::move(next));
        if (!taken) {
            co_return std::unexpected{taken.error()};
        }
        from += sent;
    }
    co_return fail(Code::kCancelled, "the job is kept no more");
}

// Of the plain archive: from the encrypted one, or packed again from what it was unpacked to, which gives the same
// bytes.
Result<Bytes> JobKeeper::piece(JobId id, std::uint64_t offset) const {
    const JobStore& store = worker_.store();
    if (const std::optional<SwarmInput> input = store.swarm_input(id)) {
        TRY(out, read_file(store.swarm_folder(id) / swarm::kContentName, offset, kMaxPieceBytes));
        TRY(cipher, swarm::Cipher::at(input->key, offset));
        TRY_OK(cipher.apply(out));
        return out;
    }
    const std::filesystem::path archive = store.job_folder(id) / kKeptArchive;
    std::error_code error;
    if (!std::filesystem::exists(archive, error)) {
        TRY(packed, jobs::pack(store.input_folder(id), archive, {.max_bytes = 2 * kKeptWholeBytes}));
        static_cast<void>(packed);
    }
    return read_file(archive, offset, kMaxPieceBytes);
}

}  // namespace sublet::agent
