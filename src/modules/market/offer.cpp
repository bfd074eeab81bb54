// offer.cpp: offers' records and what they index.
// Deterministic. Spec: docs/spec/market.md (offers).
#include "modules/market/offer.hpp"

#include "base/must.hpp"

#include <algorithm>

#include "modules/keys.hpp"

namespace sublet::market {

Bytes offer_prefix() { return keys::table(5, 1); }
Bytes offer_key(OfferId id) { return keys::with(offer_prefix(), id.value()); }

std::optional<Offer> find_offer(const ledger::View& view, OfferId id) {
    return ledger::load<Offer>(view, offer_key(id));
}

Capacity leased(const Offer& offer) {
    Capacity out = offer.capacity;
    out.cpu_milli -= offer.free.cpu_milli;
    out.memory_bytes -= offer.free.memory_bytes;
    out.storage_bytes -= offer.free.storage_bytes;
    if (!out.gpus.empty()) {
        out.gpus.front().units -= offer.free.gpus.front().units;
    }
    return out;
}

bool holds_leased(const Offer& offer, const Capacity& capacity) {
    const Capacity used = leased(offer);
    const bool gpus = used.gpus.empty() || used.gpus.front().units == 0 ||
                      (!capacity.gpus.empty() && capacity.gpus.front().model == used.gpus.front().model &&
                       capacity.gpus.front().units >= used.gpus.front().units);
    return gpus && used.cpu_milli <= capacity.cpu_milli && used.memory_bytes <= capacity.memory_bytes &&
           used.storage_bytes <= capacity.storage_bytes;
}

void set_capacity(Offer& offer, const Capacity& capacity) {
    const Capacity used = leased(offer);
    Capacity next = capacity;
    next.cpu_milli = std::max(next.cpu_milli, used.cpu_milli);
    next.memory_bytes = std::max(next.memory_bytes, used.memory_bytes);
    next.storage_bytes = std::max(next.storage_bytes, used.storage_bytes);
    const std::uint64_t gpus = used.gpus.empty() ? 0 : used.gpus.front().units;
    if (gpus > 0) {
        const bool same = !next.gpus.empty() && next.gpus.front().model == used.gpus.front().model;
        const std::uint64_t units = same ? std::max(next.gpus.front().units, gpus) : gpus;
        next.gpus = {GpuStock{used.gpus.front().model, units}};
    }
    offer.capacity = next;
    offer.free = next;
    offer.free.cpu_milli -= used.cpu_milli;
    offer.free.memory_bytes -= used.memory_bytes;
    offer.free.storage_bytes -= used.storage_bytes;
    if (gpus > 0) {
        offer.free.gpus.front().units -= gpus;
    }
}

void take_pending(Offer& offer) {
    const PendingTerms terms = must(offer.pending);
    offer.price = terms.price;
    offer.notice = terms.notice;
    if (terms.capacity) {
        set_capacity(offer, *terms.capacity);
    }
    offer.pending.reset();
}

ledger::IndexEntries index_entries(const Offer& offer) {
    ledger::IndexEntries entries;
    entries.emplace(keys::with(keys::with(keys::table(5, 1), offer.provider), offer.id.value()), "1");
    if (offer.pending) {
        entries.emplace(keys::timer(offer.pending->effective_at, keys::Timer::kOfferTerms, offer.id.value()), "1");
    }
    return entries;
}

void save(ledger::Ledger& ledger, const Offer& offer) {
    const std::optional<Offer> before = find_offer(ledger, offer.id);
    if (offer.state == OfferState::kClosed) {
        ledger.erase(offer_key(offer.id));
        ledger::replace_index(ledger, before ? index_entries(*before) : ledger::IndexEntries{}, {});
        return;
    }
    ledger::save(ledger, offer_key(offer.id), offer);
    ledger::replace_index(ledger, before ? index_entries(*before) : ledger::IndexEntries{}, index_entries(offer));
}

}  // namespace sublet::market
