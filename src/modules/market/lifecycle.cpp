// lifecycle.cpp: assigning, pausing and closing leases.
// Deterministic. Spec: docs/spec/market.md (leases), docs/spec/money.md.
#include "modules/market/lifecycle.hpp"
#include "base/must.hpp"

#include <algorithm>

#include "modules/keys.hpp"
#include "modules/market/bookkeeping.hpp"

namespace sublet::market {
namespace {

constexpr std::uint64_t kGraceWindowMs = 86'400'000;
constexpr std::uint64_t kFaultPenaltyMs = 60'000;  // T8

// What goes into the lease's account: the order's lock, topped up to the chosen length of time as far as the balance
// goes.
Amount funding(const View& view, const Deployment& deployment, const Order& order, Rate rate) {
    if (!deployment.deposit.is_zero()) {
        return order.locked;
    }
    const Amount wanted = escrow::cost_ceil(rate, deployment.deposit_time);
    const Amount reachable = saturating_add(order.locked, bank::balance(view, deployment.owner));
    return std::min(wanted, reachable);
}

void count_fault(provider::Counters& counters, CloseReason reason) {
    switch (reason) {
        case CloseReason::kNoShow:
            ++counters.no_shows;
            break;
        case CloseReason::kImageFailed:
            ++counters.image_failed;
            break;
        case CloseReason::kNoManifest:
            ++counters.no_manifest;
            break;
        case CloseReason::kDecommission:
        case CloseReason::kProviderFault:
        case CloseReason::kResumeTimeout:
            ++counters.ended_by_provider;
            break;
        default:
            break;
    }
}

bool tenants_fault_before_start(const Lease& lease) {
    return lease.ready_at == LedgerTime{} &&
           (lease.reason == CloseReason::kNoManifest || lease.reason == CloseReason::kImageFailed);
}

// Puts the group up again without the provider that failed, when the tenant can fund the order once more (T8, T12).
bool reopen(Ledger& ledger, const Lease& lease, const Block& block) {
    Deployment deployment = must(find_deployment(ledger, lease.deployment));
    Order& order = deployment.groups[lease.group].order;
    if (lease.closed_by != Party::kProvider || deployment.state != DeploymentState::kActive ||
        order.excluded.size() >= kMaxExcluded) {
        return false;
    }
    const Amount lock = order_lock(deployment, lease.group, block);
    if (bank::balance(ledger, deployment.owner) < lock) {
        return false;
    }
    bank::hold(ledger, deployment.owner, lock);
    order.locked = lock;
    order.state = OrderState::kOpen;
    ++order.sequence;
    order.created_at = block.now;
    order.expires_at = after(block.now, Millis{block.params.order_life_max_ms});
    if (std::ranges::find(order.excluded, lease.provider) == order.excluded.end()) {
        order.excluded.push_back(lease.provider);
    }
    save(ledger, deployment);
    ledger.emit(deployment_event("order_opened", deployment));
    return true;
}

// Coins leave the account: penalty burnt, earnings set aside for the hold window, the rest to its depositors.
void distribute(Ledger& ledger, Lease& lease, const Block& block) {
    escrow::Account& account = lease.account;
    if (tenants_fault_before_start(lease)) {
        const Amount penalty =
            std::min(escrow::cost_ceil(account.rate, Millis{kFaultPenaltyMs}), escrow::held(account));
        escrow::burn(account, penalty);
        bank::burn_held(ledger, penalty);
    }
    if (lease.ready_at != LedgerTime{} && lease.closed_by != Party::kProvider) {
        escrow::raise_to(account, Millis{block.params.min_bill_ms});
    }
    lease.due = saturating_sub(escrow::earned_floor(account, ServiceClock{}), account.paid);
    escrow::pay(account, lease.due);
    for (const escrow::Refund& refund : escrow::refund_all(account)) {
        bank::release(ledger, refund.depositor, refund.amount);
    }
}

void free_capacity(Ledger& ledger, const Lease& lease) {
    const Deployment deployment = must(find_deployment(ledger, lease.deployment));
    Offer offer = must(find_offer(ledger, lease.offer));
    give_back(deployment.groups[lease.group].spec.units, offer.free);
    --offer.active_leases;
    save(ledger, offer);
}

}  // namespace

std::uint64_t next_id(Ledger& ledger, Counter counter) {
    return next_id(ledger, keys::table(5, 4) + static_cast<char>(counter));
}

Amount order_lock(const Deployment& deployment, std::size_t group, const Block& block) {
    const Rate own = max_rate(deployment.groups[group].spec);
    if (deployment.deposit.is_zero()) {
        return escrow::cost_ceil(own, Millis{block.params.min_funding_ms});
    }
    // By rate, rounded down; the last group gets what is left.
    u128 all = 0;
    for (const Group& each : deployment.groups) {
        all += max_rate(each.spec).value();
    }
    const auto share = [&](std::size_t index) {
        return static_cast<std::uint64_t>(u128{deployment.deposit.value()} *
                                          max_rate(deployment.groups[index].spec).value() / all);
    };
    if (group + 1 < deployment.groups.size()) {
        return Amount{share(group)};
    }
    std::uint64_t others = 0;
    for (std::size_t i = 0; i + 1 < deployment.groups.size(); ++i) {
        others += share(i);
    }
    return Amount{deployment.deposit.value() - others};
}

void assign(Ledger& ledger, Deployment& deployment, std::size_t group, Offer& offer, Rate rate, const Block& block) {
    Order& order = deployment.groups[group].order;
    provider::Provider provider = must(provider::find(ledger, offer.provider));
    Lease lease;
    lease.id = LeaseId{next_id(ledger, Counter::kLease)};
    lease.deployment = deployment.id;
    lease.group = static_cast<std::uint32_t>(group);
    lease.order_sequence = order.sequence;
    lease.tenant = deployment.owner;
    lease.provider = offer.provider;
    lease.offer = offer.id;
    lease.machine = offer.machine;
    lease.created_at = block.now;
    lease.start_by = after(block.now, deployment.start_timeout);
    lease.account.owner = deployment.owner;
    lease.account.rate = rate;
    const Amount funds = funding(ledger, deployment, order, rate);
    if (funds > order.locked) {
        bank::hold(ledger, deployment.owner, saturating_sub(funds, order.locked));
    } else {
        bank::release(ledger, deployment.owner, saturating_sub(order.locked, funds));
    }
    escrow::deposit(lease.account, deployment.owner, funds);
    order.locked = Amount{};
    order.state = OrderState::kMatched;
    order.lease = lease.id;
    save(ledger, deployment);
    save(ledger, lease);
    take(deployment.groups[group].spec.units, offer.free);
    ++offer.active_leases;
    save(ledger, offer);
    ++provider.active_leases;
    ++provider.counters.leases;
    provider::save(ledger, provider);
    ledger.emit(lease_event("lease_assigned", lease));
}

bool pause_if_exhausted(Ledger& ledger, Lease& lease, const Block& block) {
    const provider::Provider provider = must(provider::find(ledger, lease.provider));
    const ServiceClock clock = provider::machine_clock(provider, lease.machine);
    if (lease.state != LeaseState::kRunning || clock < escrow::stops_at(lease.account)) {
        return false;
    }
    escrow::stop(lease.account, clock);
    if (since(lease.grace_window, block.now).value() >= kGraceWindowMs || lease.grace_window == LedgerTime{}) {
        lease.grace_used = Millis{};
    }
    lease.grace_window = block.now;
    const Millis grace = saturating_sub(Millis{block.params.grace_ms}, lease.grace_used);
    lease.state = LeaseState::kPaused;
    lease.stopped_at = block.now;
    lease.start_by = LedgerTime{};
    lease.grace_ends = after(block.now, grace);
    if (grace.is_zero()) {
        begin_close(ledger, lease, {CloseReason::kFundsExhausted, Party::kTenant}, block);
        lease = must(find_lease(ledger, lease.id));
        return true;
    }
    save(ledger, lease);
    ledger.emit(lease_event("lease_paused", lease));
    return true;
}

void begin_close(Ledger& ledger, Lease lease, const Ending& ending, const Block& block) {
    SUBLET_ASSERT(lease.state != LeaseState::kClosing && lease.state != LeaseState::kClosed);
    lease.reason = ending.reason;
    lease.closed_by = ending.caused_by;
    lease.closed_at = block.now;
    if (lease.state == LeaseState::kRunning) {
        const provider::Provider provider = must(provider::find(ledger, lease.provider));
        const bool moving = provider.beating && provider.machines[lease.machine].up;
        lease.tail = moving ? since(provider.last_heartbeat, block.now) : Millis{};
        lease.stop_clock =
            saturating_add(provider::machine_clock(provider, lease.machine), ServiceClock{lease.tail.value()});
        lease.tail_until = after(provider.last_heartbeat, Millis{block.params.heartbeat_cover_ms});
        lease.state = LeaseState::kClosing;
        if (!lease.tail.is_zero()) {
            save(ledger, lease);
            ledger.emit(lease_event("lease_closing", lease));
            return;
        }
    }
    finish_close(ledger, std::move(lease), block);
}

void finish_close(Ledger& ledger, Lease lease, const Block& block) {
    provider::Provider provider = must(provider::find(ledger, lease.provider));
    if (lease.account.running) {
        // Whatever was not covered by a heartbeat did not pass on this clock.
        escrow::stop(lease.account, std::min(lease.stop_clock, provider::machine_clock(provider, lease.machine)));
        lease.stopped_at = block.now;
    }
    lease.state = LeaseState::kClosed;
    distribute(ledger, lease, block);
    save(ledger, lease);
    free_capacity(ledger, lease);
    --provider.active_leases;
    count_fault(provider.counters, lease.reason);
    provider::save(ledger, provider);
    ledger.emit(lease_event("lease_closed", lease));
    if (!reopen(ledger, lease, block)) {
        Deployment deployment = must(find_deployment(ledger, lease.deployment));
        deployment.groups[lease.group].order.state = OrderState::kClosed;
        save(ledger, deployment);
        close_if_done(ledger, lease.deployment, block);
    }
}

void end_order(Ledger& ledger, Deployment& deployment, std::size_t group, OrderState state) {
    Order& order = deployment.groups[group].order;
    SUBLET_ASSERT(order.state == OrderState::kOpen);
    order.state = state;
    bank::release(ledger, deployment.owner, order.locked);
    order.locked = Amount{};
    save(ledger, deployment);
}

bool close_if_done(Ledger& ledger, DeploymentId id, const Block& block) {
    Deployment deployment = must(find_deployment(ledger, id));
    const bool busy = std::ranges::any_of(deployment.groups, [](const Group& group) {
        return group.order.state == OrderState::kOpen || group.order.state == OrderState::kMatched;
    });
    if (busy || deployment.state == DeploymentState::kClosed) {
        return false;
    }
    deployment.state = DeploymentState::kClosed;
    deployment.closed_at = block.now;
    bank::release(ledger, deployment.owner, deployment.bond);
    deployment.bond = Amount{};
    save(ledger, deployment);
    ledger.emit(deployment_event("deployment_closed", deployment));
    return true;
}

void close_deployment(Ledger& ledger, Deployment deployment, const Block& block) {
    const DeploymentId id = deployment.id;
    for (std::size_t i = 0; i < deployment.groups.size(); ++i) {
        deployment = must(find_deployment(ledger, id));
        const Order& order = deployment.groups[i].order;
        if (order.state == OrderState::kOpen) {
            end_order(ledger, deployment, i, OrderState::kClosed);
        } else if (order.state == OrderState::kMatched) {
            Lease lease = must(find_lease(ledger, order.lease));
            if (lease.state != LeaseState::kClosing && lease.state != LeaseState::kClosed) {
                begin_close(ledger, std::move(lease), {CloseReason::kTenant, Party::kTenant}, block);
            }
        }
    }
    close_if_done(ledger, id, block);
}

ledger::Event lease_event(std::string_view fact, const Lease& lease) {
    ledger::Event event{"sublet.market." + std::string{fact},
                        {{"lease", std::to_string(lease.id.value())},
                         {"deployment", std::to_string(lease.deployment.value())},
                         {"group", std::to_string(lease.group)},
                         {"tenant", crypto::to_bech32(lease.tenant)},
                         {"provider", crypto::to_bech32(lease.provider)},
                         {"offer", std::to_string(lease.offer.value())},
                         {"rate", std::to_string(lease.account.rate.value())}}};
    if (lease.reason != CloseReason::kNone) {
        event.attributes.push_back({"reason", std::string{to_name(lease.reason)}});
        event.attributes.push_back({"caused_by", std::string{to_name(lease.closed_by)}});
    }
    if (lease.state == LeaseState::kClosed) {
        event.attributes.push_back({"paid", std::to_string(lease.account.paid.value())});
        event.attributes.push_back({"refunded", std::to_string(lease.account.refunded.value())});
        event.attributes.push_back({"burnt", std::to_string(lease.account.burnt.value())});
    }
    return event;
}

ledger::Event deployment_event(std::string_view fact, const Deployment& deployment) {
    return {"sublet.market." + std::string{fact},
            {{"deployment", std::to_string(deployment.id.value())}, {"owner", crypto::to_bech32(deployment.owner)}}};
}

}  // namespace sublet::market
