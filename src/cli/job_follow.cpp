// job_follow.cpp: results of a job: fetched, checked, put in place, approved; how it stands.
#include "cli/job_follow.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <algorithm>
#include <fstream>

#include "cli/format.hpp"
#include "cli/place_result.hpp"
#include "jobs/archive.hpp"
#include "modules/job/messages.hpp"

namespace sublet::cli {
namespace {

namespace fs = std::filesystem;

constexpr std::uint64_t kTick_ms = 200;
constexpr std::uint64_t kSayEvery_ms = 1'000;
constexpr std::uint64_t kApproveEvery_ms = 3'000;
constexpr std::uint64_t kFetchAgain_ms = 3'000;
constexpr std::size_t kMaxFailureText = 400;

bool has_result(job::TaskState state) { return state == job::TaskState::kReview || state == job::TaskState::kAccepted; }

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
        out->swarm_.emplace(context, out->saved_, package.input->bytes, options.swarm);
    }
    TRY_OK(out->lock());
    TRY(fetched, fetched_tasks(out->saved_));
    out->fetched_ = std::move(fetched);
    out->chain_id_ = out->saved_.chain_id;
    std::error_code error;
    fs::create_directories(out->saved_.out, error);
    if (error) {
        return std::unexpected{io_error(out->saved_.out, error)};
    }
    return out;
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
        count_.fetched = static_cast<std::uint32_t>(fetched_.size());
        if (count_.elapsed_ms >= said_ms_ + kSayEvery_ms || said_ms_ == 0) {
            said_ms_ = count_.elapsed_ms + 1;
            progress.say(line());
        }
        const bool over = !job->closed_at.is_zero() || (job->closes_at.value() != 0 && to_approve_.empty());
        const bool all_here = count_.fetched >= job->accepted + job->in_review;
        const bool quiet = over || (options_.until_idle && to_approve_.empty());
        if (!going || (quiet && all_here)) {
            break;
        }
        co_await context_.clock->sleep(kTick_ms);
    }
    if (swarm_) {
        swarm_->stop();
    }
    co_await tasks_.all_ended();
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

