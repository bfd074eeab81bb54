// life.hpp: the steps of a task's life that messages and timers share. Each changes job and task in place and moves the
// money; the caller saves both, and then asks close_if_done.
// Deterministic. Spec: docs/spec/jobs.md.
#pragma once

#include "ledger/message.hpp"
#include "modules/audit/process.hpp"
#include "modules/job/task.hpp"

namespace sublet::job {

using ledger::Block;
using ledger::Ledger;
using ledger::View;

struct Work {
    Job job;
    Task task;
};

// Who may act; each answers the record or the code that its message documents.
Result<Job> require_job(const View& view, std::string_view owner, JobId id);  // not closed
Result<Work> require_task(const View& view, std::string_view owner, JobId id, std::uint32_t index, TaskState state);
struct AttemptOf {
    std::string_view operator_address;
    JobId job;
    std::uint32_t task = 0;
    std::uint32_t attempt = 0;
};
// The attempt that this operator's provider has in hand, in one of these states.
Result<Work> require_attempt(const View& view, const AttemptOf& whose, std::initializer_list<TaskState> states);

struct Drawn {
    Job job;
    Probe probe;
};
// This operator's provider probes the job and has not shown what it found.
Result<Drawn> require_probe(const View& view, std::string_view operator_address, JobId id);

// What a claim of that pay stakes (T19).
Amount stake_of(const Job& job, Amount pay);
// The task that this worker would get now: one that waits and that it has not tried, else one that is fresh.
std::optional<Task> pick(const View& view, const Job& job, const Address& worker);
std::uint64_t claims_of(const View& view, const Address& worker, std::uint64_t most);

// From what the job holds, which must do for it; the caller says what for.
void pay_out(Ledger& ledger, Job& job, const Address& worker, Amount amount);

// Money that a task will need, needs no more, or that is bound to it from now on.
void need(Job& job, std::uint32_t task);
void need_no_more(Job& job, std::uint32_t task);
void bind(Job& job, std::uint32_t task);
void let_go(Job& job, std::uint32_t task);
// No more claims of this job for that worker.
void bar(Job& job, const Address& worker);

void give_back_stake(Ledger& ledger, Task& task);
// An attempt ends without a result, by its worker's word or because it was not opened: that was one of three tries.
void end_try(Ledger& ledger, Job& job, Task& task);
// The creator cancelled: half of the pay if it runs (T17), nothing if it has not begun.
void end_for_creator(Ledger& ledger, Job& job, Task& task);
// A task that nobody has in hand waits for another owner; where none may come, it is over: accepted with the result
// that was rejected if there is one, else failed.
void put_up_again(Ledger& ledger, Job& job, Task& task);
// It timed out: the stake is burnt, the owner barred, the pay raised, and no try is counted (T19).
void time_out(Ledger& ledger, Job& job, Task& task);
// It takes far longer than was predicted: no try is counted; the second one raises the pay (T18).
void abort_attempt(Ledger& ledger, Job& job, Task& task);
// The result counts: it is paid; so is the same one that was rejected before (T17).
void accept(Ledger& ledger, Job& job, Task& task);
void save(Ledger& ledger, const Work& work);
// Nothing is left to be done or judged: the rest of the money goes back. With failed tasks the creator has the window
// to put them up again.
void close_if_done(Ledger& ledger, JobId id, const Block& block);
void close(Ledger& ledger, Job job, const Block& block);

ledger::Event job_event(std::string_view fact, const Job& job);
ledger::Event task_event(std::string_view fact, const Task& task);

// A step of probing: draws, settles, or gives up.
void go_on_probing(Ledger& ledger, Job job, const Block& block);
// The creator cancels meanwhile: who has committed is paid, who has not gets half.
void end_probing(Ledger& ledger, Job& job);
// It is due: who is silent is passed over.
void on_probe_due(Ledger& ledger, Job job, const Block& block);

// ---- results that are audited (docs/spec/audits.md) ----

// What is set aside for audits beside so much for tasks; nothing where nobody audits.
Amount audit_fund(const std::optional<audit::Terms>& terms, Amount for_tasks);
// Money that was locked for audits.
void add_to_fund(Job& job, Amount amount);
struct Dispute {
    bool forced = false;    // drawn whatever the dice say
    bool disputed = false;  // straight to arbiters
    std::vector<std::uint32_t> evidence;
};
// A result that was shown, or is looked at once more: its task is in audit from now on.
void begin_audit(Ledger& ledger, Work& work, const Dispute& how, const Block& block);
// What follows from audits that are over. Returns how many.
std::size_t settle_audits(Ledger& ledger, const Block& block, std::size_t budget);
// Another result of this worker was found wrong since this one was shown: it is looked at now.
bool is_suspect(const View& view, const Work& work);

// What falls due at block.now: time-outs, windows, closing, archiving. Returns how many records were handled.
std::size_t run_timers(Ledger& ledger, const Block& block, std::size_t budget);

}  // namespace sublet::job
