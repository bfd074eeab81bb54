// timers.cpp: what falls due: on ledger time (timers) and on a machine's clock (exhaustion, tails).
// Deterministic. Spec: docs/spec/market.md (timers), docs/spec/money.md.
#include <algorithm>

#include "base/must.hpp"
#include "modules/keys.hpp"
#include "modules/market/lifecycle.hpp"

namespace sublet::market {
namespace {

void pay_due(Ledger& ledger, Lease lease, const Block& /*block*/) {
    provider::Provider provider = must(provider::find(ledger, lease.provider));
    provider.counters.earned = saturating_add(provider.counters.earned, lease.due);
    provider::save(ledger, provider);
    bank::release(ledger, lease.provider, lease.due);
    ledger::Event event = lease_event("lease_paid", lease);
    event.attributes.push_back({"amount", std::to_string(lease.due.value())});
    lease.due = Amount{};
    save(ledger, lease);
    ledger.emit(std::move(event));
}

void archive_lease(Ledger& ledger, const Lease& lease, const Block& block) {
    ledger::replace_index(ledger, index_entries(lease, block.params), {});
    ledger.archive(lease_key(lease.id));
}

void on_lease_timer(Ledger& ledger, LeaseId id, const Block& block) {
    const Lease lease = must(find_lease(ledger, id));
    switch (lease.state) {
        case LeaseState::kAssigned:
            begin_close(ledger, lease, {CloseReason::kNoShow, Party::kProvider}, block);
            return;
        case LeaseState::kPaused:
            if (lease.start_by == LedgerTime{}) {
                begin_close(ledger, lease, {CloseReason::kFundsExhausted, Party::kTenant}, block);
            } else {
                begin_close(ledger, lease, {CloseReason::kResumeTimeout, Party::kProvider}, block);
            }
            return;
        case LeaseState::kClosing:
            finish_close(ledger, lease, block);
            return;
        case LeaseState::kClosed:
            if (lease.due.is_zero()) {
                archive_lease(ledger, lease, block);
            } else {
                pay_due(ledger, lease, block);
            }
            return;
        case LeaseState::kRunning:
            break;
    }
    SUBLET_UNREACHABLE();
}

void on_offer_terms(Ledger& ledger, OfferId id) {
    Offer offer = must(find_offer(ledger, id));
    take_pending(offer);
    save(ledger, offer);
    ledger.emit({"sublet.market.offer_updated", {{"offer", std::to_string(id.value())}}});
}

void on_order_expiry(Ledger& ledger, DeploymentId id, std::size_t group, const Block& block) {
    Deployment deployment = must(find_deployment(ledger, id));
    end_order(ledger, deployment, group, OrderState::kExpired);
    ledger::Event event = deployment_event("order_expired", deployment);
    event.attributes.push_back({"group", std::to_string(group)});
    ledger.emit(std::move(event));
    close_if_done(ledger, id, block);
}

void on_archive_deployment(Ledger& ledger, DeploymentId id, const Block& block) {
    const Deployment deployment = must(find_deployment(ledger, id));
    ledger::replace_index(ledger, index_entries(deployment, block.params), {});
    ledger.archive(deployment_key(id));
}

void run_timer(Ledger& ledger, BytesView key, const Block& block) {
    const BytesView rest = key.substr(2 + 8 + 1);
    const auto kind = static_cast<keys::Timer>(key[2 + 8]);
    switch (kind) {
        case keys::Timer::kProviderSilence:
            provider::on_silence(ledger, Address{*fixed_from<20>(rest)}, block);
            return;
        case keys::Timer::kLease:
            on_lease_timer(ledger, LeaseId{read_be64(rest)}, block);
            return;
        case keys::Timer::kOrderExpiry:
            on_order_expiry(ledger, DeploymentId{read_be64(rest)}, read_be64(rest.substr(8)), block);
            return;
        case keys::Timer::kOfferTerms:
            on_offer_terms(ledger, OfferId{read_be64(rest)});
            return;
        case keys::Timer::kArchiveDeployment:
            on_archive_deployment(ledger, DeploymentId{read_be64(rest)}, block);
            return;
    }
    SUBLET_UNREACHABLE();
}

std::optional<Bytes> first_key(const View& view, BytesView prefix) {
    std::optional<Bytes> first;
    view.visit_index(prefix, prefix, [&](BytesView key, BytesView) {
        first = Bytes{key};
        return false;
    });
    return first;
}

std::size_t run_exhaustions(Ledger& ledger, const Address& owner, const Block& block, std::size_t budget) {
    const provider::Provider provider = must(provider::find(ledger, owner));
    std::size_t handled = 0;
    for (std::uint32_t machine = 0; machine < provider.machines.size(); ++machine) {
        Bytes prefix = keys::with(keys::table(5, 7), owner);
        append_be32(prefix, machine);
        const ServiceClock clock = provider::machine_clock(provider, machine);
        while (handled < budget) {
            const std::optional<Bytes> key = first_key(ledger, prefix);
            if (!key || read_be64(BytesView{*key}.substr(prefix.size())) > clock.value()) {
                break;
            }
            Lease lease = must(find_lease(ledger, LeaseId{read_be64(BytesView{*key}.substr(prefix.size() + 8))}));
            const bool paused = pause_if_exhausted(ledger, lease, block);
            SUBLET_ASSERT(paused);
            ++handled;
        }
    }
    return handled;
}

}  // namespace

std::size_t run_timers(Ledger& ledger, const Block& block, std::size_t budget) {
    std::size_t handled = 0;
    while (handled < budget) {
        const std::optional<Bytes> key = first_key(ledger, keys::timers());
        if (!key || read_be64(BytesView{*key}.substr(2)) > block.now.value()) {
            break;
        }
        // The next step of the same object may fall due at the same instant (a payout when the tail is given up): it
        // then has the same key. The budget bounds that too.
        run_timer(ledger, *key, block);
        ++handled;
    }
    return handled;
}

std::size_t run_clock(Ledger& ledger, const Address& provider, const Block& block, std::size_t budget) {
    std::size_t handled = run_exhaustions(ledger, provider, block, budget);
    const Bytes prefix = keys::with(keys::table(5, 8), provider);
    while (handled < budget) {
        const std::optional<Bytes> key = first_key(ledger, prefix);
        if (!key) {
            break;
        }
        finish_close(ledger, must(find_lease(ledger, LeaseId{read_be64(BytesView{*key}.substr(prefix.size()))})),
                     block);
        ++handled;
    }
    return handled;
}

}  // namespace sublet::market
