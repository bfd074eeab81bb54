// msg_approve_tasks.cpp: a creator accepts results before their window is over.
// Deterministic. Spec: docs/spec/jobs.md (results).
#include "base/must.hpp"
#include "modules/job/life.hpp"
#include "modules/job/messages.hpp"

namespace sublet::job {
namespace {

std::vector<Task> in_review(const View& view, const MsgApproveTasks& message) {
    std::vector<Task> out;
    view.visit(task_prefix(message.job), task_key(message.job, message.first), [&](BytesView, BytesView value) {
        Task task = *codec::decode<Task>(value);
        if (task.index - message.first >= message.count) {
            return false;
        }
        if (task.state == TaskState::kReview) {
            out.push_back(std::move(task));
        }
        return true;
    });
    return out;
}

}  // namespace

Result<> check_static(const MsgApproveTasks& message) {
    TRY(owner, account::parse(message.owner, "owner"));
    (void)owner;
    if (message.count == 0 || message.count > kMaxApproved) {
        return fail(Code::kOutOfRange, "count: 1 to 256");
    }
    return {};
}

Result<> check_state(const MsgApproveTasks& message, const View& view, const Block& /*block*/) {
    TRY(job, require_job(view, message.owner, message.job));
    if (message.first >= job.tasks) {
        return fail(Code::kOutOfRange, "job " + std::to_string(job.id.value()) + " has " + std::to_string(job.tasks) +
                                           " tasks, the first is 0");
    }
    if (in_review(view, message).empty()) {
        return fail(Code::kNoTask, "none of these tasks waits for its creator");
    }
    return {};
}

void apply(const MsgApproveTasks& message, Ledger& ledger, const Block& block) {
    for (Task& task : in_review(ledger, message)) {
        Work work{must(find_job(ledger, message.job)), std::move(task)};
        --work.job.in_review;
        accept(ledger, work.job, work.task);
        save(ledger, work);
        ledger.emit(task_event("task_accepted", work.task));
    }
    close_if_done(ledger, message.job, block);
}

}  // namespace sublet::job
