// offer.cpp: offers' records and the buckets they stand in (T7).
// Deterministic. Spec: docs/spec/market.md (offers).
#include "modules/market/offer.hpp"

#include "modules/keys.hpp"
#include "modules/market/bucket.hpp"

namespace sublet::market {

Bytes offer_prefix() { return keys::table(5, 1); }
Bytes offer_key(OfferId id) { return keys::with(offer_prefix(), id.value()); }

std::optional<Offer> find_offer(const ledger::View& view, OfferId id) {
    return ledger::load<Offer>(view, offer_key(id));
}

ledger::IndexEntries index_entries(const Offer& offer) {
    ledger::IndexEntries entries;
    entries.emplace(keys::with(keys::with(keys::table(5, 1), offer.provider), offer.id.value()), "1");
    if (offer.state == OfferState::kActive) {
        entries.emplace(bucket_key(offer), "1");
    }
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
