// auditor_compare.cpp: what must be equal after every block: balances, leases, what is burnt, what is leased.
#include "auditor.hpp"
#include "crypto/address.hpp"
#include "modules/bank/bank.hpp"
#include "modules/market/market.hpp"

namespace sublet::sim {

using properties::ModelLease;
using properties::State;

void Auditor::compare(const ledger::View& after) {
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

// No slot is sold twice: what the open leases of an offer need together is within what it has, and the rest is free.
void Auditor::compare_offers(const ledger::View& after) {
    std::map<std::uint64_t, std::pair<std::uint64_t, std::uint64_t>> leased;  // milli-cores, bytes of memory
    for (const auto& [id, lease] : model_.leases) {
        if (lease.state == State::kClosed) {
            continue;
        }
        auto& [cpu, memory] = leased[offer_of_.at(id)];
        for (const market::ResourceUnit& unit : groups_.at(lease.deployment).at(lease.group).units) {
            cpu += unit.count * unit.cpu_milli;
            memory += unit.count * unit.memory_bytes;
            for (const market::Volume& volume : unit.volumes) {
                memory += volume.storage_class == "ram" ? unit.count * volume.bytes : 0;
            }
        }
    }
    for (const auto& [id, used] : leased) {
        const std::optional<market::Offer> offer = market::find_offer(after, OfferId{id});
        if (!offer || offer->free.cpu_milli + used.first != offer->capacity.cpu_milli ||
            offer->free.memory_bytes + used.second != offer->capacity.memory_bytes) {
            complain("offer " + std::to_string(id) + " is gone or oversold");
        }
    }
}

}  // namespace sublet::sim
