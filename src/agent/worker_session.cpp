// worker_session.cpp: a container that serves many tasks of a job: what it loads, it loads once.
// Spec: docs/spec/worker.md (sessions).
#include <algorithm>
#include <fstream>
#include <functional>

#include <fmt/format.h>

#include "agent/job_files.hpp"
#include "agent/worker.hpp"
#include "jobs/session.hpp"
#include "net/log.hpp"

namespace sublet::agent {
namespace {

namespace fs = std::filesystem;

constexpr std::uint64_t kFirstGlance_ms = 10;  // then a hundredth of the time that the task takes
constexpr std::uint64_t kSlowestGlance_ms = 100;

// Whole or not there, for the program that waits for it.
Result<> hand_over(const fs::path& file, const std::string& text) {
    std::ofstream out{file.string() + ".new", std::ios::trunc};
    out << text;
    out.close();
    std::error_code error;
    fs::rename(file.string() + ".new", file, error);
    return out && !error ? Result<>{} : fail(Code::kIo, "cannot write " + file.string());
}

// "[[x,y,width,height],…]"
std::string crops_text(const std::vector<jobs::Crop>& crops) {
    std::string out;
    for (const jobs::Crop& each : crops) {
        out += fmt::format("{}[{},{},{},{}]", out.empty() ? "[" : ",", each.x, each.y, each.width, each.height);
    }
    return out + "]";
}

}  // namespace

fs::path Worker::left_by(const Session& session, std::uint32_t task) {
    return session.folder / "out" / std::to_string(task);
}

Result<fs::path> Worker::begin_turn(Session& session, const jobs::Package& package, std::uint32_t task,
                                    const TurnWords& words) {
    session.turn += 1;
    const fs::path left = left_by(session, task);
    for (const char* each : {"", ".done", ".log", ".share"}) {  // of an earlier attempt
        TRY_OK(remove_tree(left.string() + each));
    }
    const fs::path file = session.folder / "todo" / std::to_string(session.turn);
    std::string third = words.share ? fmt::format(" {}", *words.share) : "";
    if (!words.crops.empty()) {
        third = " crops";
        TRY_OK(hand_over(file.string() + ".crops", crops_text(words.crops)));  // there before it is asked for
    }
    TRY_OK(hand_over(file, fmt::format("{} {}{}\n", task, jobs::task_value(package, task), third)));
    return left;
}

// Says which task is next: a file todo/TURN with its index and its $TASK. The program leaves its results in out/INDEX,
// may write out/INDEX.log, and says that it is done with a file out/INDEX.done that holds its exit code.
Task<Worker::Ended> Worker::run_in_session(AttemptId id, KeptJob job, Redo how) {
    Task<Result<std::shared_ptr<Session>>> finding = free_session(job, how.profile);
    Result<std::shared_ptr<Session>> found = co_await std::move(finding);
    Ended out;
    if (!found) {
        out.trouble = found.error().message;
        co_return out;
    }
    const std::shared_ptr<Session>& session = *found;
    const Result<fs::path> turn = begin_turn(*session, job.package, id.task, {std::nullopt, how.crops});
    const fs::path left = left_by(*session, id.task);
    if (!turn) {
        out.trouble = turn.error().message;
    } else {
        Task<Ended> waiting = wait_for_turn(id, session, {how.until_ms, job.package.output_max_bytes});
        out = co_await std::move(waiting);
    }
    if (core_.stopping) {
        co_return out;
    }
    const Result<> taken = store_->take_over(id, left);
    out.trouble = taken ? out.trouble : taken.error().message;
    static_cast<void>(store_->put_log(id, left_file(left.string() + ".log", kMaxTaskLogBytes).value_or(Bytes{})));
    if (!out.trouble.empty() || out.timed_out) {
        co_await keep_log(id, session->container);
        co_await end_session(session);
    } else {
        session->busy = false;
        session->idle_since_ms = core_.parts.clock.monotonic_ms();
    }
    co_return out;
}

Task<Result<std::shared_ptr<Worker::Session>>> Worker::free_session(KeptJob job, std::string profile) {
    for (const std::shared_ptr<Session>& each : sessions_) {
        if (each->job == job.id && each->profile == profile && !each->busy) {
            each->busy = true;
            co_return each;
        }
    }
    auto session = std::make_shared<Session>();
    session->job = job.id;
    session->profile = profile;
    session->number = next_session_++;
    CO_TRY(folder, store_->new_session(job.id, session->number));
    session->folder = folder;
    runtime::ContainerSpec spec =
        job_container(job, *store_, fmt::format("job-{}-session-{}", job.id.value(), session->number));
    spec.host_mounts.push_back({folder / "todo", "/task/todo", true});
    spec.host_mounts.push_back({folder / "out", "/task/out", false});
    sessions_.push_back(session);
    runtime::Runtime& engine = *core_.parts.job_runtime;
    Task<Result<std::string>> creating = engine.create(std::move(spec));
    const Result<std::string> made = co_await std::move(creating);
    const Result<> started = made ? co_await engine.start(*made) : Result<>{std::unexpected{made.error()}};
    session->container = made ? *made : "";
    if (!started) {
        co_await end_session(session);
        co_return std::unexpected{started.error()};
    }
    co_return session;
}

Task<Worker::Ended> Worker::wait_for_turn(AttemptId id, std::shared_ptr<Session> session, Bounds bounds) {
    net::Clock& clock = core_.parts.clock;
    const fs::path done = session->folder / "out" / (std::to_string(id.task) + ".done");
    const std::uint64_t begun_ms = clock.monotonic_ms();
    std::uint64_t asked_ms = begun_ms;
    Measured measured{.output_ms = begun_ms, .scratch_ms = begun_ms, .full = nearly_full(session->folder)};
    Ended out;
    while (!core_.stopping) {
        const std::uint64_t now_ms = clock.monotonic_ms();
        if (const std::optional<Bytes> code = left_file(done, jobs::kMaxExitCodeText)) {
            const Result<int> read = jobs::parse_exit_code(*code);
            out.exit_code = read.value_or(0);
            out.trouble = read ? "" : read.error().message;
            break;
        }
        if (now_ms >= bounds.until_ms || store_->find(id.job) == nullptr) {
            out.timed_out = true;
            break;
        }
        fs::path left = session->folder / "out";
        std::string which = session->container;
        Task<std::string> looking = too_much(std::move(left), std::move(which), bounds, measured);
        out.trouble = co_await std::move(looking);
        if (!out.trouble.empty()) {
            break;
        }
        if (now_ms - asked_ms >= kMeasureEvery_ms) {
            asked_ms = now_ms;
            const Result<runtime::ContainerState> state = co_await core_.parts.job_runtime->inspect(session->container);
            if (state) {
                measured.know(*state);
            }
            if (!state && state.error().code == Code::kNotFound) {
                out.trouble = "its container was removed by somebody else";
                break;
            }
            if (state && state->phase == runtime::Phase::kExited && !left_file(done, jobs::kMaxExitCodeText)) {
                out.trouble =
                    state->out_of_memory
                        ? "it ran out of memory"
                        : fmt::format("the program ended with exit code {} before the task was done", state->exit_code);
                break;
            }
        }
        co_await clock.sleep(std::clamp((now_ms - begun_ms) / 100, kFirstGlance_ms, kSlowestGlance_ms));
    }
    co_return out;
}

Task<> Worker::end_session(std::shared_ptr<Session> session) {
    std::erase(sessions_, session);
    if (!session->container.empty()) {
        const Result<> removed = co_await core_.parts.job_runtime->remove(session->container);
        if (!removed) {
            net::log(net::LogLevel::kWarning, "worker", removed.error().message);
        }
    }
    static_cast<void>(store_->drop_session(session->job, session->number));
}

// To start Blender anew costs more than the crops of a frame: what audits stays for the next turn, which comes seldom.
Task<> Worker::end_idle_sessions() {
    const std::uint64_t now_ms = core_.parts.clock.monotonic_ms();
    std::vector<std::shared_ptr<Session>> idle = sessions_;
    std::erase_if(idle, [](const std::shared_ptr<Session>& each) { return each->busy; });
    std::ranges::sort(idle, std::greater{}, [](const std::shared_ptr<Session>& each) { return each->idle_since_ms; });
    std::size_t audits = 0;
    for (const std::shared_ptr<Session>& each : idle) {
        const bool of_audits = !each->profile.empty();
        audits += of_audits ? 1U : 0U;
        const std::uint64_t most_ms = of_audits && audits <= kMaxIdleAudits ? kAuditIdle_ms : kSessionIdle_ms;
        if (now_ms - each->idle_since_ms >= most_ms || store_->find(each->job) == nullptr) {
            each->busy = true;  // nobody takes it any more
            co_await end_session(each);
        }
    }
}

}  // namespace sublet::agent
