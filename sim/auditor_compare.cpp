// auditor_compare.cpp: what must be equal after every block: balances, leases, what is burnt, what is leased.
#include "app/rebuild.hpp"
#include "auditor.hpp"
#include "crypto/address.hpp"
#include "modules/bank/bank.hpp"
#include "modules/market/market.hpp"
#include "rates.hpp"

namespace sublet::sim {

using properties::ModelLease;
using properties::State;

namespace {
constexpr properties::Time kLongestWait = 60'000;
}  // namespace

void Auditor::compare(const ledger::View& after) {
    if (app::ledger_time(after).value() != static_cast<std::uint64_t>(model_.now)) {
        complain("ledger time is " + std::to_string(app::ledger_time(after).value()) + " ms, " +
                 std::to_string(model_.now) + " ms are predicted (T1)");
    }
    for (const auto& [name, predicted] : model_.balances) {
        const crypto::Address address{*fixed_from<20>(*from_hex(name))};
        const Amount there = bank::balance(after, address);
        if (Wide{there.value()} != predicted) {
            complain(crypto::to_bech32(address) + " has " + std::to_string(there.value()) + " ucredit, " +
                     text_of(predicted) + " are predicted");
        }
    }
    for (const auto& [id, lease] : model_.leases) {
        if (!over_.contains(id)) {
            compare_lease(id, after);
        }
    }
    if (Wide{bank::supply(after).burnt.value()} != model_.burnt) {
        complain("burnt are " + std::to_string(bank::supply(after).burnt.value()) + " ucredit, predicted " +
                 text_of(model_.burnt));
    }
    compare_offers(after);
    look_at_waiting();
    compare_jobs(after);
}

void Auditor::compare_lease(std::uint64_t id, const ledger::View& after) {
    const ModelLease& lease = model_.leases.at(id);
    const auto there = market::find_lease(after, LeaseId{id});
    if (!there) {
        complain("lease " + std::to_string(id) + " is gone");
        return;
    }
    const escrow::Account& account = there->account;
    const auto equal = [&](const char* what, std::uint64_t is, Wide predicted) {
        if (Wide{is} != predicted) {
            complain("lease " + std::to_string(id) + ": " + what + " is " + std::to_string(is) + ", " +
                     text_of(predicted) + " is predicted");
        }
    };
    equal("its state", static_cast<std::uint64_t>(there->state), Wide{static_cast<int>(lease.state)} + 1);
    equal("deposited", account.deposited.value(), lease.funds());
    equal("paid", account.paid.value(), lease.paid);
    equal("burnt", account.burnt.value(), lease.burnt);
    equal("refunded", account.refunded.value(), lease.refunded);
    equal("due", there->due.value(), lease.due);
    equal("held", escrow::held(account).value(), lease.held());
    if (lease.state == State::kClosed && lease.due == 0) {
        over_.insert(id);
    }
}

void Auditor::Need::add(const market::GroupSpec& group) {
    for (const market::ResourceUnit& unit : group.units) {
        cpu_milli += unit.count * unit.cpu_milli;
        memory_bytes += unit.count * unit.memory_bytes;
        for (const market::Volume& volume : unit.volumes) {
            (volume.storage_class == "ram" ? memory_bytes : storage_bytes) += unit.count * volume.bytes;
        }
    }
}

bool Auditor::Need::within(const market::Capacity& capacity) const {
    return cpu_milli <= capacity.cpu_milli && memory_bytes <= capacity.memory_bytes &&
           storage_bytes <= capacity.storage_bytes;
}

// What the open leases of the offer take together.
Auditor::Need Auditor::leased_of(std::uint64_t offer) const {
    Need out;
    for (const auto& [id, lease] : model_.leases) {
        if (lease.state != State::kClosed && offer_of_.at(id) == offer) {
            out.add(groups_.at(lease.deployment).at(lease.group));
        }
    }
    return out;
}

// The terms are those that were announced in time, no slot is sold twice, and what is not leased is free.
void Auditor::compare_offers(const ledger::View& after) {
    for (const auto& [id, predicted] : offers_) {
        const std::optional<market::Offer> offer = market::find_offer(after, OfferId{id});
        const std::string name = "offer " + std::to_string(id);
        if (!offer) {
            complain(name + " is gone");
            continue;
        }
        if (offer->price != predicted.price || offer->notice != predicted.notice ||
            offer->capacity != predicted.capacity || offer->pending.has_value() != predicted.pending.has_value()) {
            complain(name + " has other terms than are predicted (T5)");
        }
        const Need used = leased_of(id);
        if (offer->free.cpu_milli + used.cpu_milli != offer->capacity.cpu_milli ||
            offer->free.memory_bytes + used.memory_bytes != offer->capacity.memory_bytes ||
            offer->free.storage_bytes + used.storage_bytes != offer->capacity.storage_bytes) {
            complain(name + " is oversold, or less is free than it says");
        }
    }
}

// ───── orders that wait ─────

bool Auditor::takes(const Offer& offer, std::uint64_t id, std::uint64_t deployment, std::size_t group) const {
    const properties::ModelProvider& provider = model_.providers.at(offer.provider);
    const bool beats = provider.last_heartbeat && model_.now - *provider.last_heartbeat <= properties::kCover;
    if (!offer.active || !beats || !provider.up) {
        return false;
    }
    for (const auto& [lease_id, lease] : model_.leases) {  // it failed this order before
        if (lease.deployment == deployment && lease.group == group && lease.by_provider &&
            lease.provider == offer.provider) {
            return false;
        }
    }
    const market::GroupSpec& wanted = groups_.at(deployment).at(group);
    Need together = leased_of(id);
    together.add(wanted);
    return together.within(offer.capacity) && rate_of(wanted, offer.price) <= highest_rate(wanted);
}

// T7: whatever clogs the matcher, an order that fits an offer is matched within two heartbeats.
void Auditor::look_at_waiting() {
    for (const auto& [id, deployment] : model_.deployments) {
        for (std::size_t group = 0; group < deployment.orders.size() && watched_.contains(deployment.owner); ++group) {
            std::optional<std::uint64_t> fitting;
            for (const auto& [offer_id, offer] : offers_) {
                if (deployment.orders[group].open && !fitting && takes(offer, offer_id, id, group)) {
                    fitting = offer_id;
                }
            }
            if (!fitting) {
                fits_since_.erase({id, group});
                continue;
            }
            const properties::Time since = fits_since_.try_emplace({id, group}, model_.now).first->second;
            if (model_.now - since > kLongestWait) {
                complain("an order of deployment " + std::to_string(id) + " waits, and offer " +
                         std::to_string(*fitting) + " fits it (T7)");
            }
        }
    }
}

}  // namespace sublet::sim
