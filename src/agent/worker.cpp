// worker.cpp: which tasks are taken, and what becomes of them.
#include "agent/worker.hpp"

#include <fmt/format.h>

#include "client/chain.hpp"
#include "net/log.hpp"

namespace sublet::agent {
namespace {

constexpr std::uint64_t kRetry_ms = 1'000;
constexpr std::uint64_t kRest_ms = 1'000;       // after "no task for you now"
constexpr std::uint64_t kLongRest_ms = 30'000;  // after a refusal that will stand for a while
constexpr const char* kNoPackage = "its package is gone";

bool is_answer(Code code) { return code != Code::kIo && code != Code::kTimeout && code != Code::kHttp; }

std::string name_of(const AttemptId& id) {
    return fmt::format("job {}, task {}, attempt {}", id.job.value(), id.task, id.attempt);
}

}  // namespace

Result<> Worker::open() {
    TRY(store, JobStore::open(core_.options.data / "jobs"));
    store_.emplace(std::move(store));
    swarm_.emplace(core_, *store_);
    auditor_.emplace(core_, *this);
    return {};
}

JobView Worker::view(JobId id) const {
    JobView out;
    const KeptJob* job = store_->find(id);
    out.complete = job != nullptr && job->complete;
    if (const auto found = standing_.find(id); found != standing_.end()) {
        out.image = found->second.image;
        out.trouble = found->second.trouble;
    }
    if (const auto spoiled = spoiled_.find(id); spoiled != spoiled_.end()) {
        out.trouble = spoiled->second.message;
    }
    for (const AttemptId& each : running_) {
        if (each.job == id) {
            out.running.push_back(each);
        }
    }
    return out;
}

// An owner's pause or drain holds for tasks as for leases; what runs goes on.
bool Worker::may_claim() const {
    return lends() && !still_ && !core_.stopping && core_.seen.fresh && core_.engine_up &&
           running_.size() + probing_.size() < core_.options.job_slots &&
           core_.wished_offer_state().value_or(market::OfferState::kActive) == market::OfferState::kActive;
}

Task<> Worker::run() {
    if (!lends()) {
        co_return;
    }
    swarm_->resume();
    co_await resume();
    while (!core_.stopping) {
        swarm_->look();
        co_await look();
        co_await end_idle_sessions();
        co_await changed_.wait_for(kWorkerLook_ms);
    }
}

Task<> Worker::resume() {
    std::optional<std::vector<job::Task>> in_hand;
    while (!in_hand && !core_.stopping) {
        Result<std::vector<job::Task>> read = co_await core_.parts.ledger.tasks_in_hand(core_.options.owner);
        if (read) {
            in_hand = std::move(*read);
        } else {
            co_await changed_.wait_for(kRetry_ms);
        }
    }
    if (in_hand) {
        std::vector<job::Task> kept = *in_hand;
        co_await remove_containers_but(std::move(kept));
        take_up(*in_hand);
    }
}

// Attempts that the ledger counts as ours and nobody here works on: they go on where they were.
void Worker::take_up(const std::vector<job::Task>& in_hand) {
    for (const job::Task& each : in_hand) {
        const AttemptId id{each.job, each.index, each.attempt};
        if (running_.contains(id) || reporting_.contains(id)) {
            continue;
        }
        const Result<std::optional<Outcome>> outcome = store_->outcome(id);
        if (outcome && *outcome) {
            reporting_.insert(id);
            core_.tasks.spawn(report(id, **outcome));
        } else if (store_->find(id.job) != nullptr) {
            begin(each);
        } else {
            reporting_.insert(id);
            core_.tasks.spawn(give_up(id, Ended{.exit_code = 0, .timed_out = false, .trouble = kNoPackage}));
        }
    }
}

void Worker::begin(const job::Task& task) {
    const AttemptId id{task.job, task.index, task.attempt};
    const std::uint64_t now = core_.seen.status.now.value();
    running_.insert(id);
    core_.tasks.spawn(work(id, task.deadline.value() > now ? task.deadline.value() - now : 0));
}

// Sessions go too: what they were doing is done again.
Task<> Worker::remove_containers_but(std::vector<job::Task> in_hand) {
    std::set<std::string> wanted;
    for (const job::Task& each : in_hand) {
        const AttemptId id{each.job, each.index, each.attempt};
        const Result<std::optional<Outcome>> outcome = store_->outcome(id);
        if (!outcome || !*outcome) {  // else nobody waits for it any more
            wanted.insert(container_key(id));
        }
    }
    runtime::Runtime& engine = *core_.parts.job_runtime;
    const Result<std::vector<runtime::ContainerState>> containers = co_await engine.list();
    for (const runtime::ContainerState& each : containers ? *containers : std::vector<runtime::ContainerState>{}) {
        if (!wanted.contains(each.service)) {
            co_await engine.remove(each.id);
        }
    }
}

Task<> Worker::look() {
    if (core_.parts.clock.monotonic_ms() < unsure_until_ms_) {  // then its time runs, and its stake is at risk
        const Result<std::vector<job::Task>> in_hand = co_await core_.parts.ledger.tasks_in_hand(core_.options.owner);
        if (!in_hand) {
            co_return;
        }
        take_up(*in_hand);
    }
    co_await watch_kept();
    co_await look_at_probes();
    co_await auditor_->look();
    if (!may_claim()) {
        co_return;
    }
    const std::vector<JobId> jobs = co_await dearest_first();
    for (const JobId id : jobs) {
        if (!may_claim()) {
            co_return;
        }
        const KeptJob* job = store_->find(id);
        if (job != nullptr && job->complete) {
            co_await consider(*job);
        }
    }
}

// Claims as many tasks of the job as there are free slots.
Task<> Worker::consider(KeptJob job) {
    JobStanding& standing = standing_[job.id];
    const std::uint64_t now_ms = core_.parts.clock.monotonic_ms();
    if (standing.rest_until_ms > now_ms) {
        co_return;
    }
    if (!standing.image) {
        if (!pulling_) {  // one at a time: each may fill what is free
            pulling_ = true;
            core_.tasks.spawn(fetch_image(job.id, job.package.image));
        }
        co_return;
    }
    if (standing.audit && !can_audit(job, *standing.audit, *store_)) {  // who cannot be audited could be made a cheat
        standing.trouble = "its results would be audited, but its program is none that is known here";
        standing.rest_until_ms = now_ms + kLongRest_ms;
        co_return;
    }
    if (!standing.trouble.empty() && !co_await has_work(job.id)) {
        co_return;
    }
    while (may_claim()) {
        Result<job::Task> claimed = co_await core_.parts.ledger.claim(job.id);
        if (!claimed) {
            const Code code = claimed.error().code;
            standing.trouble = claimed.error().message;
            const bool soon = code == Code::kNoTask || code == Code::kTooManyClaims || code == Code::kWrongJobState ||
                              !is_answer(code);
            standing.rest_until_ms = now_ms + (soon ? kRest_ms : kLongRest_ms);
            unsure_until_ms_ = is_answer(code) ? unsure_until_ms_ : now_ms + client::kCommitTimeoutMs;
            if (code == Code::kJobClosed || code == Code::kJobUnknown) {
                co_await forget_when_old(job.id);
            }
            co_return;
        }
        standing.trouble.clear();
        begin(*claimed);
    }
}

// Asked where a claim was refused: a question costs the node less than another claim.
Task<bool> Worker::has_work(JobId id) {
    const Result<std::optional<job::Job>> found = co_await core_.parts.ledger.job(id);
    if (found && (!*found || !(*found)->closed_at.is_zero())) {
        co_await forget_when_old(id);
        co_return false;
    }
    if (found && !job::has_work(**found)) {
        standing_[id].rest_until_ms = core_.parts.clock.monotonic_ms() + kRest_ms;
        co_return false;
    }
    co_return found.has_value();
}

Task<> Worker::work(AttemptId id, std::uint64_t limit_ms) {
    const std::uint64_t margin = std::min(kDeadlineMargin_ms, limit_ms / 4);
    const std::uint64_t begun_ms = core_.parts.clock.monotonic_ms();
    const std::uint64_t overrun = overrun_ms(id).value_or(limit_ms);
    const std::uint64_t until_ms = begun_ms + std::min(overrun, limit_ms - margin);
    const KeptJob* job = store_->find(id.job);
    Ended ended{.exit_code = 0, .timed_out = false, .trouble = kNoPackage};
    if (job != nullptr) {
        Task<Ended> running =
            job->package.session ? run_in_session(id, *job, Redo{until_ms}) : run_container(id, *job, until_ms);
        ended = co_await std::move(running);
    }
    ended.too_long = ended.timed_out && overrun < limit_ms - margin && core_.parts.clock.monotonic_ms() >= until_ms;
    Result<Outcome> outcome = fail(Code::kEngine, ended.trouble);
    if (ended.trouble.empty() && !ended.timed_out && ended.exit_code == 0) {
        outcome = co_await pack_result(id);
        ended.trouble = outcome ? "" : outcome.error().message;
    }
    reporting_.insert(id);
    running_.erase(id);
    wake();
    if (core_.stopping) {
        co_return;  // its container, or its outcome, is found again at the next start
    }
    if (outcome) {
        co_await report(id, std::move(*outcome));
    } else {
        co_await give_up(id, std::move(ended));
    }
}

Task<std::optional<job::Task>> Worker::standing_of(AttemptId id) {
    while (!core_.stopping) {
        Result<std::optional<job::Task>> read = co_await core_.parts.ledger.task(id.job, id.task);
        if (read) {
            const bool ours = *read && (*read)->attempt == id.attempt && (*read)->worker == core_.options.owner;
            co_return ours ? std::move(*read) : std::nullopt;
        }
        co_await core_.parts.clock.sleep(kRetry_ms);
    }
    co_return std::nullopt;
}

Task<bool> Worker::tell(Message message) {
    Task<Result<>> sending = core_.parts.ledger.send(std::move(message));
    const Result<> sent = co_await std::move(sending);
    if (!sent) {
        net::log(net::LogLevel::kDebug, "worker", sent.error().message);
    }
    co_return sent.has_value();
}

Message Worker::next_word(const job::Task& task, const Outcome& outcome) const {
    const std::string self = crypto::to_bech32(core_.parts.ledger.operator_address());
    if (task.state == job::TaskState::kCommitted) {
        return job::MsgOpenTask{self,         task.job, task.index, task.attempt, Bytes{view_of(outcome.digest)},
                                outcome.nonce};
    }
    const Hash commitment = job::commitment_of(task, outcome.digest, outcome.nonce);
    return job::MsgCommitTask{self, task.job, task.index, task.attempt, Bytes{view_of(commitment)}};
}

Task<> Worker::end_all() {
    if (!lends()) {
        co_return;
    }
    const Result<std::vector<job::Task>> in_hand = co_await core_.parts.ledger.tasks_in_hand(core_.options.owner);
    const std::string self = crypto::to_bech32(core_.parts.ledger.operator_address());
    for (job::Task task : in_hand ? *in_hand : std::vector<job::Task>{}) {
        const AttemptId id{task.job, task.index, task.attempt};
        const Result<std::optional<Outcome>> outcome = store_->outcome(id);
        if (!outcome || !*outcome) {
            Message message = job::MsgFailTask{self, id.job, id.task, id.attempt, 0};
            co_await tell(std::move(message));
            continue;
        }
        Message message = next_word(task, **outcome);
        co_await tell(std::move(message));
        if (task.state != job::TaskState::kCommitted) {
            task.state = job::TaskState::kCommitted;
            message = next_word(task, **outcome);
            co_await tell(std::move(message));
        }
    }
    std::vector<job::Task> none;
    co_await remove_containers_but(std::move(none));
}

// Says what the ledger has not heard yet, until it has or the attempt is lost.
Task<> Worker::report(AttemptId id, Outcome outcome) {
    std::optional<job::Task> task = job::Task{.job = id.job,
                                              .index = id.task,
                                              .state = job::TaskState::kRunning,
                                              .attempt = id.attempt,
                                              .worker = core_.options.owner};
    while (task && job::is_active(task->state) && !core_.stopping) {
        Message message = next_word(*task, outcome);
        if (!co_await tell(std::move(message))) {
            co_await core_.parts.clock.sleep(kRetry_ms);
        }
        Task<std::optional<job::Task>> looking = standing_of(id);
        task = co_await std::move(looking);
    }
    if (!task && !core_.stopping) {
        net::log(net::LogLevel::kWarning, "worker", name_of(id) + ": the attempt was lost before its result was shown");
    }
    reporting_.erase(id);
    standing_[id.job].rest_until_ms = 0;  // a newcomer has one in hand at a time: now it may be the next
    wake();
}

Task<> Worker::give_up(AttemptId id, Ended ended) {
    net::log(net::LogLevel::kInfo, "worker",
             fmt::format("{}: {}", name_of(id),
                         ended.timed_out          ? "its time is up"
                         : !ended.trouble.empty() ? ended.trouble
                                                  : fmt::format("exit code {}", ended.exit_code)));
    const std::string self = crypto::to_bech32(core_.parts.ledger.operator_address());
    const auto exit_code = static_cast<std::uint32_t>(ended.exit_code);
    bool over = false;
    while (!over && !core_.stopping) {
        Message message = job::MsgFailTask{self, id.job, id.task, id.attempt, exit_code, ended.too_long};
        over = co_await tell(std::move(message));
        ended.too_long = false;  // where that is refused, the stake counts for more than the try
        if (!over) {
            co_await core_.parts.clock.sleep(kRetry_ms);
            Task<std::optional<job::Task>> looking = standing_of(id);
            const std::optional<job::Task> task = co_await std::move(looking);
            over = !task || !job::is_active(task->state);
        }
    }
    reporting_.erase(id);
    wake();
}

}  // namespace sublet::agent
