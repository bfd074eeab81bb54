// job.hpp: a creator's job: many tasks of one kind, each with a price that is fixed before it starts.
// Deterministic. Spec: docs/spec/jobs.md.
//
// A task that nobody has claimed costs no record: `fresh` is the first of them.
#pragma once

#include "modules/audit/terms.hpp"
#include "modules/job/probe.hpp"

namespace sublet::job {

inline constexpr std::uint32_t kMaxTasks = 100'000;       // of a job
inline constexpr std::uint64_t kMaxJobsPerOwner = 1'000;  // kept ones included
inline constexpr std::uint32_t kMaxAtOnce = 256;          // claimed and not yet opened, of a job
inline constexpr std::uint64_t kMaxClaims = 64;           // the same, of a provider
inline constexpr std::uint64_t kNewcomerTasks = 5;        // accepted ones until which a provider has one claim (T19)
inline constexpr std::size_t kAbortsUntilRaise = 2;
inline constexpr std::size_t kMaxAborts = 4;       // then the task has failed: nobody does it for its pay
inline constexpr std::size_t kMaxTries = 3;        // on distinct owners
inline constexpr std::size_t kMaxRejections = 16;  // of a job, being given again
inline constexpr std::size_t kMaxBarred = 64;      // owners that a job bars; the oldest is forgotten
inline constexpr std::size_t kMaxKindBytes = 16;
inline constexpr std::uint64_t kMaxWindowMs = 604'800'000;  // seven days
// Creating a job pays for the messages of its workers, who then need no money of their own for them: four a task when
// all goes well.
inline constexpr std::uint64_t kMessagesPerTask = 8;
inline constexpr std::uint32_t kProbeMessagesAsTasks = 3;  // of a job that is probed, until its quote is taken
inline constexpr std::uint64_t kTaskMessageGas = 50'000;

// Probing: drawn providers find how much work its tasks are. Quoted: they have, and its creator has not confirmed.
enum class JobState : std::uint8_t { kOpen = 1, kPaused = 2, kCancelled = 3, kDone = 4, kProbing = 5, kQuoted = 6 };
bool valid(JobState state);
std::string_view to_name(JobState state);

struct Job {
    std::uint32_t version = 1;
    JobId id;
    Address owner;
    JobState state = JobState::kOpen;
    std::string kind;  // "batch", "blender": for workers, the ledger does not look at it
    Hash content{};    // what the tasks' input and command hash to
    std::uint32_t tasks = 0;
    Amount pay;  // of a task, ucredit; of a probed job the mean
    Amount
        pay_cap;   // time-outs raise a task's pay a quarter at a time, up to this (T19); of a probed job the dearest's
    Amount stake;  // the least that a claim stakes; a tenth of the pay if that is more
    Millis start_timeout;  // claim → start
    Millis task_timeout;   // start → commit, and commit → open
    Millis window;         // open → accepted, unless the creator approves or rejects before
    std::uint32_t at_once = 0;

    std::uint32_t fresh = 0;  // tasks from this number on were never claimed
    std::uint32_t waiting = 0, active = 0, in_review = 0, accepted = 0, failed = 0;  // of those before it
    bool may_reject = true;       // until a rejected result was given again by somebody else (T17)
    std::vector<Address> barred;  // owners whose claims timed out
    Amount deposited, paid, refunded;
    Amount bond;
    LedgerTime created_at;
    LedgerTime closes_at;  // every task is over and some failed: until then they may be put up again
    LedgerTime closed_at;
    std::uint64_t free_messages = 0;  // of workers, which the creator has paid for and nobody has sent yet

