// msg_create_job.cpp: a new job, with all the money that its tasks may cost.
// Deterministic. Spec: docs/spec/jobs.md (creating).
#include <algorithm>
#include <functional>

#include "modules/job/keys.hpp"
#include "modules/job/life.hpp"
#include "modules/job/messages.hpp"
#include "modules/market/bookkeeping.hpp"

namespace sublet::job {
namespace {

constexpr std::uint64_t kMaxRaise = 16;  // pay_cap is at most so many times the pay

Bytes last_id_key() { return keys::table(6, 3); }

bool is_kind(std::string_view kind) {
    return !kind.empty() && kind.size() <= kMaxKindBytes && std::ranges::all_of(kind, [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-';
    });
}

bool is_probed(const MsgCreateJob& message) { return message.price != 0; }

// Whose messages are paid for now: of probers, or of all workers.
std::uint32_t messages_as_tasks(const MsgCreateJob& message) {
    return is_probed(message) ? kProbeMessagesAsTasks : message.tasks;
}

Amount cap_of(const MsgCreateJob& message) { return message.pay_cap.is_zero() ? message.pay : message.pay_cap; }

// With pay below 2^40 ucredit, which check_static asks for, this fits.
Amount needed_by(const MsgCreateJob& message) { return Amount{cap_of(message).value() * message.tasks}; }

Amount for_tasks(const MsgCreateJob& message) { return message.budget.is_zero() ? needed_by(message) : message.budget; }

Amount for_audits(const MsgCreateJob& message) {
    return is_probed(message) ? Amount{} : audit_fund(message.audit, for_tasks(message));
}

Amount deposit_of(const MsgCreateJob& message) {
    return is_probed(message) ? Amount{message.probe_pay.value() * kProbers}
                              : saturating_add(for_tasks(message), for_audits(message));
}

Result<> check_length(Millis length, std::uint64_t least_ms, std::uint64_t most_ms, const char* name) {
    if (length.value() < least_ms || length.value() > most_ms) {
        return fail(Code::kOutOfRange,
                    std::string{name} + ": " + std::to_string(least_ms) + " to " + std::to_string(most_ms) + " ms");
    }
    return {};
}

constexpr std::uint64_t kMostPay = std::uint64_t{1} << 40U;

Result<> check_probed(const MsgCreateJob& message) {
    if (!audit::is_engine(message.engine)) {
        return fail(Code::kBadField, "engine: 1 to 32 of a to z, 0 to 9, - and .");
    }
    if (message.price > kMaxPrice || message.probe_pay.is_zero() || message.probe_pay.value() > kMostPay) {
        return fail(Code::kOutOfRange, "price: at most 10^15 nano-ucredit for each RWU; probe_pay: 1 to 2^40 ucredit");
    }
    if (!message.pay.is_zero() || !message.pay_cap.is_zero() || !message.stake.is_zero() || !message.budget.is_zero()) {
        return fail(Code::kBadField,
                    "pay, pay_cap, stake and budget are zero where there is a price: the quote sets them");
    }
    if (message.cores == 0 || message.cores > kMaxCores) {
        return fail(Code::kOutOfRange, "cores: 1 to 1024");
    }
    const auto& at = message.probe_tasks;
    const bool rising = std::ranges::adjacent_find(at, std::greater_equal{}) == at.end();
    if (at.empty() || at.size() > kMaxProbeTasks || !rising || at.back() >= message.tasks) {
        return fail(Code::kOutOfRange, "probe_tasks: 1 to 8 tasks of the job, rising");
    }
    return {};
}

Result<> check_money(const MsgCreateJob& message) {
    if (is_probed(message)) {
        return check_probed(message);
    }
    if (!message.engine.empty() || !message.probe_pay.is_zero() || !message.probe_tasks.empty() || message.cores != 0) {
        return fail(Code::kBadField, "engine, probe_pay, probe_tasks and cores are for jobs with a price");
    }
    const Amount cap = cap_of(message);
    if (message.pay.is_zero() || cap < message.pay || cap.value() > kMostPay ||
        cap.value() > kMaxRaise * message.pay.value()) {
        return fail(Code::kOutOfRange, "pay: 1 to 2^40 ucredit; pay_cap: the pay to 16 times as much");
    }
    if (message.stake > message.pay) {
        return fail(Code::kOutOfRange, "stake: at most the pay");
    }
    if (!message.budget.is_zero() && (message.budget < cap || message.budget > needed_by(message))) {
        return fail(Code::kOutOfRange, "budget: pay_cap to tasks times pay_cap");
    }
    return {};
}

}  // namespace

Result<> check_static(const MsgCreateJob& message) {
    TRY(owner, account::parse(message.owner, "owner"));
    (void)owner;
    if (!is_kind(message.kind)) {
        return fail(Code::kBadField, "kind: 1 to 16 of a to z, 0 to 9 and -");
    }
    if (message.content.size() != 32) {
        return fail(Code::kBadField, "content must be the 32 bytes of SHA-256 that the input hashes to");
    }
    if (message.tasks == 0 || message.tasks > kMaxTasks) {
        return fail(Code::kOutOfRange, "tasks: 1 to 100,000");
    }
    if (message.at_once == 0 || message.at_once > kMaxAtOnce) {
        return fail(Code::kOutOfRange, "at_once: 1 to 256");
    }
    TRY_OK(check_money(message));
    TRY_OK(message.audit ? audit::check(*message.audit) : Result<>{});
    TRY_OK(check_length(message.start_timeout, 10'000, 3'600'000, "start_timeout"));
    TRY_OK(check_length(message.task_timeout, 10'000, 86'400'000, "task_timeout"));
    return check_length(message.window, 1'000, kMaxWindowMs, "window");
}

Result<> check_state(const MsgCreateJob& message, const View& view, const Block& block) {
    const Address owner = account::parsed(message.owner);
    std::uint64_t jobs = 0;
    const Bytes mine = keys::with(keys::table(6, 1), owner);
    view.visit_index(mine, mine, [&](BytesView, BytesView) { return ++jobs < kMaxJobsPerOwner; });
    if (jobs >= kMaxJobsPerOwner) {
        return fail(Code::kTooManyJobs, "an owner has at most 1,000 jobs; closed ones leave after a day");
    }
    const Amount locked = saturating_add(deposit_of(message), block.params.object_bond);
    return bank::require(view, owner,
                         saturating_add(locked, price_of_messages(messages_as_tasks(message), block.params)));
}

void apply(const MsgCreateJob& message, Ledger& ledger, const Block& block) {
    Job job;
    job.id = JobId{market::next_id(ledger, last_id_key())};
    job.owner = account::parsed(message.owner);
    job.kind = message.kind;
    job.content = *fixed_from<32>(message.content);
    job.tasks = message.tasks;
    job.pay = message.pay;
    job.pay_cap = cap_of(message);
    job.stake = message.stake;
    job.start_timeout = message.start_timeout;
    job.task_timeout = message.task_timeout;
    job.window = message.window;
    job.at_once = message.at_once;
    job.deposited = deposit_of(message);
    if (is_probed(message)) {
        job.state = JobState::kProbing;
        job.engine = message.engine;
        job.price = message.price;
        job.probe_pay = message.probe_pay;
        job.probe_tasks = message.probe_tasks;
        job.cores = message.cores;
        job.due = after(block.now, Millis{1});  // in the next block, whose hash nobody knows yet
    } else {
        job.needed = needed_by(message);
        job.audit_fund = for_audits(message);
        job.bound = job.audit_fund;
    }
    job.audit = message.audit;
    if (job.audit && !job.audit->tip.empty()) {
        audit::open_chain(ledger, {.job = job.id, .owner = job.owner, .tip = *fixed_from<32>(job.audit->tip)});
    }
    job.bond = block.params.object_bond;
    job.created_at = block.now;
    job.free_messages = messages_as_tasks(message) * kMessagesPerTask;
    bank::hold(ledger, job.owner, saturating_add(job.deposited, job.bond));
    const Amount messages = price_of_messages(messages_as_tasks(message), block.params);
    bank::pay_fee(ledger, job.owner, messages);
    save(ledger, job);
    ledger::Event created = job_event("job_created", job);
    created.attributes.push_back({"messages_fee", std::to_string(messages.value())});
    ledger.emit(std::move(created));
}

}  // namespace sublet::job
