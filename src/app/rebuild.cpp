// rebuild.cpp: recomputes what is derived, and adds up what must add up.
// Deterministic. Spec: docs/spec/money.md (conservation), docs/spec/market.md (invariants).
#include "app/rebuild.hpp"

#include <array>
#include <functional>
#include <map>

#include "ledger/index_builder.hpp"
#include "modules/audit/audit.hpp"
#include "modules/gov/process.hpp"
#include "modules/stake/process.hpp"

namespace sublet::app {
namespace {

template <codec::Struct T, class Visit>
void for_each_record(const ledger::View& view, const Bytes& prefix, Visit&& visit) {
    view.visit(prefix, prefix, [&](BytesView, BytesView value) {
        const Result<T> record = codec::decode<T>(value);
        SUBLET_ASSERT(record.has_value());
        visit(*record);
        return true;
    });
}

constexpr std::size_t kShares = 2;  // of each table, so that two cores have equally much to do

// Every kShares-th record, from number `share` on.
template <codec::Struct T, class Entries>
void gather(const ledger::View& view, const Bytes& prefix, std::size_t share, ledger::IndexPart& part,
            const Entries& entries_of) {
    std::size_t number = 0;
    view.visit(prefix, prefix, [&](BytesView, BytesView value) {
        if (number++ % kShares == share) {
            const Result<T> record = codec::decode<T>(value);
            SUBLET_ASSERT(record.has_value());
            part.add(entries_of(*record));
        }
        return true;
    });
    part.sort();
}

// Gathers what a share of one table's records puts into the index.
using Table = std::function<void(const ledger::View& view, std::size_t share, ledger::IndexPart& part)>;

template <codec::Struct T, class Entries>
void add_table(std::vector<Table>& tables, Bytes prefix, Entries entries_of) {
    tables.emplace_back(
        [prefix = std::move(prefix), entries_of](const ledger::View& view, std::size_t share, ledger::IndexPart& part) {
            gather<T>(view, prefix, share, part, entries_of);
        });
}

struct Sums {
    u128 held = 0;
    u128 held_let = 0;
    std::map<OfferId, std::uint64_t> leases_of_offer;
    std::map<OfferId, market::Capacity> free;
    std::map<Address, std::uint64_t> leases_of_provider;
    std::map<std::pair<DeploymentId, std::uint32_t>, int> streams;
};

u128 parts(const market::Deployment& deployment) {
    u128 sum = deployment.bond.value();
    for (const market::Group& group : deployment.groups) {
        sum += group.order.locked.value();
    }
    return sum;
}

Sums add_up(const ledger::View& view) {
    Sums sums;
    for_each_record<market::Offer>(view, market::offer_prefix(), [&](const market::Offer& offer) {
        sums.held += offer.bond.value();
        sums.free[offer.id] = offer.free;
    });
    for_each_record<market::Deployment>(view, market::deployment_prefix(),
                                        [&](const market::Deployment& each) { sums.held += parts(each); });
    for_each_record<market::Lease>(view, market::lease_prefix(), [&](const market::Lease& lease) {
        sums.held += u128{escrow::held(lease.account).value()} + lease.due.value();
        if (lease.state == market::LeaseState::kClosed) {
            return;
        }
        ++sums.leases_of_offer[lease.offer];
        ++sums.leases_of_provider[lease.provider];
        sums.streams[{lease.deployment, lease.group}] += lease.account.running ? 1 : 0;
        const auto deployment = market::find_deployment(view, lease.deployment);
        SUBLET_ASSERT(deployment.has_value());
        market::give_back(deployment->groups[lease.group].spec.units, sums.free[lease.offer]);
    });
    for_each_record<job::Job>(view, job::job_prefix(), [&](const job::Job& job) {
        sums.held += u128{job::held(job).value()} + job.bond.value();
    });
    for_each_record<job::Task>(view, keys::table(6, 2),
                               [&](const job::Task& task) { sums.held += task.stake.value(); });
    for_each_record<audit::Standing>(view, audit::standing_prefix(), [&](const audit::Standing& standing) {
        sums.held += u128{standing.stake.value()} + standing.leaving.value();
    });
    for_each_record<audit::Audit>(view, audit::audit_prefix(),
                                  [&](const audit::Audit& each) { sums.held += each.from_loser.value(); });
    const stake::Pool pool = stake::pool(view);
    sums.held += pool.rewards.value();
    sums.held_let = u128{pool.bonded.value()} + pool.unbonding.value() + gov::deposits(view);
    return sums;
}

// What of a job's tasks its record must say.
struct TaskSums {
    std::array<std::uint32_t, 9> in_state{};
    u128 stakes = 0;
    u128 owed = 0;  // at least, to those whose results are there
    u128 bound = 0;
    u128 needed = 0;  // by those that were claimed before
};

std::map<JobId, TaskSums> add_up_tasks(const ledger::View& view) {
    std::map<JobId, TaskSums> out;
    std::optional<job::Job> job;
    for_each_record<job::Task>(view, keys::table(6, 2), [&](const job::Task& task) {
        job = job && job->id == task.job ? std::move(job) : job::find_job(view, task.job);
        TaskSums& sums = out[task.job];
        const u128 cap = job ? job::cap_of(*job, task.index).value() : 0;
        const bool rejected = task.rejected && task.state != job::TaskState::kAccepted;
        const bool shown = task.state == job::TaskState::kReview || task.state == job::TaskState::kAudit;
        sums.bound += cap * (int{job::is_active(task.state) || shown} + int{rejected});
        sums.needed += task.state == job::TaskState::kWaiting ? cap : 0;
        ++sums.in_state.at(static_cast<std::size_t>(task.state));
        sums.stakes += task.stake.value();
        sums.owed += shown ? task.pay.value() : 0;
    });
    return out;
}

u128 needed_by_fresh(const job::Job& job) {
    if (job.work.empty()) {
        return job.pay_cap.value() * u128{job.tasks - job.fresh};
    }
    u128 sum = 0;
    for (std::uint32_t task = job.fresh; task < job.tasks; ++task) {
        sum += job::cap_of(job, task).value();
    }
    return sum;
}

std::optional<std::string> broken_job(const job::Job& job, const TaskSums& sums) {
    using job::TaskState;
    const auto in = [&](TaskState state) { return sums.in_state.at(static_cast<std::size_t>(state)); };
    const std::uint32_t active = in(TaskState::kClaimed) + in(TaskState::kRunning) + in(TaskState::kCommitted);
    const bool counts = job.waiting == in(TaskState::kWaiting) && job.active == active &&
                        job.in_review == in(TaskState::kReview) && job.in_audit == in(TaskState::kAudit) &&
                        job.accepted == in(TaskState::kAccepted) && job.failed == in(TaskState::kFailed) &&
                        job.fresh == job.waiting + active + job.in_review + job.in_audit + job.accepted + job.failed;
    const std::string name = "job " + std::to_string(job.id.value());
    if (!counts && job.closed_at.is_zero()) {  // a closed one loses its tasks to the archive, a few at a time
        return name + " miscounts its tasks";
    }
    if (u128{job.paid.value()} + job.refunded.value() > job.deposited.value() || sums.owed > job::held(job).value()) {
        return name + " has not the money for what it owes";
    }
    const bool live = job.state == job::JobState::kOpen || job.state == job::JobState::kPaused;
    if (live && (sums.bound + job.audit_fund.value() != job.bound.value() ||
                 sums.needed + needed_by_fresh(job) != job.needed.value())) {
        return name + " miscounts what its money is bound to or what it needs";
    }
    if (job.bound > job::held(job)) {
        return name + " has bound more than it holds";
    }
    if (!job.closed_at.is_zero() && (!job::held(job).is_zero() || sums.stakes != 0)) {
        return name + " is over and holds money";
    }
    return std::nullopt;
}

std::optional<std::string> broken_supply(const ledger::View& view, std::string_view denom, u128 held) {
    u128 balances = 0;
    const Bytes prefix = keys::table(2, 1);
    view.visit(prefix, prefix, [&](BytesView key, BytesView value) {
        if (key.substr(22) == denom) {
            balances += codec::decode<bank::Balance>(value)->amount.value();
        }
        return true;
    });
    const bank::Supply all = bank::supply(view, denom);
    if (u128{all.held.value()} != held) {
        return "held " + std::string{denom} + " is " + std::to_string(all.held.value()) + ", its parts add up to " +
               std::to_string(static_cast<std::uint64_t>(held));
    }
    if (balances + all.held.value() + all.fees.value() + all.burnt.value() != u128{all.issued.value()}) {
        return "the supply of " + std::string{denom} + " is not conserved: balances " +
               std::to_string(static_cast<std::uint64_t>(balances)) + ", held " + std::to_string(all.held.value()) +
               ", fees " + std::to_string(all.fees.value()) + ", burnt " + std::to_string(all.burnt.value()) +
               ", issued " + std::to_string(all.issued.value());
    }
    return std::nullopt;
}

std::optional<std::string> broken_lease(const market::Lease& lease) {
    const escrow::Account& account = lease.account;
    const u128 out = u128{account.paid.value()} + account.burnt.value() + account.refunded.value();
    if (u128{account.deposited.value()} != out + escrow::held(account).value()) {
        return "lease " + std::to_string(lease.id.value()) + ": deposits are not paid + burnt + refunded + held";
    }
    if (account.running !=
        (lease.state == market::LeaseState::kRunning || lease.state == market::LeaseState::kClosing)) {
        return "lease " + std::to_string(lease.id.value()) + ": the stream runs in state " +
               std::string{market::to_name(lease.state)};
    }
    return std::nullopt;
}

std::optional<std::string> broken_counts(const ledger::View& view, const Sums& sums) {
    std::optional<std::string> broken;
    for_each_record<market::Offer>(view, market::offer_prefix(), [&](const market::Offer& offer) {
        const auto count = sums.leases_of_offer.find(offer.id);
        if (offer.active_leases != (count == sums.leases_of_offer.end() ? 0 : count->second)) {
            broken = "offer " + std::to_string(offer.id.value()) + " miscounts its leases";
        }
        if (sums.free.at(offer.id) != offer.capacity) {
            broken = "offer " + std::to_string(offer.id.value()) + ": free and leased do not add up to its capacity";
        }
    });
    for_each_record<provider::Provider>(view, provider::provider_prefix(), [&](const provider::Provider& provider) {
        const auto count = sums.leases_of_provider.find(provider.owner);
        if (provider.active_leases != (count == sums.leases_of_provider.end() ? 0 : count->second)) {
            broken = "provider " + crypto::to_bech32(provider.owner) + " miscounts its leases";
        }
    });
    for (const auto& [order, streams] : sums.streams) {
        if (streams > 1) {
            broken = "deployment " + std::to_string(order.first.value()) + " has two billing streams for one order";
        }
    }
    for_each_record<market::Lease>(view, market::lease_prefix(), [&](const market::Lease& lease) {
        if (std::optional<std::string> bad = broken_lease(lease)) {
            broken = std::move(bad);
        }
    });
    return broken;
}

std::optional<std::string> broken_jobs(const ledger::View& view) {
    const std::map<JobId, TaskSums> tasks = add_up_tasks(view);
    std::optional<std::string> broken;
    for_each_record<job::Job>(view, job::job_prefix(), [&](const job::Job& job) {
        const auto found = tasks.find(job.id);
        if (auto bad = broken_job(job, found == tasks.end() ? TaskSums{} : found->second)) {
            broken = std::move(bad);
        }
    });
    return broken;
}

}  // namespace

ledger::Derived rebuild(const ledger::Tree& state, const ledger::Parallel& parallel) {
    const ledger::View view{state, {}};
    const auto params = ledger::load<ledger::Params>(view, ledger::params_key()).value_or(ledger::Params{});
    const stake::Params stakes = stake::params(view);
    std::vector<Table> tables;
    add_table<market::Lease>(tables, market::lease_prefix(),
                             [&](const auto& each) { return market::index_entries(each, params); });
    add_table<market::Deployment>(tables, market::deployment_prefix(),
                                  [&](const auto& each) { return market::index_entries(each, params); });
    add_table<market::Offer>(tables, market::offer_prefix(),
                             [](const auto& each) { return market::index_entries(each); });
    add_table<job::Job>(tables, job::job_prefix(), [&](const auto& each) { return job::index_entries(each, params); });
    add_table<job::Task>(tables, keys::table(6, 2), [](const auto& each) { return job::index_entries(each); });
    add_table<job::Rates>(tables, job::rates_prefix(), [](const auto& each) { return job::index_entries(each); });
    add_table<audit::Standing>(tables, audit::standing_prefix(),
                               [](const auto& each) { return audit::index_entries(each); });
    add_table<audit::Audit>(tables, audit::audit_prefix(), [](const auto& each) { return audit::index_entries(each); });
    add_table<provider::Provider>(tables, provider::provider_prefix(),
                                  [&](const auto& each) { return provider::index_entries(each, params); });
    add_table<stake::Validator>(tables, stake::validator_prefix(),
                                [&](const auto& each) { return stake::index_entries(each, stakes); });
    add_table<stake::Delegation>(tables, stake::delegation_prefix(),
                                 [](const auto& each) { return stake::index_entries(each); });
    add_table<stake::Unbonding>(tables, stake::unbonding_prefix(),
                                [](const auto& each) { return stake::index_entries(each); });
    add_table<gov::Proposal>(tables, gov::proposal_prefix(), [](const auto& each) { return gov::index_entries(each); });
    std::vector<ledger::IndexPart> parts(kShares * tables.size());
    ledger::Board board;
    const auto one = [&](std::size_t number) {
        if (number == 0) {  // first: it takes the longest
            board = market::make_board(view);
            return;
        }
        const std::size_t i = number - 1;
        tables[i % tables.size()](view, i / tables.size(), parts[i]);
    };
    if (parallel) {
        parallel(parts.size() + 1, one);
    } else {
        for (std::size_t i = 0; i <= parts.size(); ++i) {
            one(i);
        }
    }
    return {ledger::join(std::move(parts)), std::move(board)};
}

std::optional<std::string> first_broken_invariant(const ledger::Ledger& ledger) {
    const ledger::View& view = ledger;
    const Sums sums = add_up(view);
    if (auto broken = broken_supply(view, bank::kCredit, sums.held)) {
        return broken;
    }
    if (auto broken = broken_supply(view, bank::kLet, sums.held_let)) {
        return broken;
    }
    if (auto broken = broken_counts(view, sums)) {
        return broken;
    }
    if (auto broken = broken_jobs(view)) {
        return broken;
    }
    if (std::string broken = audit::broken_draws(view); !broken.empty()) {
        return broken;
    }
    if (std::string broken = stake::broken_stakes(view); !broken.empty()) {
        return broken;
    }
    if (std::string broken = gov::broken_proposals(view); !broken.empty()) {
        return broken;
    }
    const ledger::Derived derived = rebuild(view.state());
    if (!derived.index.same_content(view.index())) {
        return "the index is not what its records say";
    }
    if (!derived.board.same_content(ledger.board())) {
        return "the board is not what the offers say";
    }
    return std::nullopt;
}

}  // namespace sublet::app
