// messages_creator.hpp: the messages of who has something to be computed.
// Deterministic. Spec: docs/spec/jobs.md.
#pragma once

#include "ledger/message.hpp"
#include "modules/job/task.hpp"

namespace sublet::job {

using ledger::Block;
using ledger::FeeClass;
using ledger::Ledger;
using ledger::View;

// A job with its money: tasks × pay_cap, the bond (T17), and what its workers' messages cost. Errors: kBadField,
// kOutOfRange, kTooManyJobs, kInsufficientFunds.
struct MsgCreateJob {
    static constexpr std::string_view kTypeUrl = "/sublet.job.v1.MsgCreateJob";
    static constexpr std::uint64_t kGas = 80'000;
    static constexpr FeeClass kFeeClass = FeeClass::kPaid;
    std::string owner;
    std::string kind;           // 1 to 16 of a–z, 0–9, -
    Bytes content;              // 32 bytes
    std::uint32_t tasks = 0;    // 1..kMaxTasks
    Amount pay;                 // of a task, at least 1
    Amount pay_cap;             // zero: pay
    Amount stake;               // the least of a claim; at most pay
    Millis start_timeout;       // 10 s to 1 h
    Millis task_timeout;        // 10 s to 24 h
    Millis window;              // 1 s to 7 days
    std::uint32_t at_once = 0;  // 1..kMaxAtOnce
    // A job that is paid by work (T18): drawn providers probe it, then MsgConfirmJob brings its money. Pay, pay_cap,
    // stake and budget are zero.
    std::string engine;                      // 1 to 32 of a–z, 0–9, - and .
    std::uint64_t price = 0;                 // nano-ucredit for each RWU, 1..kMaxPrice
    Amount probe_pay;                        // for each prober, at least 1
    std::vector<std::uint32_t> probe_tasks;  // 1 to kMaxProbeTasks, rising
    std::uint32_t cores = 0;                 // that a task has, 1..kMaxCores
    std::optional<audit::Terms> audit;       // nothing: the creator looks at results himself
    Amount budget;                           // of the others: pay_cap to tasks × pay_cap; zero: all that
    static constexpr auto fields() {
        using codec::field;
        return codec::list(
            field(1, "owner", &MsgCreateJob::owner), field(2, "kind", &MsgCreateJob::kind),
            codec::raw_field(3, "content", &MsgCreateJob::content), field(4, "tasks", &MsgCreateJob::tasks),
            field(5, "pay", &MsgCreateJob::pay), field(6, "pay_cap", &MsgCreateJob::pay_cap),
            field(7, "stake", &MsgCreateJob::stake), field(8, "start_timeout", &MsgCreateJob::start_timeout),
            field(9, "task_timeout", &MsgCreateJob::task_timeout), field(10, "window", &MsgCreateJob::window),
            field(11, "at_once", &MsgCreateJob::at_once), field(12, "engine", &MsgCreateJob::engine),
            field(13, "price", &MsgCreateJob::price), field(14, "probe_pay", &MsgCreateJob::probe_pay),
            field(15, "probe_tasks", &MsgCreateJob::probe_tasks), field(16, "budget", &MsgCreateJob::budget),
            field(17, "cores", &MsgCreateJob::cores), field(18, "audit", &MsgCreateJob::audit));
    }
    [[nodiscard]] const std::string& signer() const { return owner; }
};
Result<> check_static(const MsgCreateJob& message);
Result<> check_state(const MsgCreateJob& message, const View& view, const Block& block);
void apply(const MsgCreateJob& message, Ledger& ledger, const Block& block);

// No task is given out while it is paused; what runs goes on. Errors: kJobUnknown, kNotJobOwner, kJobClosed,
// kWrongJobState (it is so already).
struct MsgPauseJob {
    static constexpr std::string_view kTypeUrl = "/sublet.job.v1.MsgPauseJob";
    static constexpr std::uint64_t kGas = 30'000;
    static constexpr FeeClass kFeeClass = FeeClass::kPaid;
    std::string owner;
    JobId job;
    bool paused = false;  // false: resumes
    static constexpr auto fields() {
        using codec::field;
        return codec::list(field(1, "owner", &MsgPauseJob::owner), field(2, "job", &MsgPauseJob::job),
                           field(3, "paused", &MsgPauseJob::paused));
    }
    [[nodiscard]] const std::string& signer() const { return owner; }
};
Result<> check_static(const MsgPauseJob& message);
Result<> check_state(const MsgPauseJob& message, const View& view, const Block& block);
void apply(const MsgPauseJob& message, Ledger& ledger, const Block& block);

// Ends a job: attempts that run are paid half of their task (T17), results that are there are judged as ever, the rest
// of the money comes back when the last of them is. Errors: kJobUnknown, kNotJobOwner, kJobClosed.
struct MsgCancelJob {
    static constexpr std::string_view kTypeUrl = "/sublet.job.v1.MsgCancelJob";
    static constexpr std::uint64_t kGas = 150'000;
    static constexpr FeeClass kFeeClass = FeeClass::kPaid;
    std::string owner;
    JobId job;
    static constexpr auto fields() {
        using codec::field;
        return codec::list(field(1, "owner", &MsgCancelJob::owner), field(2, "job", &MsgCancelJob::job));
    }
    [[nodiscard]] const std::string& signer() const { return owner; }
};
Result<> check_static(const MsgCancelJob& message);
Result<> check_state(const MsgCancelJob& message, const View& view, const Block& block);
void apply(const MsgCancelJob& message, Ledger& ledger, const Block& block);

}  // namespace sublet::job
