// worker_redo.cpp: does a task again for an audit, as workers do it or crops of it alone.
// Spec: docs/spec/audits.md.
#include <fmt/format.h>

#include "agent/worker.hpp"

namespace sublet::agent {

bool Worker::has_image(JobId id, const std::string& image) {
    JobStanding& standing = standing_[id];
    if (!standing.image && !pulling_) {
        pulling_ = true;
        core_.tasks.spawn(fetch_image(id, image));
    }
    return standing.image;
}

Task<Result<Outcome>> Worker::redo(AttemptId id, KeptJob job, Redo how) {
    const bool session = job.package.session;
    const std::uint64_t until_ms = how.until_ms;
    Task<Ended> running =
        session ? run_in_session(id, std::move(job), std::move(how)) : run_container(id, std::move(job), until_ms);
    const Ended ended = co_await std::move(running);
    if (core_.stopping) {
        co_return fail(Code::kCancelled, "the agent stops");
    }
    if (ended.timed_out) {
        co_return fail(Code::kTimeout, "it takes longer than an auditor has");
    }
    if (!ended.trouble.empty() || ended.exit_code != 0) {
        const Result<Bytes> log = store_->log(id);
        co_return fail(
            Code::kEngine,
            fmt::format("{}{}", ended.trouble.empty() ? fmt::format("exit code {}", ended.exit_code) : ended.trouble,
                        log ? ": " + log->substr(log->size() - std::min<std::size_t>(log->size(), 400)) : ""));
    }
    co_return co_await pack_result(id);
}

}  // namespace sublet::agent
