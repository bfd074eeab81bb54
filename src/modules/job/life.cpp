// life.cpp: claims, tries, results and their money.
// Deterministic. Spec: docs/spec/jobs.md.
#include "modules/job/life.hpp"

#include <algorithm>

#include "base/must.hpp"
#include "modules/job/keys.hpp"

namespace sublet::job {
namespace {

constexpr std::size_t kMaxLookedAt = 64;  // waiting tasks that a worker has tried already, passed by in one claim

// The worker's counters; its provider is never forgotten.
template <class Change>
void count(Ledger& ledger, const Address& worker, const Change& change) {
    provider::Provider provider = must(provider::find(ledger, worker));
    change(provider.counters);
    provider::save(ledger, provider);
}

void pay(Ledger& ledger, Job& job, const Address& worker, Amount amount) {
    pay_out(ledger, job, worker, amount);
    ledger.emit({"sublet.job.task_paid",
                 {{"job", std::to_string(job.id.value())},
                  {"worker", crypto::to_bech32(worker)},
                  {"amount", std::to_string(amount.value())}}});
}

void pay_for_result(Ledger& ledger, Job& job, const Address& worker, Amount amount) {
    pay(ledger, job, worker, amount);
    count(ledger, worker, [](provider::Counters& counters) { ++counters.tasks_accepted; });
}

void leave_active(Ledger& ledger, Job& job, Task& task) {
    SUBLET_ASSERT(is_active(task.state) && job.active > 0);
    --job.active;
    task.deadline = LedgerTime{};
    task.commitment = Hash{};
    let_go(job, task.index);
    need(job, task.index);
    if (job.audit) {
        audit::expose_no_more(ledger, task.worker, task.pay);
    }
}

// So far a quarter at a time.
void raise(const Job& job, Task& task) {
    task.pay = std::min(cap_of(job, task.index), saturating_add(task.pay, Amount{task.pay.value() / 4}));
}

}  // namespace

void pay_out(Ledger& ledger, Job& job, const Address& worker, Amount amount) {
    SUBLET_ASSERT(held(job) >= amount);
    job.paid = saturating_add(job.paid, amount);
    bank::release(ledger, worker, amount);
    count(ledger, worker,
          [&](provider::Counters& counters) { counters.earned = saturating_add(counters.earned, amount); });
}

// Money of a task that is in hand or has a result; see docs/spec/jobs.md (money).
void let_go(Job& job, std::uint32_t task) { job.bound = must(checked_sub(job.bound, cap_of(job, task))); }
void need(Job& job, std::uint32_t task) { job.needed = saturating_add(job.needed, cap_of(job, task)); }
void need_no_more(Job& job, std::uint32_t task) { job.needed = must(checked_sub(job.needed, cap_of(job, task))); }
void bind(Job& job, std::uint32_t task) {
    need_no_more(job, task);
    job.bound = saturating_add(job.bound, cap_of(job, task));
}

Amount stake_of(const Job& job, Amount pay) { return std::max(job.stake, Amount{pay.value() / 10}); }

std::optional<Task> pick(const View& view, const Job& job, const Address& worker) {
    std::optional<Task> found;
    std::size_t looked_at = 0;
    const Bytes waiting = task_list(kWaitingList, job.id);
    view.visit_index(waiting, waiting, [&](BytesView key, BytesView) {
        Task task = must(find_task(view, job.id, index_at_end(key)));
        const bool tried = std::ranges::find(task.tried, worker) != task.tried.end() ||
                           std::ranges::find(task.aborted, worker) != task.aborted.end() ||
                           (task.rejected && task.rejected->worker == worker);
        if (!tried) {
            found = std::move(task);
        }
        return !found && ++looked_at < kMaxLookedAt;
    });
    if (!found && job.fresh < job.tasks) {
        found = Task{.job = job.id, .index = job.fresh, .pay = pay_of(job, job.fresh)};
    }
    return found;
}

std::uint64_t claims_of(const View& view, const Address& worker, std::uint64_t most) {
    std::uint64_t claims = 0;
    const Bytes mine = of_worker(worker);
    view.visit_index(mine, mine, [&](BytesView, BytesView) { return ++claims < most; });
    return claims;
}

void give_back_stake(Ledger& ledger, Task& task) {
    bank::release(ledger, task.worker, task.stake);
    task.stake = Amount{};
}

void put_up_again(Ledger& ledger, Job& job, Task& task) {
    const bool over =
        task.tried.size() >= kMaxTries || task.aborted.size() >= kMaxAborts || job.state == JobState::kCancelled;
    if (!over) {
        task.state = TaskState::kWaiting;
        ++job.waiting;
        return;
    }
    need_no_more(job, task.index);
    if (task.rejected) {  // nobody could show that it was wrong
        task.worker = task.rejected->worker;
        task.digest = task.rejected->digest;
        task.pay = task.rejected->pay;
        task.rejected.reset();
        accept(ledger, job, task);
    } else {
        task.state = TaskState::kFailed;
        ++job.failed;
    }
}

void end_for_creator(Ledger& ledger, Job& job, Task& task) {
    const bool ran = task.state == TaskState::kRunning;
    leave_active(ledger, job, task);
    give_back_stake(ledger, task);
    if (ran) {
        pay(ledger, job, task.worker, Amount{task.pay.value() - task.pay.value() / 2});
    }
    put_up_again(ledger, job, task);
}

void end_try(Ledger& ledger, Job& job, Task& task) {
    leave_active(ledger, job, task);
    give_back_stake(ledger, task);
    task.tried.push_back(task.worker);
    count(ledger, task.worker, [](provider::Counters& counters) { ++counters.tasks_failed; });
    put_up_again(ledger, job, task);
}

void bar(Job& job, const Address& worker) {
    if (std::ranges::find(job.barred, worker) == job.barred.end()) {
        if (job.barred.size() == kMaxBarred) {
            job.barred.erase(job.barred.begin());
        }
        job.barred.push_back(worker);
    }
}

void time_out(Ledger& ledger, Job& job, Task& task) {
    leave_active(ledger, job, task);
    bank::burn_held(ledger, task.stake);
    task.stake = Amount{};
    count(ledger, task.worker, [](provider::Counters& counters) { ++counters.tasks_timed_out; });
    bar(job, task.worker);
    raise(job, task);
    put_up_again(ledger, job, task);
}

void abort_attempt(Ledger& ledger, Job& job, Task& task) {
    leave_active(ledger, job, task);
    give_back_stake(ledger, task);
    task.aborted.push_back(task.worker);
    if (task.aborted.size() == kAbortsUntilRaise) {
        raise(job, task);
    }
    put_up_again(ledger, job, task);
}

void accept(Ledger& ledger, Job& job, Task& task) {
    task.state = TaskState::kAccepted;
    task.deadline = LedgerTime{};
    ++job.accepted;
    let_go(job, task.index);
    if (job.audit) {
        audit::expose_no_more(ledger, task.worker, task.pay);
        give_back_stake(ledger, task);
    }
    if (task.rejected) {
        let_go(job, task.index);
    }
    pay_for_result(ledger, job, task.worker, task.pay);
    if (task.rejected && task.rejected->digest == task.digest) {
        pay_for_result(ledger, job, task.rejected->worker, task.rejected->pay);
        job.may_reject = false;
    }
}

void save(Ledger& ledger, const Work& work) {
    save(ledger, work.task);
    save(ledger, work.job);
}

void close(Ledger& ledger, Job job, const Block& block) {
    const Amount rest = held(job);
    bank::release(ledger, job.owner, saturating_add(rest, job.bond));
    job.refunded = saturating_add(job.refunded, rest);
    job.bond = Amount{};
    job.bound = job.needed = job.audit_fund = Amount{};
    job.due = LedgerTime{};
    job.state = job.state == JobState::kCancelled ? JobState::kCancelled : JobState::kDone;
    job.closes_at = LedgerTime{};
    job.closed_at = block.now;
    save(ledger, job);
    ledger::Event event = job_event("job_closed", job);
    event.attributes.push_back({"paid", std::to_string(job.paid.value())});
    event.attributes.push_back({"refunded", std::to_string(job.refunded.value())});
    ledger.emit(std::move(event));
}

void close_if_done(Ledger& ledger, JobId id, const Block& block) {
    Job job = must(find_job(ledger, id));
    const bool quiet = job.active == 0 && job.in_review == 0 && job.in_audit == 0;
    const bool cancelled = job.state == JobState::kCancelled;
    if (!job.closed_at.is_zero() || !quiet || (!cancelled && job.accepted + job.failed < job.tasks)) {
        return;
    }
    if (cancelled || job.failed == 0) {
        close(ledger, std::move(job), block);
    } else if (job.closes_at.is_zero()) {
        job.closes_at = after(block.now, job.window);
        save(ledger, job);
    }
}

ledger::Event job_event(std::string_view fact, const Job& job) {
    return {"sublet.job." + std::string{fact},
            {{"job", std::to_string(job.id.value())}, {"owner", crypto::to_bech32(job.owner)}}};
}

ledger::Event task_event(std::string_view fact, const Task& task) {
    return {"sublet.job." + std::string{fact},
            {{"job", std::to_string(task.job.value())},
             {"task", std::to_string(task.index)},
             {"attempt", std::to_string(task.attempt)},
             {"worker", crypto::to_bech32(task.worker)},
             {"pay", std::to_string(task.pay.value())}}};
}

}  // namespace sublet::job
