// messages_results.hpp: what a creator says of results and of tasks that failed.
// Deterministic. Spec: docs/spec/jobs.md (results).
#pragma once

#include "ledger/message.hpp"
#include "modules/job/task.hpp"

namespace sublet::job {

using ledger::Block;
using ledger::FeeClass;
using ledger::Ledger;
using ledger::View;

inline constexpr std::uint32_t kMaxApproved = 256;

// Accepts the results among `count` tasks from `first` on that wait for it. Errors: kJobUnknown, kNotJobOwner,
// kOutOfRange, kNoTask (none of them waits).
struct MsgApproveTasks {
    static constexpr std::string_view kTypeUrl = "/sublet.job.v1.MsgApproveTasks";
    static constexpr std::uint64_t kGas = 200'000;
    static constexpr FeeClass kFeeClass = FeeClass::kPaid;
    std::string owner;
    JobId job;
    std::uint32_t first = 0;
    std::uint32_t count = 0;  // 1..kMaxApproved
    static constexpr auto fields() {
        using codec::field;
        return codec::list(field(1, "owner", &MsgApproveTasks::owner), field(2, "job", &MsgApproveTasks::job),
                           field(3, "first", &MsgApproveTasks::first), field(4, "count", &MsgApproveTasks::count));
    }
    [[nodiscard]] const std::string& signer() const { return owner; }
};
Result<> check_static(const MsgApproveTasks& message);
Result<> check_state(const MsgApproveTasks& message, const View& view, const Block& block);
void apply(const MsgApproveTasks& message, Ledger& ledger, const Block& block);

// Does not accept a result: another owner gives it once more, at the creator's cost (T17). Errors: kJobUnknown,
// kNotJobOwner, kJobClosed, kTaskUnknown, kWrongTaskState, kMayNotReject, kInsufficientFunds.
struct MsgRejectTask {
    static constexpr std::string_view kTypeUrl = "/sublet.job.v1.MsgRejectTask";
    static constexpr std::uint64_t kGas = 60'000;
    static constexpr FeeClass kFeeClass = FeeClass::kPaid;
    std::string owner;
    JobId job;
    std::uint32_t task = 0;
    static constexpr auto fields() {
        using codec::field;
        return codec::list(field(1, "owner", &MsgRejectTask::owner), field(2, "job", &MsgRejectTask::job),
                           field(3, "task", &MsgRejectTask::task));
    }
    [[nodiscard]] const std::string& signer() const { return owner; }
};
Result<> check_static(const MsgRejectTask& message);
Result<> check_state(const MsgRejectTask& message, const View& view, const Block& block);
void apply(const MsgRejectTask& message, Ledger& ledger, const Block& block);

// Puts up a task again that failed on three owners. Errors: kJobUnknown, kNotJobOwner, kJobClosed, kTaskUnknown,
// kWrongTaskState.
struct MsgRetryTask {
    static constexpr std::string_view kTypeUrl = "/sublet.job.v1.MsgRetryTask";
    static constexpr std::uint64_t kGas = 50'000;
    static constexpr FeeClass kFeeClass = FeeClass::kPaid;
    std::string owner;
    JobId job;
    std::uint32_t task = 0;
    static constexpr auto fields() {
        using codec::field;
        return codec::list(field(1, "owner", &MsgRetryTask::owner), field(2, "job", &MsgRetryTask::job),
                           field(3, "task", &MsgRetryTask::task));
    }
    [[nodiscard]] const std::string& signer() const { return owner; }
};
Result<> check_static(const MsgRetryTask& message);
Result<> check_state(const MsgRetryTask& message, const View& view, const Block& block);
void apply(const MsgRetryTask& message, Ledger& ledger, const Block& block);

// A result of an audited job is wrong, its creator says: three arbiters do it again under the pinned profile. The
// creator locks what they get; who is wrong pays it. Errors: kBadField, kOutOfRange, kJobUnknown, kNotJobOwner,
// kJobClosed, kTaskUnknown, kWrongTaskState, kMayNotReject (not audited, disputed before, or machines disagree about
// this job), kInsufficientFunds.
struct MsgDisputeTask {
    static constexpr std::string_view kTypeUrl = "/sublet.job.v1.MsgDisputeTask";
    static constexpr std::uint64_t kGas = 80'000;
    static constexpr FeeClass kFeeClass = FeeClass::kPaid;
    std::string owner;
    JobId job;
    std::uint32_t task = 0;
    std::vector<std::uint32_t> evidence;  // x, y, x, y …: at most 8 places, in pixels from the top left
    static constexpr auto fields() {
        using codec::field;
        return codec::list(field(1, "owner", &MsgDisputeTask::owner), field(2, "job", &MsgDisputeTask::job),
                           field(3, "task", &MsgDisputeTask::task), field(4, "evidence", &MsgDisputeTask::evidence));
    }
    [[nodiscard]] const std::string& signer() const { return owner; }
};
Result<> check_static(const MsgDisputeTask& message);
Result<> check_state(const MsgDisputeTask& message, const View& view, const Block& block);
void apply(const MsgDisputeTask& message, Ledger& ledger, const Block& block);

}  // namespace sublet::job