std::string JobFollower::line() const {
    const job::Job& job = count_.job;
    std::string out = fmt::format("{} of {} done", job.accepted + job.in_review, job.tasks);
    out += job.active > 0 ? fmt::format(", {} running", job.active) : "";
    out += job.failed > 0 ? fmt::format(", {} failed", job.failed) : "";
    out += fmt::format(", {} fetched, {} spent", count_.fetched, credits(job.paid));
    const std::uint32_t done = job.accepted + job.in_review;
    if (done > 0 && done < job.tasks && count_.elapsed_ms > 0) {
        const std::uint64_t left_ms = count_.elapsed_ms * (job.tasks - done) / done;
        out += ", about " + duration(Millis{left_ms / 1'000 * 1'000}) + " left";
    }
    if (job.active == 0 && done < job.tasks && job.state == job::JobState::kOpen) {
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
            const bool wanted = has_result(task.state) && !is_here(task);
            if (wanted && next_fetch_ms_[task.index] <= context_.clock->monotonic_ms()) {
                const Result<> done = co_await fetch(task);
                if (!done && done.error().code == Code::kIo && done.error().message.starts_with("cannot write")) {
                    co_return done;
                }
                if (!done) {
                    progress.note(fmt::format("task {}: {}", task.index, done.error().message));
                    next_fetch_ms_[task.index] = context_.clock->monotonic_ms() + kFetchAgain_ms;
                }
            }
            const bool cancelled = count_.job.state == job::JobState::kCancelled;  // then it was stopped, not failed
            if (!cancelled && task.state == job::TaskState::kFailed && !count_.failed.contains(task.index)) {
                co_await note_failure(task, progress);
            }
            if (task.state == job::TaskState::kReview && is_here(task)) {
                to_approve_.insert(task.index);
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

// Everybody's result is read from the worker that the ledger names, and is what the ledger says or nothing.
net::Task<Result<>> JobFollower::fetch(job::Task task) {
    const fs::path archive = saved_.folder / fmt::format("result-{}.tar", task.index);
    net::Task<Result<>> fetching = fetch_into(task, archive);
    Result<> done = co_await std::move(fetching);
    if (done) {
        done = place(task, archive);
    }
    std::error_code ignored;
    fs::remove(archive, ignored);
    co_return done;
}

bool JobFollower::is_here(const job::Task& task) const {
    const auto found = fetched_.find(task.index);
    return found != fetched_.end() && found->second.attempt == task.attempt;
}

// What an earlier attempt left, which was rejected, is replaced.
Result<> JobFollower::place(const job::Task& task, const fs::path& archive) {
    const auto before = fetched_.find(task.index);
    Placing placing{.out = saved_.out, .task = task.index, .max_bytes = package_.output_max_bytes};
    if (before != fetched_.end()) {
        placing.replaces = before->second.apart ? Placing::Replaces::kApart : Placing::Replaces::kInPlace;
    }
    if (saved_.still) {
        placing.out /= jobs::part_folder(*saved_.still, task.index);
        placing.replaces = Placing::Replaces::kFolder;
    }
    TRY(placed, place_result(archive, placing));
    if (saved_.still) {
        TRY_OK(jobs::check_part(placing.out));
    }
    std::vector<std::string>& files = count_.seen[task.index].files;
    files.clear();
    for (const fs::path& each : placed.files) {
        files.push_back(fs::relative(placing.out / each, saved_.out).string());
    }
    const Fetched fetched{task.attempt, placed.apart};
    TRY_OK(note_fetched(saved_, task.index, fetched));
    fetched_[task.index] = fetched;
    return {};
}

// Sample ranges that are missing make a noisier image, missing tiles none.
Result<> JobFollower::merge(Progress& progress) {
    std::map<std::uint32_t, fs::path> parts;
    for (const auto& [task, fetched] : fetched_) {
        parts[task] = saved_.out / jobs::part_folder(*saved_.still, task) / jobs::kPartFile;
    }
    const bool all = parts.size() == saved_.still->parts();
    if (parts.empty() || (!all && saved_.still->by == jobs::SplitBy::kTiles)) {
        return {};
    }
    progress.say(fmt::format("putting {} parts together", parts.size()));
    const fs::path image = saved_.out / jobs::image_file(*saved_.still);
    TRY(merged, jobs::merge_still(*saved_.still, parts, image));
    if (!all) {
        progress.note(fmt::format("{} of {} parts are here: the image has {} of {} samples a pixel", merged.parts,
                                  saved_.still->parts(), merged.samples, saved_.still->samples));
    }
    count_.image = image.string();
    return {};
}

net::Task<Result<>> JobFollower::fetch_into(job::Task task, fs::path archive) {
    Result<std::shared_ptr<Worker>> worker = co_await worker_of(task.worker);
    if (!worker) {
        co_return std::unexpected{worker.error()};
    }
    std::ofstream out{archive, std::ios::binary | std::ios::trunc};
    std::uint64_t offset = 0;
    while (true) {
        Result<Bytes> piece = co_await (*worker)->client->result(saved_.id, task.index, task.attempt, offset);
        if (!piece) {
            co_return std::unexpected{piece.error()};
        }
        if (piece->empty()) {
            break;
        }
        out << *piece;
        offset += piece->size();
        if (offset > 2 * package_.output_max_bytes + (1U << 20U)) {
            co_return fail(Code::kTooLarge, "its worker sends more than a result may have");
        }
    }
    out.close();
    if (!out) {
        co_return fail(Code::kIo, "cannot write " + archive.string());
    }
    Result<Hash> digest = jobs::file_sha256(archive);
    if (!digest || *digest != task.digest) {
        co_return fail(Code::kConflict,
                       "what its worker sends is not the result that it committed to; "
                       "`sublet job reject` has it done again");
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
