// plants.cpp: after a block, by what it said.
#include "plants.hpp"

#include "modules/job/task.hpp"
#include "told.hpp"

namespace sublet::sim {
namespace {

void pay_again(ledger::Ledger& ledger, const ledger::Event& paid) {
    std::optional<job::Job> job = job::find_job(ledger, JobId{number_in(paid, "job")});
    const Amount amount{number_in(paid, "amount")};
    const u128 needed = job ? u128{job->pay_cap.value()} * (job->tasks - job->accepted) + amount.value() : 0;
    if (!job || u128{job::held(*job).value()} < needed) {
        return;  // what is still to be paid must be there, or its sums would tell
    }
    job->paid = saturating_add(job->paid, amount);
    bank::release(ledger, *crypto::parse_address(text_in(paid, "worker")), amount);
    job::save(ledger, *job);
}

void change_claimed(const std::string& plant, ledger::Ledger& ledger, const ledger::Event& claimed) {
    const auto index = static_cast<std::uint32_t>(number_in(claimed, "task"));
    std::optional<job::Task> task = job::find_task(ledger, JobId{number_in(claimed, "job")}, index);
    if (!task || !job::is_active(task->state)) {
        return;
    }
    if (plant == "no-stake") {
        bank::release(ledger, task->worker, task->stake);
        task->stake = Amount{};
    } else {
        task->attempt = 1;
    }
    job::save(ledger, *task);
}

}  // namespace

std::uint64_t number_in(const ledger::Event& event, std::string_view key) {
    for (const ledger::EventAttribute& each : event.attributes) {
        if (each.key == key) {
            return told::number_of(each.value);
        }
    }
    return 0;
}

std::string text_in(const ledger::Event& event, std::string_view key) {
    const auto found = std::ranges::find(event.attributes, key, &ledger::EventAttribute::key);
    return found == event.attributes.end() ? "" : found->value;
}

bool breaks_a_job_rule(const std::string& plant) {
    return plant == "paid-twice" || plant == "no-stake" || plant == "same-attempt" || breaks_an_audit_rule(plant);
}

void break_job_rule(const std::string& plant, const std::string& chain_id, std::unique_ptr<app::App>& app,
                    app::ChangeSet& changes, app::BlockResult& done) {
    const std::shared_ptr<const app::Committed> after = app->committed();
    ledger::Ledger ledger{after->view.state(), after->view.index()};
    std::vector<ledger::Event> events = done.events;
    for (const app::TxResult& each : done.transactions) {
        events.insert(events.end(), each.events.begin(), each.events.end());
    }
    for (const ledger::Event& each : events) {
        if (breaks_an_audit_rule(plant)) {
            break_audit_rule(plant, ledger, each);
        } else if (plant == "paid-twice" && each.type == "sublet.job.task_paid") {
            pay_again(ledger, each);
        } else if (plant != "paid-twice" && each.type == "sublet.job.task_claimed") {
            change_claimed(plant, ledger, each);
        }
    }
    const std::vector<Bytes> touched = ledger.take_touched();
    if (touched.empty()) {
        return;
    }
    for (const Bytes& key : touched) {
        changes.changes.push_back({key, Bytes{*ledger.get(key)}});
    }
    changes.app_hash = ledger.state().root_hash();
    done.app_hash = changes.app_hash;
    app = *app::App::from_state(chain_id, changes.height, changes.time, changes.app_hash, ledger.state());
}

}  // namespace sublet::sim
