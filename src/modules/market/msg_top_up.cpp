// msg_top_up.cpp: more money for a deployment, shared among its leases by rate (T2, T3, T4).
// Deterministic. Spec: docs/spec/market.md (leases), docs/spec/money.md.
#include <algorithm>

#include "base/must.hpp"
#include "modules/market/lifecycle.hpp"
#include "modules/market/messages.hpp"

namespace sublet::market {
namespace {

constexpr std::uint64_t kLeastTopUpMs = 60'000;

// Open leases of the deployment, oldest first.
std::vector<Lease> open_leases(const View& view, const Deployment& deployment) {
    std::vector<Lease> leases;
    for (const Group& group : deployment.groups) {
        std::optional<Lease> lease = find_lease(view, group.order.lease);
        if (group.order.state == OrderState::kMatched && lease && lease->state != LeaseState::kClosing &&
            lease->state != LeaseState::kClosed) {
            leases.push_back(std::move(*lease));
        }
    }
    std::ranges::sort(leases, {}, &Lease::id);
    return leases;
}

u128 sum_of_rates(const std::vector<Lease>& leases) {
    u128 sum = 0;
    for (const Lease& lease : leases) {
        sum += lease.account.rate.value();
    }
    return sum;
}

std::vector<Amount> shares(const std::vector<Lease>& leases, Amount amount) {
    const u128 all = sum_of_rates(leases);
    std::vector<Amount> out;
    Amount given;
    for (const Lease& lease : leases) {
        const u128 share = u128{amount.value()} * lease.account.rate.value() / all;
        out.push_back(Amount{static_cast<std::uint64_t>(share)});
        given = saturating_add(given, out.back());
    }
    out.front() = saturating_add(out.front(), saturating_sub(amount, given));
    return out;
}

void resume_if_funded(Lease& lease, const Deployment& deployment, Ledger& ledger, const Block& block) {
    const Amount least = escrow::cost_ceil(lease.account.rate, Millis{block.params.min_funding_ms});
    const Amount owed = saturating_sub(escrow::earned_floor(lease.account, ServiceClock{}), lease.account.paid);
    const Amount spare = saturating_sub(escrow::held(lease.account), owed);
    if (lease.state != LeaseState::kPaused || lease.start_by != LedgerTime{} || spare < least) {
        return;
    }
    lease.grace_used = saturating_add(lease.grace_used, since(lease.stopped_at, block.now));
    lease.grace_ends = LedgerTime{};
    lease.start_by = after(block.now, deployment.start_timeout);
    ledger.emit(lease_event("lease_funded", lease));
}

}  // namespace

Result<> check_static(const MsgTopUp& message) {
    TRY(depositor, account::parse(message.depositor, "depositor"));
    (void)depositor;
    if (message.amount.is_zero()) {
        return fail(Code::kOutOfRange, "amount: nothing to deposit");
    }
    return {};
}

Result<> check_state(const MsgTopUp& message, const View& view, const Block& /*block*/) {
    const std::optional<Deployment> deployment = find_deployment(view, message.deployment);
    if (!deployment) {
        return fail(Code::kDeploymentUnknown, "there is no deployment " + std::to_string(message.deployment.value()));
    }
    const Address depositor = account::parsed(message.depositor);
    const std::vector<Address>& allowed = deployment->depositors;
    if (depositor != deployment->owner && std::ranges::find(allowed, depositor) == allowed.end()) {
        return fail(Code::kNotDepositor, "only the owner and the depositors it named may top up");
    }
    const std::vector<Lease> leases = open_leases(view, *deployment);
    if (leases.empty()) {
        return fail(Code::kLeaseClosed,
                    "deployment " + std::to_string(message.deployment.value()) + " has no open lease to top up");
    }
    Amount least;
    for (const Lease& lease : leases) {
        if (!escrow::has_room(lease.account, depositor)) {
            return fail(Code::kDepositorsFull,
                        "lease " + std::to_string(lease.id.value()) + " has 16 deposits already");
        }
        least = saturating_add(least, escrow::cost_ceil(lease.account.rate, Millis{kLeastTopUpMs}));
    }
    if (message.amount < least) {
        return fail(Code::kDepositTooSmall,
                    "at least " + std::to_string(least.value()) + " ucredit are needed: 60 s of every open lease");
    }
    return bank::require(view, depositor, message.amount);
}

void apply(const MsgTopUp& message, Ledger& ledger, const Block& block) {
    const Address depositor = account::parsed(message.depositor);
    const Deployment deployment = must(find_deployment(ledger, message.deployment));
    bank::hold(ledger, depositor, message.amount);
    const std::vector<Lease> leases = open_leases(ledger, deployment);
    const std::vector<Amount> parts = shares(leases, message.amount);
    for (std::size_t i = 0; i < leases.size(); ++i) {
        Lease lease = leases[i];
        // Money that comes after c* must not buy the time before it.
        pause_if_exhausted(ledger, lease, block);
        if (lease.state == LeaseState::kClosed || lease.state == LeaseState::kClosing) {
            bank::release(ledger, depositor, parts[i]);
            continue;
        }
        escrow::deposit(lease.account, depositor, parts[i]);
        resume_if_funded(lease, deployment, ledger, block);
        save(ledger, lease);
    }
    ledger::Event event = deployment_event("deployment_topped_up", deployment);
    event.attributes.push_back({"depositor", message.depositor});
    event.attributes.push_back({"amount", std::to_string(message.amount.value())});
    ledger.emit(std::move(event));
}

}  // namespace sublet::market