    // Of a job whose tasks are paid by their work (T18); empty of one with a price a task.
    std::string engine;                      // what tasks and probes run in: "blender-3.4-cpu"
    std::uint64_t price = 0;                 // nano-ucredit for each RWU
    Amount probe_pay;                        // for each prober
    std::vector<std::uint32_t> probe_tasks;  // rising
    std::vector<Probe> probes;               // of those that were drawn and not passed over
    std::vector<Address> passed_over;        // drawn and silent
    std::vector<std::uint64_t> work;         // of each probe task, mRWU, once there is a quote
    LedgerTime due;                          // of the next step of probing; of the quote's end
    std::uint64_t rate = 0;                  // of the slowest prober, mRWU a second on one core
    std::uint32_t cores = 0;                 // that a task has
    // What money is bound to: tasks in hand, results in their window, rejected ones; and what all others need.
    Amount bound, needed;
    // Of a job whose results are audited; nothing: its creator looks at them.
    std::optional<audit::Terms> audit;
    Amount audit_fund;           // what is left for auditors; part of `bound`
    std::uint32_t in_audit = 0;  // of the tasks before `fresh`

    static constexpr auto fields() {
        using codec::field;
        return codec::list(
            field(1, "version", &Job::version), field(2, "id", &Job::id), field(3, "owner", &Job::owner),
            field(4, "state", &Job::state), field(5, "kind", &Job::kind), field(6, "content", &Job::content),
            field(7, "tasks", &Job::tasks), field(8, "pay", &Job::pay), field(9, "pay_cap", &Job::pay_cap),
            field(10, "stake", &Job::stake), field(11, "start_timeout", &Job::start_timeout),
            field(12, "task_timeout", &Job::task_timeout), field(13, "window", &Job::window),
            field(14, "at_once", &Job::at_once), field(15, "fresh", &Job::fresh), field(16, "waiting", &Job::waiting),
            field(17, "active", &Job::active), field(18, "in_review", &Job::in_review),
            field(19, "accepted", &Job::accepted), field(20, "failed", &Job::failed),
            field(21, "may_reject", &Job::may_reject), field(22, "barred", &Job::barred),
            field(23, "deposited", &Job::deposited), field(24, "paid", &Job::paid),
            field(25, "refunded", &Job::refunded), field(26, "bond", &Job::bond),
            field(27, "created_at", &Job::created_at), field(28, "closes_at", &Job::closes_at),
            field(29, "closed_at", &Job::closed_at), field(30, "free_messages", &Job::free_messages),
            field(31, "engine", &Job::engine), field(32, "price", &Job::price), field(33, "probe_pay", &Job::probe_pay),
            field(34, "probe_tasks", &Job::probe_tasks), field(35, "probes", &Job::probes),
            field(36, "passed_over", &Job::passed_over), field(37, "work", &Job::work), field(38, "due", &Job::due),
            field(39, "bound", &Job::bound), field(40, "needed", &Job::needed), field(41, "rate", &Job::rate),
            field(42, "cores", &Job::cores), field(43, "audit", &Job::audit), field(44, "audit_fund", &Job::audit_fund),
            field(45, "in_audit", &Job::in_audit));
    }
};

Bytes job_prefix();
Bytes job_key(JobId id);
std::optional<Job> find_job(const ledger::View& view, JobId id);
void save(ledger::Ledger& ledger, const Job& job);
ledger::IndexEntries index_entries(const Job& job, const ledger::Params& params);
// deposited − paid − refunded.
Amount held(const Job& job);
// What the messages of the workers of so many tasks cost; of a job that is probed, those of its probers at first.
Amount price_of_messages(std::uint32_t tasks, const ledger::Params& params);
// Of a task before time-outs raise its pay, and the most that they raise it to.
Amount pay_of(const Job& job, std::uint32_t task);
Amount cap_of(const Job& job, std::uint32_t task);
// mRWU; zero: its creator named a price a task.
std::uint64_t predicted_work(const Job& job, std::uint32_t task);
// Every prober knows, and nobody has to fear to be copied.
bool all_committed(const Job& job);
// What is not bound to anything.
Amount free_money(const Job& job);
// The budget does not do for another task: nothing is given out until there is money again.
bool is_short(const Job& job);
// Somebody may claim one of its tasks.
bool has_work(const Job& job);

}  // namespace sublet::job
