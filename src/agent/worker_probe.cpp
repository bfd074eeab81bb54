// worker_probe.cpp: how much work the tasks of a job are, found by rendering a few of them with few samples.
// Spec: docs/spec/work.md, docs/spec/jobs.md (work and probes).
#include <fmt/format.h>

#include <fstream>

#include "agent/job_files.hpp"
#include "agent/worker.hpp"
#include "net/log.hpp"

namespace sublet::agent {
namespace {

namespace fs = std::filesystem;

constexpr std::uint32_t kFewest = 64;  // a 64th of the samples
constexpr std::uint32_t kFew = 16;
constexpr std::uint64_t kTooFewSamples = 32;  // then a task is rendered whole
constexpr std::uint64_t kProbeAgain_ms = 1'000;
constexpr unsigned kMostTries = 3;
constexpr std::uint64_t kProbePatience = 4;  // times what is paid: a probe leads to work
constexpr std::uint64_t kLeastProbe_ms = 30'000;
constexpr std::uint64_t kMaxProbe_ms = 3'600'000;
constexpr std::size_t kProbeNonceBytes = 32;
constexpr std::size_t kMaxShareText = 64;

const job::Probe* probe_of(const job::Job& job, const crypto::Address& worker) {
    const auto found = std::ranges::find(job.probes, worker, &job::Probe::worker);
    return found == job.probes.end() ? nullptr : &*found;
}

}  // namespace

bool Worker::keep_still(bool still) {
    still_ = still && running_.empty() && probing_.empty() && !auditor_->renders();
    return still_;
}

// Jobs that are open need no probe; what was found before is told whatever else goes on.
Task<> Worker::look_at_probes() {
    const std::vector<JobId> kept_ids = store_->ids();
    if (std::ranges::all_of(kept_ids, [&](JobId id) { return standing_[id].pay.has_value(); })) {
        co_return;
    }
    const Result<std::vector<job::Job>> drawn = co_await core_.parts.ledger.probes(core_.options.owner);
    for (const job::Job& each : drawn ? *drawn : std::vector<job::Job>{}) {
        const KeptJob* kept = store_->find(each.id);
        const Result<std::optional<ProbeFound>> found = store_->probe(each.id);
        if (found && *found && !telling_.contains(each.id)) {
            telling_.insert(each.id);
            core_.tasks.spawn(tell_probe(each.id, **found));
        }
        if (telling_.contains(each.id)) {
            continue;
        }
        if (!may_claim() || kept == nullptr || !kept->complete || !kept->package.session ||
            probing_.contains(each.id) || failed_probes_[each.id] >= kMostTries) {
            continue;
        }
        JobStanding& standing = standing_[each.id];
        if (standing.image) {
            probing_.insert(each.id);
            core_.tasks.spawn(probe(*kept, each));
        } else if (!pulling_) {
            pulling_ = true;
            core_.tasks.spawn(fetch_image(each.id, kept->package.image));
        }
    }
}

Task<> Worker::probe(KeptJob job, job::Job record) {
    const JobId id = job.id;
    Task<Result<ProbeFound>> measuring = measure(std::move(job), std::move(record));
    Result<ProbeFound> found = co_await std::move(measuring);
    if (!found && !core_.stopping) {
        // What took too long once would take as long again.
        failed_probes_[id] = found.error().code == Code::kTimeout ? kMostTries : failed_probes_[id] + 1;
        standing_[id].trouble = "its probe failed: " + found.error().message;
        net::log(net::LogLevel::kWarning, "worker", fmt::format("job {}: {}", id.value(), standing_[id].trouble));
    }
    probing_.erase(id);
    wake();
}

Task<Result<ProbeFound>> Worker::measure(KeptJob job, job::Job record) {
    const Result<std::optional<job::Rates>> rates = co_await core_.parts.ledger.rates(core_.options.owner);
    const std::uint64_t rate = rates && *rates ? job::rate_in(**rates, record.engine) : 0;
    if (rate == 0) {
        co_return fail(Code::kNotFound, "this provider has no rate for " + record.engine);
    }
    Task<Result<std::shared_ptr<Session>>> finding = free_session(job, "");
    Result<std::shared_ptr<Session>> session = co_await std::move(finding);
    if (!session) {
        co_return std::unexpected{session.error()};
    }
    std::shared_ptr<Session> held = *session;
    Task<Result<std::vector<double>>> timing = time_tasks(held, job, record);
    const Result<std::vector<double>> seconds = co_await std::move(timing);
    Task<> ending = end_session(std::move(held));
    co_await std::move(ending);
    if (!seconds) {
        co_return std::unexpected{seconds.error()};
    }
    ProbeFound out;
    const unsigned cores = jobs::cores_of(job.package);
    for (const double each : *seconds) {
        out.work.push_back(jobs::work_of(each, rate, cores));
    }
    out.nonce = core_.parts.random.bytes(kProbeNonceBytes);
    if (const Result<> kept = store_->put_probe(job.id, out); !kept) {
        co_return std::unexpected{kept.error()};
    }
    co_return out;
}

// A creator who takes no quote pays for probes alone: what they may take follows from that, at our own price.
std::uint64_t Worker::paid_probe_ms(const job::Job& record, const jobs::Package& package) const {
    market::ResourceUnit unit;
    unit.cpu_milli = package.cpu_milli;
    unit.memory_bytes = package.memory_bytes;
    unit.count = 1;
    const std::uint64_t nano = std::max<std::uint64_t>(1, market::rate_ceil({unit}, core_.options.price).value());
    const u128 paid_ms = u128{record.probe_pay.value()} * 1'000'000'000'000 / nano * kProbePatience;
    return static_cast<std::uint64_t>(std::clamp<u128>(paid_ms, kLeastProbe_ms, kMaxProbe_ms));
}

Task<Result<std::vector<double>>> Worker::time_tasks(std::shared_ptr<Session> session, KeptJob job, job::Job record) {
    std::vector<double> out;
    const std::uint64_t until_ms = core_.parts.clock.monotonic_ms() + paid_probe_ms(record, job.package);
    // The first one loads the scene, which a session does once and not for each task.
    Task<Result<jobs::Turn>> loading = probe_turn(session, job, record.probe_tasks.front(), {kFewest, until_ms});
    Result<jobs::Turn> loaded = co_await std::move(loading);
    if (!loaded) {
        co_return std::unexpected{loaded.error()};
    }
    for (const std::uint32_t task : record.probe_tasks) {
        Task<Result<jobs::Turn>> first = probe_turn(session, job, task, {kFewest, until_ms});
        const Result<jobs::Turn> few = co_await std::move(first);
        if (!few) {
            co_return std::unexpected{few.error()};
        }
        const std::uint32_t share = few->of < kTooFewSamples ? 1 : kFew;
        Task<Result<jobs::Turn>> second = probe_turn(session, job, task, {share, until_ms});
        const Result<jobs::Turn> more = co_await std::move(second);
        if (!more) {
            co_return std::unexpected{more.error()};
        }
        out.push_back(jobs::whole_time(*few, *more));
    }
    co_return out;
}

Task<Result<jobs::Turn>> Worker::probe_turn(std::shared_ptr<Session> session, KeptJob job, std::uint32_t task,
                                            ProbeTurn how) {
    const Result<fs::path> turn = begin_turn(*session, job.package, task, {how.share, {}});
    if (!turn) {
        co_return std::unexpected{turn.error()};
    }
    const std::uint64_t begun_ms = core_.parts.clock.monotonic_ms();
    const AttemptId id{job.id, task, 0};
    Task<Ended> waiting = wait_for_turn(id, session, {how.until_ms, job.package.output_max_bytes});
    const Ended ended = co_await std::move(waiting);
    if (core_.stopping) {
        co_return fail(Code::kCancelled, "the agent stops");  // and nobody knows how long it would have taken
    }
    const double seconds = static_cast<double>(core_.parts.clock.monotonic_ms() - begun_ms) / 1e3;
    if (ended.timed_out || !ended.trouble.empty() || ended.exit_code != 0) {
        const std::string why = ended.timed_out          ? "it took longer than its probe_pay pays for"
                                : !ended.trouble.empty() ? ended.trouble
                                                         : fmt::format("exit code {}", ended.exit_code);
        co_return fail(ended.timed_out ? Code::kTimeout : Code::kEngine, fmt::format("task {}: {}", task, why));
    }
    co_return jobs::parse_turn(left_file(turn->string() + ".share", kMaxShareText).value_or(Bytes{}), seconds);
}

// Commits, and shows it once all others have; until the ledger has it or wants it no more.
Task<> Worker::tell_probe(JobId id, ProbeFound found) {
    const std::string self = crypto::to_bech32(core_.parts.ledger.operator_address());
    const Hash commitment = job::probe_commitment(core_.options.owner, id, found.work, found.nonce);
    while (!core_.stopping) {
        const Result<std::optional<job::Job>> read = co_await core_.parts.ledger.job(id);
        const job::Job* job = read && *read ? &**read : nullptr;
        const job::Probe* mine = job == nullptr ? nullptr : probe_of(*job, core_.options.owner);
        if (read && (mine == nullptr || job->state != job::JobState::kProbing || !mine->work.empty())) {
            break;
        }
        if (mine != nullptr && mine->commitment == Hash{}) {
            Message message = job::MsgCommitProbe{self, id, Bytes{view_of(commitment)}};
            co_await tell(std::move(message));
        } else if (mine != nullptr && job::all_committed(*job)) {
            Message message = job::MsgOpenProbe{self, id, found.work, found.nonce};
            co_await tell(std::move(message));
        }
        co_await core_.parts.clock.sleep(kProbeAgain_ms);
    }
    telling_.erase(id);
}

}  // namespace sublet::agent
