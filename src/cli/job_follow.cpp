// job_follow.cpp: a job while it goes on: what became of its tasks, approvals, how it stands.
#include "cli/job_follow.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <algorithm>

#include "cli/format.hpp"
#include "modules/job/messages.hpp"

namespace sublet::cli {
namespace {

namespace fs = std::filesystem;

constexpr std::uint64_t kTick_ms = 200;
constexpr std::uint64_t kSayEvery_ms = 1'000;
constexpr std::uint64_t kApproveEvery_ms = 3'000;
constexpr std::uint64_t kFetchAgain_ms = 3'000;
constexpr std::uint64_t kReportEvery_ms = 3'000;
constexpr std::size_t kMaxFailureText = 400;

bool has_result(job::TaskState state) {
    return state == job::TaskState::kReview || state == job::TaskState::kAccepted || state == job::TaskState::kAudit;
}

Error io_error(const fs::path& file, const std::error_code& why) {
    return {Code::kIo, "cannot write " + file.string() + ": " + why.message()};
}

}  // namespace

Result<std::unique_ptr<JobFollower>> JobFollower::make(Context& context, SavedJob saved, FollowOptions options) {
    std::unique_ptr<JobFollower> out{new JobFollower{context, std::move(saved), options}};
    TRY(chain, context.chain());
    out->chain_ = chain;
    TRY(signer, context.signer());
    out->signer_ = std::move(signer);
    TRY(package, jobs::package_from_json(out->saved_.package));
    out->package_ = package;
    if (package.input) {
        out->swarm_.emplace(context, out->saved_, ContentName{out->signer_->address(), *package.input}, options.swarm);
    }
    TRY_OK(out->lock());
    TRY(fetched, fetched_tasks(out->saved_));
    out->fetched_ = std::move(fetched);
    out->name_fetched();
    out->chain_id_ = out->saved_.chain_id;
    std::error_code error;
    fs::create_directories(out->saved_.out, error);
    if (error) {
        return std::unexpected{io_error(out->saved_.out, error)};
    }
    return out;
}

// What an earlier run fetched is shown too; of other jobs the names of files are not kept.
void JobFollower::name_fetched() {
    const std::string_view ending = saved_.frames ? jobs::frame_ending(saved_.frames->format) : "";
    if (saved_.still || ending.empty()) {
        return;
    }
    for (const auto& [task, fetched] : fetched_) {
        const std::string name =
            jobs::frame_text(package_.first + std::int64_t{task} * package_.step) + std::string{ending};
        count_.seen[task].files = {fetched.apart ? fmt::format("task-{}/{}", task, name) : name};
    }
}

JobFollower::~JobFollower() {
    if (lock_ >= 0) {
        ::close(lock_);
    }
}

// One client for a job: two would fetch everything twice.
Result<> JobFollower::lock() {
    const fs::path file = saved_.folder / "lock";
    lock_ = ::open(file.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (lock_ < 0) {
        return fail(Code::kIo, "cannot open " + file.string());
    }
    if (::flock(lock_, LOCK_EX | LOCK_NB) != 0) {
        return fail(Code::kConflict,
                    fmt::format("job {} is followed already, by another sublet on this machine", saved_.id.value()));
    }
    return {};
}

Result<JobCount> JobFollower::run(Progress& progress) { return context_.wait(follow(progress)); }

net::Task<Result<JobCount>> JobFollower::follow(Progress& progress) {
    const std::uint64_t begun_ms = context_.clock->monotonic_ms();
    Result<> going = Result<>{};
    while (going) {
        Result<job::Job> job = co_await chain_->job(saved_.id);
        if (!job) {
            going = std::unexpected{job.error()};
            break;
        }
        count_.job = *job;
        count_.elapsed_ms = context_.clock->monotonic_ms() - begun_ms;
        if (options_.seed && job->closed_at.is_zero()) {
            going = co_await look_at_workers();
        }
        if (going) {
            going = co_await look_at_tasks(progress);
        }
        if (going) {
            going = co_await approve();
        }
        if (going) {
            going = co_await reveal();
        }
        count_.fetched = static_cast<std::uint32_t>(fetched_.size());
        if (count_.elapsed_ms >= said_ms_ + kSayEvery_ms || said_ms_ == 0) {
            said_ms_ = count_.elapsed_ms + 1;
            progress.say(line());
        }
        if (going) {
            going = report();
        }
        const bool over = !job->closed_at.is_zero() || (job->closes_at.value() != 0 && to_approve_.empty());
        const bool all_here = count_.fetched + count_.refused.size() >= job->accepted + job->in_review;
        const bool quiet = over || (options_.until_idle && to_approve_.empty()) || only_refused_left();
        if (!going || (quiet && all_here)) {
            break;
        }
        co_await context_.clock->sleep(kTick_ms);
    }
    co_await end_sending();
    count_.going.reset();
    if (!going) {
        co_return std::unexpected{going.error()};
    }
    if (swarm_) {
        count_.sent_bytes += swarm_->uploaded();
        if (!count_.job.closed_at.is_zero()) {
            swarm_->forget();
        }
    }
    if (saved_.still) {
        CO_TRY_OK(merge(progress));
    }
    co_return count_;
}

// Nobody waits for a worker that takes for ever.
net::Task<> JobFollower::end_sending() {
    ending_ = true;
    if (swarm_) {
        swarm_->stop();
    }
    co_await tasks_.all_ended();
}

Result<JobCount> JobFollower::run_until_quoted(Progress& progress) { return context_.wait(follow_probing(progress)); }

net::Task<Result<JobCount>> JobFollower::follow_probing(Progress& progress) {
    Result<> going = Result<>{};
    while (going) {
        Result<job::Job> job = co_await chain_->job(saved_.id);
        if (!job) {
            going = std::unexpected{job.error()};
            break;
        }
        count_.job = *job;
        if (job->state != job::JobState::kProbing) {
            break;
        }
        if (!job->probes.empty()) {
            going = co_await look_at_workers();
        }
        co_await ask_probers(*job);
        const auto committed =
            std::ranges::count_if(job->probes, [](const job::Probe& each) { return each.commitment != Hash{}; });
        progress.say(fmt::format("{} of {} drawn providers know its work{}", committed, job->probes.size(),
                                 count_.trouble.empty() ? "" : "; " + count_.trouble));
        co_await context_.clock->sleep(kTick_ms);
    }
    co_await end_sending();
    if (!going) {
        co_return std::unexpected{going.error()};
    }
    co_return count_;
}

void JobFollower::note_seen(const job::Task& task) {
    SeenTask& seen = count_.seen[task.index];
    if (seen.attempt != task.attempt) {
        seen.attempt = task.attempt;
        seen.worker = task.worker;
        seen.began_ms = count_.elapsed_ms;
        seen.ended_ms = 0;
    }
    seen.pay = task.pay;
    const bool running = task.state == job::TaskState::kClaimed || task.state == job::TaskState::kRunning;
    if (!running && seen.ended_ms == 0) {
        seen.ended_ms = count_.elapsed_ms;
    }
}

// Whole seconds, as if the rest went like what is done.
std::optional<Millis> JobFollower::time_left() const {
    const job::Job& job = count_.job;
    const std::uint32_t done = job.accepted + job.in_review;
    if (done == 0 || done >= job.tasks || count_.elapsed_ms == 0) {
        return std::nullopt;
    }
    return Millis{count_.elapsed_ms * (job.tasks - done) / done / 1'000 * 1'000};
}

// Nobody but the creator can go on then: what he says is said with other verbs.
bool JobFollower::only_refused_left() const {
    const job::Job& job = count_.job;
    return !count_.refused.empty() && job.active == 0 && to_approve_.empty() &&
           job.in_review <= count_.refused.size() && job.accepted + job.in_review + job.failed >= job.tasks;
}

// The page while the job goes on, which is bounded; report.json, which is not, comes at the end, and the last page is
// written by who made all that is in it.
Result<> JobFollower::report() {
    if (!options_.report || (reported_ms_ != 0 && count_.elapsed_ms < reported_ms_ + kReportEvery_ms)) {
        return {};
    }
    reported_ms_ = count_.elapsed_ms + 1;
    count_.going = GoingOn{count_.elapsed_ms, time_left()};
    return context_.files->write(saved_.out / "report.html",
                                 report_html(count_.job, package_, count_.seen, report_extras(count_)), 0644);
}

std::string JobFollower::line() const {
    const job::Job& job = count_.job;
    std::string out = fmt::format("{} of {} done", job.accepted + job.in_review, job.tasks);
    out += job.active > 0 ? fmt::format(", {} running", job.active) : "";
    out += job.failed > 0 ? fmt::format(", {} failed", job.failed) : "";
    out += count_.refused.empty() ? "" : fmt::format(", {} not as asked", count_.refused.size());
    out += fmt::format(", {} fetched, {} spent", count_.fetched, credits(job.paid));
    out += count_.keepers == 0 ? ""
                               : fmt::format(", {} provider{} it: you may leave", count_.keepers,
                                             count_.keepers == 1 ? " keeps" : "s keep");
    const std::uint32_t done = job.accepted + job.in_review;
    if (const std::optional<Millis> left = time_left()) {
        out += ", about " + duration(*left) + " left";
    }
    if (job.state == job::JobState::kOpen && job::is_short(job)) {
        out += fmt::format("; its budget is used up: `sublet job fund {} CREDITS` goes on", job.id.value());
    } else if (job.state == job::JobState::kQuoted) {
        out += fmt::format("; its quote waits: `sublet job confirm {}`", job.id.value());
    } else if (job.active == 0 && done < job.tasks && job.state == job::JobState::kOpen) {
        const auto troubled =
            std::ranges::find_if(workers_, [](const auto& each) { return !each.second->trouble.empty(); });
        out += workers_.empty() ? "; no provider takes tasks yet"
                                : (troubled == workers_.end() ? "" : "; " + troubled->second->trouble);
    }
    return out;
}

net::Task<Result<>> JobFollower::look_at_tasks(Progress& progress) {
    std::uint32_t from = settled_below_;
    bool all_settled = true;
    while (from < count_.job.fresh) {
        Result<std::vector<job::Task>> tasks = co_await chain_->tasks_of(saved_.id, from);
        if (!tasks) {
            co_return std::unexpected{tasks.error()};
        }
        for (const job::Task& task : *tasks) {
            note_seen(task);
            const bool wanted = has_result(task.state) && !is_here(task) && !is_refused(task);
            if (wanted && next_fetch_ms_[task.index] <= context_.clock->monotonic_ms()) {
                const Result<> done = co_await fetch(task);
                if (!done && done.error().code == Code::kIo && done.error().message.starts_with("cannot write")) {
                    co_return done;
                }
                if (!done) {
                    progress.note(is_refused(task) ? refused_text(task.index)
                                                   : fmt::format("task {}: {}", task.index, done.error().message));
                    next_fetch_ms_[task.index] = context_.clock->monotonic_ms() + kFetchAgain_ms;
                }
            }
            const bool cancelled = count_.job.state == job::JobState::kCancelled;  // then it was stopped, not failed
            if (!cancelled && task.state == job::TaskState::kFailed && !count_.failed.contains(task.index)) {
                co_await note_failure(task, progress);
            }
            if (task.state == job::TaskState::kReview && is_here(task)) {
                co_await consider_approving(task, progress);
            }
            if (task.state == job::TaskState::kAudit) {
                audits_.waiting.insert({saved_.id, task.index, task.attempt});
            }
            const bool settled = task.state == job::TaskState::kAccepted && is_here(task);
            all_settled = all_settled && settled;
            settled_below_ = all_settled ? task.index + 1 : settled_below_;
            from = task.index + 1;
        }
        if (tasks->empty()) {
            break;
        }
    }
    co_return Result<>{};
}

net::Task<> JobFollower::note_failure(job::Task task, Progress& progress) {
    Result<std::shared_ptr<Worker>> worker = co_await worker_of(task.worker);
    std::string text = "its worker does not answer";
    if (worker) {
        Result<Bytes> log = co_await (*worker)->client->task_log(saved_.id, task.index, task.attempt);
        text = log ? *log : log.error().message;
    }
    text = text.substr(text.size() > kMaxFailureText ? text.size() - kMaxFailureText : 0);
    progress.note(
        fmt::format("task {} failed on {} workers; the last one printed: {}", task.index, task.tried.size(), text));
    count_.failed[task.index] = std::move(text);
}

// Runs of results that are here: an approval takes every result in its range.
net::Task<Result<>> JobFollower::approve() {
    const std::uint64_t now_ms = context_.clock->monotonic_ms();
    const bool last = count_.job.accepted + count_.job.failed + to_approve_.size() >= count_.job.tasks;
    if (!options_.approve || to_approve_.empty() || (!last && now_ms - approved_ms_ < kApproveEvery_ms)) {
        co_return Result<>{};
    }
    approved_ms_ = now_ms;
    std::vector<client::TxMessage> messages;
    for (auto at = to_approve_.begin(); at != to_approve_.end() && messages.size() < 8;) {
        job::MsgApproveTasks message{signer_->text(), saved_.id, *at, 0};
        while (at != to_approve_.end() && *at == message.first + message.count && message.count < job::kMaxApproved) {
            ++message.count;
            at = to_approve_.erase(at);
        }
        messages.push_back(client::pack(message));
    }
    net::Task<Result<client::TxOutcome>> sending = chain_->submit(*signer_, std::move(messages));
    const Result<client::TxOutcome> sent = co_await std::move(sending);
    const bool window_was_over = !sent && sent.error().code == Code::kNoTask;
    if (!sent && !window_was_over && sent.error().code != Code::kTimeout && sent.error().code != Code::kIo) {
        co_return std::unexpected{sent.error()};
    }
    co_return Result<>{};  // what was not approved is seen again with the next look
}

}  // namespace sublet::cli
