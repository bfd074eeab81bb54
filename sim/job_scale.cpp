// job_scale.cpp: one job of very many tasks: everybody does what is right, as many messages in a transaction as it
// takes.
#include "job_actors.hpp"
#include "ledger/transaction.hpp"
#include "net/quiet.hpp"

namespace sublet::sim {

using net::Task;

namespace {

constexpr std::uint64_t kHurryMs = 200, kNoHurryMs = 30'000;
constexpr std::uint64_t kTasksPay = 1'000;
const JobId kOnlyJob{1};

}  // namespace

Task<> Creator::live_at_scale() {
    while (true) {
        co_await process_->clock.sleep(world_.closing() ? kNoHurryMs : kHurryMs);
        const Result<job::Job> job = co_await chain_->job(kOnlyJob);
        if (job && job->in_review > 0) {
            Task<bool> approving = approve_some(kOnlyJob);
            (void)co_await std::move(approving);
        }
        if (job || job.error().code != Code::kNotFound) {
            continue;
        }
        job::MsgCreateJob message;
        message.owner = signer_->text();
        message.kind = "batch";
        message.content = process_->random.bytes(32);
        message.tasks = static_cast<std::uint32_t>(world_.job_tasks());
        message.pay = Amount{kTasksPay};
        message.start_timeout = Millis{60'000};
        message.task_timeout = Millis{300'000};
        message.window = Millis{300'000};
        message.at_once = job::kMaxAtOnce;
        Task<Result<client::TxOutcome>> saying = say(*signer_, std::move(message));
        (void)co_await std::move(saying);
    }
}

// The first results that wait, whatever lies between them. False where none does.
Task<bool> Creator::approve_some(JobId job) {
    while (true) {
        const Result<std::vector<job::Task>> tasks = co_await chain_->tasks_of(job, settled_);
        if (!tasks || tasks->empty()) {
            co_return false;
        }
        std::optional<std::uint32_t> first;
        bool all_before = true;
        for (const job::Task& each : *tasks) {
            all_before = all_before && each.state == job::TaskState::kAccepted;
            settled_ = all_before ? each.index + 1 : settled_;
            first = !first && each.state == job::TaskState::kReview ? each.index : first;
        }
        if (first) {
            Task<Result<client::TxOutcome>> saying =
                say(*signer_, job::MsgApproveTasks{signer_->text(), job, *first, job::kMaxApproved});
            co_return (co_await std::move(saying)).has_value();
        }
        if (!all_before) {
            co_return false;
        }
    }
}

// One transaction: the next reports of what it has in hand, else claims.
Task<> Worker::work_at_scale(std::vector<job::Task> in_hand) {
    std::vector<client::TxMessage> messages;
    std::map<Attempt, Found> kept;
    for (const job::Task& each : in_hand) {
        const Found found = write_result(each, false);
        kept[{each.job, each.index, each.attempt}] = found;
        if (messages.size() == ledger::kMaxMessages) {
            continue;
        }
        if (each.state == job::TaskState::kRunning) {
            const Hash commitment = job::commitment_of(each, found.digest, found.nonce);
            messages.push_back(client::pack(
                job::MsgCommitTask{operator_->text(), each.job, each.index, each.attempt, Bytes{view_of(commitment)}}));
        } else {
            messages.push_back(client::pack(job::MsgOpenTask{operator_->text(), each.job, each.index, each.attempt,
                                                             Bytes{view_of(found.digest)}, found.nonce}));
        }
    }
    results_ = std::move(kept);
    written_.clear();
    if (world_.closing()) {
        co_await process_->clock.sleep(kNoHurryMs);
    }
    if (messages.empty()) {
        const Result<provider::Provider> me = co_await chain_->provider(owner_->address());
        const bool known = me && me->counters.tasks_accepted >= job::kNewcomerTasks;
        messages.assign(known ? claims_at_once_ : 1,
                        client::pack(job::MsgClaimTask{operator_->text(), kOnlyJob, true}));
    }
    const bool claims = in_hand.empty();
    Task<Result<client::TxOutcome>> saying = say_all(*operator_, std::move(messages));
    const Result<client::TxOutcome> done = co_await std::move(saying);
    if (claims) {  // all or none of them: at the end of the job there are not so many left
        claims_at_once_ = done ? ledger::kMaxMessages : std::max<std::size_t>(1, claims_at_once_ / 2);
    }
    if (!done) {
        co_await process_->clock.sleep(kHurryMs);
    }
}

}  // namespace sublet::sim
