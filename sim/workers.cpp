// workers.cpp: claims tasks, and gives right results, wrong ones, late ones or none; says again what is over, and
// speaks for others.
#include "crypto/sha256.hpp"
#include "job_actors.hpp"
#include "net/quiet.hpp"

namespace sublet::sim {

using net::Task;

namespace {

constexpr std::uint64_t kWorkersBeatMs = 30'000;
constexpr std::size_t kHandful = 4;  // tasks that an ordinary worker takes at a time
constexpr std::size_t kNonceBytes = 32;

}  // namespace

Worker::Worker(World& world, std::size_t number) : Worker(world, "worker-" + std::to_string(number), number) {}

Worker::Worker(World& world, std::string name, std::size_t number) : JobActor(world, std::move(name), number) {}

Task<> Worker::besides() { co_return; }

void Worker::take_keys() {
    owner_ = *client::Signer::make(process_->loop, world_.key(name_ + "-owner"));
    operator_ = *client::Signer::make(process_->loop, world_.key(name_ + "-operator"));
}

void Worker::leave_keys() {
    (void)owner_.release();
    (void)operator_.release();
}

std::string Worker::lose_last_write() {
    if (written_.empty() || results_.erase(written_.back()) == 0) {
        return "";
    }
    const auto [job, task, attempt] = written_.back();
    written_.pop_back();
    world_.mark("a worker's disk lost a result");
    return "; its disk lost what came of task " + std::to_string(task) + " of job " + std::to_string(job.value());
}

Task<> Worker::live() {
    beat_at_ms_ = 0;
    co_await process_->clock.sleep(dice_.between(1'000, 15'000));
    co_await sign_up();
    while (true) {
        co_await beat();
        const Result<std::vector<job::Task>> in_hand = co_await chain_->tasks_in_hand(owner_->address());
        if (in_hand && world_.job_tasks() > 0) {
            Task<> working = work_at_scale(*in_hand);
            co_await std::move(working);
            continue;
        }
        if (in_hand) {
            note(*in_hand);
            for (std::size_t i = 0; i < in_hand->size(); ++i) {
                Task<> going_on = further((*in_hand)[i]);
                co_await std::move(going_on);
            }
            if (in_hand->size() < kHandful) {
                Task<> claiming = claim(!in_hand->empty());
                co_await std::move(claiming);
            }
            if (dice_.chance(40)) {
                Task<> misbehaving = misbehave(*in_hand);
                co_await std::move(misbehaving);
            }
        }
        co_await besides();
        co_await process_->clock.sleep(dice_.between(1'000, 8'000));
    }
}

Task<> Worker::sign_up() {
    while (true) {
        provider::MsgRegister message;
        message.owner = owner_->text();
        message.operator_address = operator_->text();
        message.gateway_uri = "https://" + name_ + ":443";
        message.tls_pin = Bytes{view_of(crypto::sha256(name_))};
        message.machines.emplace_back("m0");
        Task<Result<client::TxOutcome>> saying = say(*owner_, std::move(message));
        const Result<client::TxOutcome> done = co_await std::move(saying);
        if (done || done.error().code == Code::kProviderExists) {
            co_return;
        }
        co_await process_->clock.sleep(5'000);
    }
}

Task<> Worker::beat() {
    if (world_.time().now_ms() < beat_at_ms_) {
        co_return;
    }
    beat_at_ms_ = world_.time().now_ms() + kWorkersBeatMs;
    Task<Result<client::TxOutcome>> saying = say(*operator_, provider::MsgHeartbeat{operator_->text(), {}});
    (void)co_await std::move(saying);
}

// An attempt that it had and has no more is over.
void Worker::note(const std::vector<job::Task>& in_hand) {
    std::set<Attempt> now;
    for (const job::Task& each : in_hand) {
        now.emplace(each.job, each.index, each.attempt);
    }
    std::ranges::set_difference(had_, now, std::inserter(over_, over_.end()));
    had_ = std::move(now);
}

// What becomes of an attempt is drawn once, by its name; some tasks nobody can do.
Worker::Fate Worker::fate_of(const job::Task& task) const {
    const std::string name = "job " + std::to_string(task.job.value()) + " task " + std::to_string(task.index);
    if (world_.dice().fork(name).chance(60)) {
        return task.attempt % 3 == 0 ? Fate::kFailsEarly : Fate::kFails;
    }
    const std::uint64_t drawn = world_.dice().fork(name_ + name + " " + std::to_string(task.attempt)).between(0, 999);
    constexpr std::array<std::pair<std::uint64_t, Fate>, 6> kFates{{{30, Fate::kFailsEarly},
                                                                    {70, Fate::kFails},
                                                                    {90, Fate::kNeverStarts},
                                                                    {110, Fate::kNeverCommits},
                                                                    {140, Fate::kNeverShows},
                                                                    {220, Fate::kWrongResult}}};
    for (const auto& [below, fate] : kFates) {
        if (drawn < below) {
            return fate;
        }
    }
    return Fate::kResult;
}

// One step of an attempt that it has in hand. What was put up again it may have had before: then it says late what it
// would have said of that attempt.
Task<> Worker::further(job::Task task) {
    const auto before = over_.lower_bound({task.job, task.index, 0});
    const bool had_it = before != over_.end() && *before < Attempt{task.job, task.index, task.attempt};
    if (had_it && dice_.chance(300)) {
        world_.mark("a worker that has a task again spoke of the time before");
        Task<> reporting = report_again(*before);
        co_await std::move(reporting);
    }
    const Fate fate = fate_of(task);
    if (task.state == job::TaskState::kCommitted) {
        if (fate != Fate::kNeverShows) {
            Task<> showing = show(std::move(task));
            co_await std::move(showing);
        }
        co_return;
    }
    const bool claimed = task.state == job::TaskState::kClaimed;
    if (claimed && fate == Fate::kNeverStarts) {
        co_return;
    }
    if (claimed && fate != Fate::kFailsEarly) {
        Task<Result<client::TxOutcome>> saying =
            say(*operator_, job::MsgStartTask{operator_->text(), task.job, task.index, task.attempt});
        world_.mark(co_await std::move(saying) ? "a worker started a task" : "a start was refused");
        co_return;
    }
    const Attempt attempt{task.job, task.index, task.attempt};
    const std::uint64_t now_ms = world_.time().now_ms();
    const std::uint64_t length_ms = world_.dice().fork(name_ + std::to_string(task.index)).between(1'000, 30'000);
    const bool works = now_ms - begun_at_ms_.try_emplace(attempt, now_ms).first->second < length_ms;
    if (fate == Fate::kFailsEarly || (fate == Fate::kFails && !works)) {
        const std::uint32_t exit_code = claimed ? 0 : 1;
        Task<Result<client::TxOutcome>> saying =
            say(*operator_, job::MsgFailTask{operator_->text(), task.job, task.index, task.attempt, exit_code});
        world_.mark(co_await std::move(saying) ? "a worker gave up a task" : "a failure was refused");
    } else if (!works && fate != Fate::kNeverCommits) {
        Task<> committing = commit(std::move(task), fate == Fate::kWrongResult);
        co_await std::move(committing);
    }
}

// It is on the disk before anybody hears of it; the second time it is the same.
Worker::Found Worker::write_result(const job::Task& task, bool wrong) {
    const Attempt attempt{task.job, task.index, task.attempt};
    const auto [found, is_new] = results_.try_emplace(attempt);
    if (is_new) {
        const Bytes mine = name_ + std::to_string(task.index);
        const Hash honest = wrong ? crypto::sha256(mine) : result_of(task.job, task.index);
        found->second = {cheap_result(task).value_or(honest), process_->random.bytes(kNonceBytes)};
        written_.push_back(attempt);
    }
    return found->second;
}

Task<> Worker::commit(job::Task task, bool wrong) {
    const Found found = write_result(task, wrong);
    const Hash commitment = job::commitment_of(task, found.digest, found.nonce);
    Task<Result<client::TxOutcome>> saying =
        say(*operator_,
            job::MsgCommitTask{operator_->text(), task.job, task.index, task.attempt, Bytes{view_of(commitment)}});
    world_.mark(co_await std::move(saying) ? "a worker committed to a result" : "a commitment was refused");
}

Task<> Worker::show(job::Task task) {
    const auto found = results_.find({task.job, task.index, task.attempt});
    if (found == results_.end()) {
        world_.mark("a worker committed to a result that it lost");
        co_return;
    }
    Task<Result<client::TxOutcome>> saying =
        say(*operator_, job::MsgOpenTask{operator_->text(), task.job, task.index, task.attempt,
                                         Bytes{view_of(found->second.digest)}, found->second.nonce});
    world_.mark(co_await std::move(saying) ? "a worker showed a result" : "a result was refused");
}

// Of any job on offer. With a task in hand already it asks less often: newcomers are refused.
Task<> Worker::claim(bool has_one) {
    if (has_one && dice_.chance(600)) {
        co_return;
    }
    const Result<std::vector<job::Job>> jobs = co_await chain_->jobs_on_offer();
    if (!jobs || jobs->empty()) {
        co_return;
    }
    const job::Job& job = (*jobs)[dice_.between(0, jobs->size() - 1)];
    const bool barred = std::ranges::find(job.barred, owner_->address()) != job.barred.end();
    if (barred && dice_.chance(900)) {
        co_return;
    }
    const JobId chosen = job.id;
    const bool ready = dice_.chance(500);
    Task<Result<client::TxOutcome>> saying = say(*operator_, job::MsgClaimTask{operator_->text(), chosen, ready});
    const Result<client::TxOutcome> done = co_await std::move(saying);
    world_.mark(done ? "a worker claimed a task" : "a claim ended with " + std::string{code_name(done.error().code)});
}

// ───── what must be refused ─────

Task<> Worker::misbehave(std::vector<job::Task> in_hand) {
    if (!over_.empty() && dice_.chance(500)) {
        auto which = over_.begin();
        std::advance(which, static_cast<std::ptrdiff_t>(dice_.between(0, over_.size() - 1)));
        Task<> reporting = report_again(*which);
        co_await std::move(reporting);
        co_return;
    }
    for (const job::Task& each : in_hand) {
        if (each.state == job::TaskState::kCommitted) {
            const job::MsgOpenTask message{operator_->text(),
                                           each.job,
                                           each.index,
                                           each.attempt,
                                           Bytes{view_of(result_of(each.job, each.index))},
                                           Bytes(kNonceBytes, '?')};
            Task<Result<client::TxOutcome>> saying = say(*operator_, message);
            world_.mark(co_await std::move(saying) ? "BROKEN: a result was shown that nobody committed to"
                                                   : "a result that nobody committed to was refused");
            co_return;
        }
    }
    co_await report_for_another();
}

// The fence: whatever it says of an attempt that is over.
Task<> Worker::report_again(Attempt attempt) {
    const auto [job, task, number] = attempt;
    const client::TxMessage kinds[] = {
        client::pack(job::MsgStartTask{operator_->text(), job, task, number}),
        client::pack(job::MsgFailTask{operator_->text(), job, task, number, 1}),
        client::pack(job::MsgCommitTask{operator_->text(), job, task, number, Bytes(32, 'x')}),
    };
    std::vector<client::TxMessage> messages{kinds[dice_.between(0, 2)]};
    Task<Result<client::TxOutcome>> saying = say_all(*operator_, std::move(messages));
    world_.mark(co_await std::move(saying) ? "BROKEN: a report of an attempt that is over was taken"
                                           : "a report of an attempt that is over was refused");
}

Task<> Worker::report_for_another() {
    const Result<std::vector<job::Job>> jobs = co_await chain_->jobs_on_offer();
    if (!jobs || jobs->empty()) {
        co_return;
    }
    const JobId job = (*jobs)[dice_.between(0, jobs->size() - 1)].id;
    const Result<std::vector<job::Task>> tasks = co_await chain_->tasks_of(job, 0);
    for (std::size_t i = 0; tasks && i < tasks->size(); ++i) {
        const job::Task task = (*tasks)[i];
        if (task.worker != owner_->address() && job::is_active(task.state)) {
            Task<Result<client::TxOutcome>> saying =
                say(*operator_, job::MsgFailTask{operator_->text(), task.job, task.index, task.attempt, 1});
            world_.mark(co_await std::move(saying) ? "BROKEN: a report for another's attempt was taken"
                                                   : "a report for another's attempt was refused");
            co_return;
        }
    }
}

}  // namespace sublet::sim
