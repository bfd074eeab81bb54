// creators.cpp: posts jobs, judges results fairly or not, changes its mind, and tries what it may not do.
#include "job_actors.hpp"
#include "net/quiet.hpp"

namespace sublet::sim {

using net::Task;

namespace {
constexpr std::uint64_t kPatienceMs = 180'000;  // with a job of which nothing moves
constexpr std::size_t kOpenJobs = 2;
}  // namespace

Creator::Creator(World& world, std::size_t number)
    : JobActor(world, "creator-" + std::to_string(number), number), closes_after_ms_(dice_.between(0, 300'000)) {}

void Creator::take_keys() { signer_ = *client::Signer::make(process_->loop, world_.key(name_)); }

Task<> Creator::live() {
    if (world_.job_tasks() > 0) {
        co_await live_at_scale();
        co_return;
    }
    co_await process_->clock.sleep(dice_.between(1'000, 40'000));
    while (true) {
        const Result<std::vector<job::Job>> jobs = co_await chain_->jobs_of(signer_->address());
        if (jobs) {
            std::size_t open = 0;
            for (const job::Job& each : *jobs) {
                if (each.closed_at.is_zero()) {
                    ++open;
                    Task<> looking = look_after(each);
                    co_await std::move(looking);
                }
            }
            if (!world_.closing() && open < kOpenJobs && (open == 0 || dice_.chance(100))) {
                co_await create();
            }
        }
        co_await process_->clock.sleep(dice_.between(3'000, 12'000));
    }
}

Task<> Creator::create() {
    job::MsgCreateJob message;
    message.owner = signer_->text();
    message.kind = "batch";
    message.content = process_->random.bytes(32);
    message.tasks = static_cast<std::uint32_t>(dice_.between(1, 12));
    message.pay = Amount{dice_.between(1, 5'000)};
    message.pay_cap = dice_.chance(300) ? Amount{} : Amount{message.pay.value() * dice_.between(1, 4)};
    message.stake = Amount{dice_.between(0, message.pay.value())};
    message.start_timeout = Millis{dice_.between(10'000, 60'000)};
    message.task_timeout = Millis{dice_.between(30'000, 120'000)};
    message.window = Millis{dice_.between(1'000, 120'000)};
    message.at_once = static_cast<std::uint32_t>(dice_.between(1, 8));
    if (world_.stakers() > 0 && dice_.chance(650)) {
        ask_for_audits(message);
    }
    Task<Result<client::TxOutcome>> saying = say(*signer_, std::move(message));
    const Result<client::TxOutcome> done = co_await std::move(saying);
    world_.mark(done ? "a creator posted a job" : "a job was not posted");
}

// Nothing more has happened to it for a while: its workers are all barred, or away.
bool Creator::gives_up(const job::Job& job) {
    const std::uint64_t now_ms = world_.time().now_ms();
    const std::uint64_t far =
        std::uint64_t{job.fresh} + job.accepted + job.failed + job.in_review + job.active * 100ULL;
    auto& [last, since_ms] = moved_.try_emplace(job.id, far, now_ms).first->second;
    since_ms = last == far ? since_ms : now_ms;
    last = far;
    const bool healed = world_.closing() && now_ms >= world_.healed_at_ms() + closes_after_ms_;
    return healed || now_ms - since_ms > kPatienceMs;
}

Task<> Creator::look_after(job::Job job) {
    const bool cancelled = job.state == job::JobState::kCancelled;
    if (!cancelled && gives_up(job)) {
        Task<Result<client::TxOutcome>> saying = say(*signer_, job::MsgCancelJob{signer_->text(), job.id});
        world_.mark(co_await std::move(saying) ? "a creator cancelled" : "a cancellation failed");
        co_return;
    }
    const Result<std::vector<job::Task>> tasks = co_await chain_->tasks_of(job.id, 0);
    for (std::size_t i = 0; tasks && i < tasks->size(); ++i) {
        const job::Task& task = (*tasks)[i];
        if (task.state == job::TaskState::kReview) {
            Task<> judging = job.audit ? dispute_or_wait(job, task) : judge(job, task);
            co_await std::move(judging);
        } else if (task.state == job::TaskState::kFailed && !cancelled && dice_.chance(300)) {
            Task<Result<client::TxOutcome>> saying =
                say(*signer_, job::MsgRetryTask{signer_->text(), job.id, task.index});
            world_.mark(co_await std::move(saying) ? "a creator put a failed task up again" : "a retry failed");
        }
    }
    if (job.audit && !job.audit->tip.empty()) {
        Task<> revealing = reveal(job);
        co_await std::move(revealing);
    }
    if (!cancelled) {
        Task<> changing = change_mind(job);
        co_await std::move(changing);
    }
    if (dice_.chance(50)) {
        Task<> trying = try_what_is_forbidden(std::move(job));
        co_await std::move(trying);
    }
}

// A wrong result is mostly rejected, a right one now and then; many just wait for their window's end.
Task<> Creator::judge(job::Job job, job::Task result) {
    const bool right = result.digest == result_of(job.id, result.index);
    const std::uint64_t mood = dice_.between(0, 999);
    if (mood < (right ? 80U : 800U)) {
        Task<Result<client::TxOutcome>> saying =
            say(*signer_, job::MsgRejectTask{signer_->text(), job.id, result.index});
        const Result<client::TxOutcome> done = co_await std::move(saying);
        const bool no_more = !done && done.error().code == Code::kMayNotReject;
        world_.mark(done      ? "a creator rejected a result"
                    : no_more ? "a creator may reject no more"
                              : "a rejection failed");
    } else if (mood > 600) {
        const auto count = static_cast<std::uint32_t>(dice_.between(1, 5));
        Task<Result<client::TxOutcome>> saying =
            say(*signer_, job::MsgApproveTasks{signer_->text(), job.id, result.index, count});
        world_.mark(co_await std::move(saying) ? "a creator approved" : "an approval failed");
    }
}

Task<> Creator::change_mind(job::Job job) {
    const bool paused = job.state == job::JobState::kPaused;
    const std::uint64_t mood = dice_.between(0, 999);
    if (mood < (paused ? 400U : 20U)) {
        Task<Result<client::TxOutcome>> saying = say(*signer_, job::MsgPauseJob{signer_->text(), job.id, !paused});
        const Result<client::TxOutcome> done = co_await std::move(saying);
        world_.mark(!done ? "a pause failed" : paused ? "a creator resumed a job" : "a creator paused a job");
    } else if (mood > 990) {
        Task<Result<client::TxOutcome>> saying = say(*signer_, job::MsgCancelJob{signer_->text(), job.id});
        world_.mark(co_await std::move(saying) ? "a creator cancelled" : "a cancellation failed");
    }
}

// Another's job, a state in which it already is, a result that is not there, a task that did not fail.
Task<> Creator::try_what_is_forbidden(job::Job job) {
    const JobId other{job.id.value() > 1 ? job.id.value() - 1 : job.id.value() + 1};
    const Result<job::Job> before = co_await chain_->job(other);
    const bool mine = before && before->owner == signer_->address();
    bool taken = false;
    if (before && !mine) {
        Task<Result<client::TxOutcome>> saying = say(*signer_, job::MsgCancelJob{signer_->text(), other});
        taken = (co_await std::move(saying)).has_value();
    }
    Task<Result<client::TxOutcome>> approving =
        say(*signer_, job::MsgApproveTasks{signer_->text(), job.id, job.tasks, 1});  // tasks count from 0
    taken = (co_await std::move(approving)).has_value() || taken;
    world_.mark(taken ? "BROKEN: a creator did what is not allowed" : "a creator was refused what is not allowed");
}

}  // namespace sublet::sim
