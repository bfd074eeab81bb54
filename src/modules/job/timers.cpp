// timers.cpp: what falls due for jobs: time-outs, windows, closing, archiving.
// Deterministic. Spec: docs/spec/jobs.md (timers).
#include "base/must.hpp"
#include "modules/job/keys.hpp"
#include "modules/job/life.hpp"

namespace sublet::job {
namespace {

constexpr std::size_t kMaxArchivedAtOnce = 100;

void on_task(Ledger& ledger, JobId id, std::uint32_t index, const Block& block) {
    Work work{must(find_job(ledger, id)), must(find_task(ledger, id, index))};
    switch (work.task.state) {
        case TaskState::kClaimed:
        case TaskState::kRunning: {
            ledger::Event event = task_event("task_timed_out", work.task);
            event.attributes.push_back({"burnt", std::to_string(work.task.stake.value())});
            ledger.emit(std::move(event));
            time_out(ledger, work.job, work.task);
            break;
        }
        case TaskState::kCommitted:
            ledger.emit(task_event("task_not_opened", work.task));
            end_try(ledger, work.job, work.task);
            break;
        case TaskState::kReview:
            --work.job.in_review;
            if (is_suspect(ledger, work)) {
                begin_audit(ledger, work, {.forced = true, .evidence = {}}, block);
                break;
            }
            accept(ledger, work.job, work.task);
            ledger.emit(task_event("task_accepted", work.task));
            break;
        case TaskState::kWaiting:
        case TaskState::kAccepted:
        case TaskState::kFailed:
        case TaskState::kAudit:
            SUBLET_UNREACHABLE();
    }
    save(ledger, work);
    close_if_done(ledger, id, block);
}

// The tasks first, a few at a time, each with its audits; the timer stays due until the job itself goes. Returns how
// many records went, at most `most` even where the last task had more audits than that.
std::size_t archive_some(Ledger& ledger, JobId id, const Block& block, std::size_t most) {
    std::vector<Bytes> keys;
    const Bytes prefix = task_prefix(id);
    ledger.visit(prefix, prefix, [&](BytesView key, BytesView) {
        keys.emplace_back(key);
        return keys.size() < most;
    });
    std::size_t gone = 0;
    for (auto each = keys.begin(); each != keys.end() && gone < most; ++each) {
        const Task task = must(find_task(ledger, id, index_at_end(*each)));
        gone += 1 + audit::archive(ledger, id, task.index);
        ledger::replace_index(ledger, index_entries(task), {});
        ledger.archive(*each);
    }
    if (gone < most && keys.size() < most) {
        const Job job = must(find_job(ledger, id));
        ledger::replace_index(ledger, index_entries(job, block.params), {});
        audit::archive_chain(ledger, id);
        ledger.archive(job_key(id));
        ++gone;
    }
    return std::min(gone, most);
}

}  // namespace

std::size_t run_timers(Ledger& ledger, const Block& block, std::size_t budget) {
    std::size_t handled = settle_audits(ledger, block, budget);
    while (handled < budget) {
        Bytes key;
        ledger.visit_index(timers(), timers(), [&](BytesView first, BytesView) {
            key = first;
            return false;
        });
        if (key.empty() || read_be64(BytesView{key}.substr(2)) > block.now.value()) {
            break;
        }
        const auto kind = static_cast<Timer>(key[2 + 8]);
        const JobId id{read_be64(BytesView{key}.substr(2 + 8 + 1))};
        switch (kind) {
            case Timer::kTask:
                on_task(ledger, id, index_at_end(key), block);
                ++handled;
                break;
            case Timer::kClose:
                close(ledger, must(find_job(ledger, id)), block);
                ++handled;
                break;
            case Timer::kRate:
                forget_rates(ledger, id.value());
                ++handled;
                break;
            case Timer::kProbe:
                on_probe_due(ledger, must(find_job(ledger, id)), block);
                ++handled;
                break;
            case Timer::kArchive:
                handled += archive_some(ledger, id, block, std::min(budget - handled, kMaxArchivedAtOnce));
                break;
        }
    }
    return handled;
}

}  // namespace sublet::job
