// expect.cpp: reads facts of the state by name and compares them.
#include "expect.hpp"

#include <algorithm>
#include <functional>

#include "facts.hpp"
#include "modules/gov/proposal.hpp"
#include "modules/job/task.hpp"
#include "modules/market/market.hpp"
#include "modules/stake/validator.hpp"

namespace sublet::scenario {
namespace {

void compare(const std::string& where, const Fact& fact, const std::string& wanted) {
    const std::string there =
        fact.kind == Kind::kText || fact.kind == Kind::kName ? fact.text : std::to_string(fact.number);
    const auto same = [&](std::uint64_t value) { return std::to_string(value) == there; };
    const bool holds = [&] {
        switch (fact.kind) {
            case Kind::kText:
                return wanted == there;
            case Kind::kName:
                return World::address(wanted) == there;
            case Kind::kAmount:
                return same(amount(wanted));
            case Kind::kRate:
                return same(rate(wanted));
            case Kind::kTime:
                return same(duration(wanted).value());
            case Kind::kMilli:
                return same(milli(wanted));
            case Kind::kSize:
                return same(bytes(wanted));
            case Kind::kNumber:
                break;
        }
        return same(number(wanted));
    }();
    if (!holds) {
        const std::string unit = fact.kind == Kind::kAmount ? " ucredit"
                                 : fact.kind == Kind::kRate ? " nano-ucredit per second"
                                 : fact.kind == Kind::kTime ? " ms"
                                                            : "";
        throw Failure("expected " + where + " = " + wanted + ", there is " + there + unit);
    }
}

Facts facts_of(const market::Lease& lease, const World& world) {
    const provider::Provider provider = *provider::find(world.view(), lease.provider);
    const ServiceClock clock = provider::machine_clock(provider, lease.machine);
    const bool closed = lease.state == market::LeaseState::kClosed;  // its deposits are gone, nothing clamps any more
    return {{"state", text(market::to_name(lease.state))},
            {"shown", text(market::shown_state(lease, provider))},
            {"reason", text(market::to_name(lease.reason))},
            {"by", text(market::to_name(lease.closed_by))},
            {"deployment", counted(lease.deployment.value())},
            {"group", counted(lease.group)},
            {"offer", counted(lease.offer.value())},
            {"machine", counted(lease.machine)},
            {"tenant", who(lease.tenant)},
            {"provider", who(lease.provider)},
            {"rate", speed(lease.account.rate.value())},
            {"deposited", money(lease.account.deposited)},
            {"held", money(escrow::held(lease.account))},
            {"paid", money(lease.account.paid)},
            {"burnt", money(lease.account.burnt)},
            {"refunded", money(lease.account.refunded)},
            {"due", money(lease.due)},
            {"earned", money(escrow::earned_floor(lease.account, clock))},
            {"billed", time(closed ? lease.account.served.value() : escrow::billed(lease.account, clock).value())},
            {"funded", text(lease.start_by == LedgerTime{} ? "no" : "yes")},
            {"grace_used", time(lease.grace_used.value())}};
}

Facts facts_of(const market::Deployment& deployment) {
    Facts facts{{"state", text(market::to_name(deployment.state))},
                {"bond", money(deployment.bond)},
                {"owner", who(deployment.owner)}};
    for (std::size_t i = 0; i < deployment.groups.size(); ++i) {
        const market::Order& order = deployment.groups[i].order;
        const std::string dot = i == 0 ? "" : "." + std::to_string(i);
        facts["order" + dot] = text(market::to_name(order.state));
        facts["lease" + dot] = counted(order.lease.value());
        facts["locked" + dot] = money(order.locked);
        facts["sequence" + dot] = counted(order.sequence);
        facts["excluded" + dot] = counted(order.excluded.size());
    }
    return facts;
}

Facts facts_of(const market::Offer& offer) {
    return {{"state", text(market::to_name(offer.state))},
            {"leases", counted(offer.active_leases)},
            {"free_cpu", {Kind::kMilli, "", offer.free.cpu_milli}},
            {"free_memory", {Kind::kSize, "", offer.free.memory_bytes}},
            {"free_storage", {Kind::kSize, "", offer.free.storage_bytes}},
            {"cpu", {Kind::kMilli, "", offer.capacity.cpu_milli}},
            {"cpu_price", speed(offer.price.cpu_core)},
            {"memory_price", speed(offer.price.memory_gib)},
            {"notice", time(offer.notice.value())},
            {"pending", text(offer.pending ? "yes" : "no")},
            {"provider", who(offer.provider)}};
}

Facts facts_of(const provider::Provider& provider) {
    const provider::Counters& counters = provider.counters;
    return {{"state", text(provider.beating ? "beating" : "silent")},
            {"clock", time(provider.clock.value())},
            {"machine_clock", time(provider::machine_clock(provider, 0).value())},
            {"leases", counted(provider.active_leases)},
            {"leases_ever", counted(counters.leases)},
            {"no_shows", counted(counters.no_shows)},
            {"ended_by_provider", counted(counters.ended_by_provider)},
            {"image_failed", counted(counters.image_failed)},
            {"no_manifest", counted(counters.no_manifest)},
            {"outages", counted(counters.outages)},
            {"outage_time", time(counters.outage_time.value())},
            {"earned", money(counters.earned)},
            {"tasks_accepted", counted(counters.tasks_accepted)},
            {"tasks_failed", counted(counters.tasks_failed)},
            {"tasks_timed_out", counted(counters.tasks_timed_out)},
            {"operator", who(provider.operator_address)}};
}

Facts supply_facts(const World& world, std::string_view denom) {
    const bank::Supply supply = bank::supply(world.view(), denom);
    return {{"issued", money(supply.issued)},
            {"held", money(supply.held)},
            {"fees", money(supply.fees)},
            {"burnt", money(supply.burnt)}};
}

Facts facts_of(const job::Job& job) {
    return {{"state", text(job::to_name(job.state))},
            {"over", text(job.closed_at.is_zero() ? "no" : "yes")},
            {"audit_fund", money(job.audit_fund)},
            {"in_audit", counted(job.in_audit)},
            {"unstable", text(job.audit && job.audit->unstable ? "yes" : "no")},
            {"fresh", counted(job.fresh)},
            {"waiting", counted(job.waiting)},
            {"active", counted(job.active)},
            {"review", counted(job.in_review)},
            {"free_messages", counted(job.free_messages)},
            {"accepted", counted(job.accepted)},
            {"failed", counted(job.failed)},
            {"barred", counted(job.barred.size())},
            {"may_reject", text(job.may_reject ? "yes" : "no")},
            {"held", money(job::held(job))},
            {"deposited", money(job.deposited)},
            {"paid", money(job.paid)},
            {"refunded", money(job.refunded)},
            {"probes", counted(job.probes.size())},
            {"rate", counted(job.rate)},
            {"passed_over", counted(job.passed_over.size())},
            {"pay", money(job.pay)},
            {"needed", money(job.needed)},
            {"bound", money(job.bound)},
            {"short", text(job::is_short(job) ? "yes" : "no")}};
}

Facts facts_of(const job::Task& task) {
    return {{"state", text(job::to_name(task.state))},
            {"attempt", counted(task.attempt)},
            {"worker", who(task.worker)},
            {"pay", money(task.pay)},
            {"stake", money(task.stake)},
            {"tried", counted(task.tried.size())},
            {"aborted", counted(task.aborted.size())}};
}

Facts facts_of(const audit::Standing& standing) {
    return {{"stake", money(standing.stake)},
            {"leaving", money(standing.leaving)},
            {"slashed", money(standing.slashed)},
            {"exposure", money(standing.exposure)},
            {"passes", counted(standing.passes)},
            {"right", counted(standing.results_right)},
            {"wrong", counted(standing.results_wrong)},
            {"audits_given", counted(standing.audits_given)},
            {"audits_silent", counted(standing.audits_silent)},
            {"audits_wrong", counted(standing.audits_wrong)}};
}

Facts facts_of(const audit::Audit& audit) {
    return {{"stage", text(audit::to_name(audit.stage))},
            {"round", text(audit::to_name(audit.round))},
            {"outcome", text(audit::to_name(audit.outcome))},
            {"attempt", counted(audit.attempt)},
            {"seats", counted(audit.seats.size())},
            {"pay", money(audit.pay)},
            {"probability", counted(audit.probability_permille)}};
}

// "JOB/TASK"
std::pair<JobId, std::uint32_t> task_of(const std::string& which) {
    const std::vector<std::string> parts = split(which, '/');
    if (parts.size() != 2) {
        throw Failure("a task is called JOB/TASK, for example 1/0");
    }
    return {JobId{number(parts[0])}, static_cast<std::uint32_t>(number(parts[1]))};
}

// "JOB/TASK/ATTEMPT"
audit::AuditId audit_of(const std::string& which) {
    const std::vector<std::string> parts = split(which, '/');
    if (parts.size() != 3) {
        throw Failure("an attempt's audit is called JOB/TASK/ATTEMPT, for example 1/0/1");
    }
    const auto [job, index] = task_of(parts[0] + "/" + parts[1]);
    return {job, index, static_cast<std::uint32_t>(number(parts[2]))};
}

// The same, or "JOB/TASK": the last attempt's.
std::optional<audit::Audit> audit_at(const World& world, const std::string& which) {
    const std::vector<std::string> parts = split(which, '/');
    if (parts.size() != 3) {
        const auto [job, index] = task_of(which);
        return last_audit(world, job, index);
    }
    return audit::find_audit(world.view(), audit_of(which));
}

Facts find(const std::string& thing, const std::string& which, const World& world) {
    const std::string what = thing + " " + which;
    if (thing == "lease") {
        return facts_of(there(market::find_lease(world.view(), LeaseId{number(which)}), what), world);
    }
    if (thing == "deployment") {
        return facts_of(there(market::find_deployment(world.view(), DeploymentId{number(which)}), what));
    }
    if (thing == "offer") {
        return facts_of(there(market::find_offer(world.view(), OfferId{number(which)}), what));
    }
    if (thing == "provider") {
        return facts_of(there(provider::find(world.view(), World::raw_address(which)), what));
    }
    if (thing == "account") {
        const auto account = there(account::find(world.view(), World::raw_address(which)), what);
        return {{"sequence", counted(account.sequence)}, {"number", counted(account.number.value())}};
    }
    if (thing == "job") {
        return facts_of(there(job::find_job(world.view(), JobId{number(which)}), what));
    }
    if (thing == "task") {
        const auto [job, index] = task_of(which);
        return facts_of(there(job::find_task(world.view(), job, index), what));
    }
    if (thing == "audit") {
        return facts_of(there(audit_at(world, which), what));
    }
    if (thing == "standing") {
        return facts_of(audit::standing_of(world.view(), World::raw_address(which)));
    }
    if (thing == "supply") {
        return supply_facts(world, which);
    }
    if (std::optional<Facts> facts = stake_facts(thing, which, world)) {
        return *std::move(facts);
    }
    throw Failure(
        "expect knows balance, lease, deployment, offer, job, task, audit, standing, provider, account, supply, "
        "validator, delegation, stakes, proposal, param, upgrade, event, no and archived");
}

Bytes key_of(const std::string& thing, const std::string& which) {
    if (thing == "lease") {
        return market::lease_key(LeaseId{number(which)});
    }
    if (thing == "deployment") {
        return market::deployment_key(DeploymentId{number(which)});
    }
    if (thing == "offer") {
        return market::offer_key(OfferId{number(which)});
    }
    if (thing == "job") {
        return job::job_key(JobId{number(which)});
    }
    if (thing == "task") {
        const auto [job, index] = task_of(which);
        return job::task_key(job, index);
    }
    if (thing == "account") {
        return account::account_key(World::raw_address(which));
    }
    if (thing == "audit") {
        return audit::audit_key(audit_of(which));
    }
    if (thing == "proposal") {
        return gov::proposal_key(gov::ProposalId{number(which)});
    }
    if (thing == "validator") {
        return stake::validator_key(World::raw_address(which));
    }
    throw Failure("'" + thing + "' is no lease, deployment, offer, job, task, audit, proposal, validator or account");
}

// `event lease_paid lease 1 amount 600`: some event of the last block of that name carries each attribute.
bool matches(const ledger::Event& event, const std::vector<std::string>& words) {
    if (!event.type.ends_with("." + words[1])) {
        return false;
    }
    for (std::size_t i = 2; i + 1 < words.size(); i += 2) {
        const auto found = std::ranges::find(event.attributes, words[i], &ledger::EventAttribute::key);
        if (found == event.attributes.end() ||
            (found->value != words[i + 1] && found->value != World::address(words[i + 1]))) {
            return false;
        }
    }
    return true;
}

void expect_event(const std::vector<std::string>& words, const World& world) {
    std::vector<ledger::Event> events = world.last().events;
    for (const app::TxResult& result : world.last().transactions) {
        events.insert(events.end(), result.events.begin(), result.events.end());
    }
    if (std::ranges::none_of(events, [&](const ledger::Event& event) { return matches(event, words); })) {
        std::string names;
        for (const ledger::Event& event : events) {
            names += " " + event.type;
        }
        throw Failure("expected an event " + words[1] + " in the last block with those attributes, there are" + names);
    }
}

}  // namespace

void expect(const std::vector<std::string>& words, const World& world) {
    if (words.size() < 2) {
        throw Failure("expect what? For example: expect balance alice = 9.5cr");
    }
    const std::string& thing = words[0];
    if (thing == "event") {
        expect_event(words, world);
        return;
    }
    if (thing == "no" && words.size() == 3) {
        if (world.view().get(key_of(words[1], words[2]))) {
            throw Failure("expected no " + words[1] + " " + words[2] + " in the state, it is there");
        }
        return;
    }
    if (thing == "archived" && words.size() == 3) {
        if (!world.archived(key_of(words[1], words[2]))) {
            throw Failure("expected " + words[1] + " " + words[2] + " in the history store, it is not there");
        }
        return;
    }
    if (thing == "balance" && (words.size() == 3 || words.size() == 4)) {
        const std::string denom = words.size() == 4 ? words[3] : "ucredit";
        const Amount have = bank::balance(world.view(), World::raw_address(words[1]), denom);
        compare("balance " + words[1], money(have), words[2]);
        return;
    }
    const Facts facts = find(thing, words[1], world);
    for (std::size_t i = 2; i < words.size(); i += 2) {
        const auto fact = facts.find(words[i]);
        if (fact == facts.end() || i + 1 == words.size()) {
            throw Failure("a " + thing + " has no '" + words[i] + "' to expect, or its value is missing");
        }
        compare(thing + " " + words[1] + " " + words[i], fact->second, words[i + 1]);
    }
}

std::optional<audit::Audit> last_audit(const World& world, JobId job, std::uint32_t task) {
    constexpr std::size_t kMostAttempts = 100;  // that a scenario has
    std::optional<audit::Audit> out;
    for (audit::Audit& each : audit::audits_from(world.view(), {job, task, 0}, kMostAttempts)) {
        if (each.task == task) {
            out = std::move(each);
        }
    }
    return out;
}

}  // namespace sublet::scenario
