// offer.hpp: a standing offer: one machine's named capacity, decremented by the ledger at a match and restored at a
// close. Deterministic. Spec: docs/spec/market.md (offers).
#pragma once

#include "modules/market/resources.hpp"

namespace sublet::market {

inline constexpr std::size_t kMaxOffersPerProvider = 16;

enum class OfferState : std::uint8_t { kActive = 1, kPaused = 2, kDraining = 3, kClosed = 4 };
bool valid(OfferState state);
std::string_view to_name(OfferState state);

// Worse terms wait params.terms_delay_ms (T5).
struct PendingTerms {
    LedgerTime effective_at;
    PriceVector price;
    Millis notice;
    std::optional<Capacity> capacity;  // only when it shrinks
    static constexpr auto fields() {
        using codec::field;
        return codec::list(field(1, "effective_at", &PendingTerms::effective_at),
                           field(2, "price", &PendingTerms::price), field(3, "notice", &PendingTerms::notice),
                           field(4, "capacity", &PendingTerms::capacity));
    }
};

struct Offer {
    std::uint32_t version = 1;
    OfferId id;
    Address provider;           // the provider's owner
    std::uint32_t machine = 0;  // position in the provider's list
    OfferState state = OfferState::kActive;
    Capacity capacity;
    Capacity free;
    PriceVector price;
    Millis notice;  // how long a tenant has when the owner wants the machine back
    std::vector<provider::Attribute> attributes;
    LedgerTime available_until;  // zero: no end
    std::optional<PendingTerms> pending;
    LedgerTime created_at;
    std::uint64_t active_leases = 0;
    Amount bond;  // locked until it is deleted (T4)

    static constexpr auto fields() {
        using codec::field;
        return codec::list(field(1, "version", &Offer::version), field(2, "id", &Offer::id),
                           field(3, "provider", &Offer::provider), field(4, "machine", &Offer::machine),
                           field(5, "state", &Offer::state), field(6, "capacity", &Offer::capacity),
                           field(7, "free", &Offer::free), field(8, "price", &Offer::price),
                           field(9, "notice", &Offer::notice), field(10, "attributes", &Offer::attributes),
                           field(11, "available_until", &Offer::available_until), field(12, "pending", &Offer::pending),
                           field(13, "created_at", &Offer::created_at),
                           field(14, "active_leases", &Offer::active_leases), field(15, "bond", &Offer::bond));
    }
};

Bytes offer_prefix();
Bytes offer_key(OfferId id);
std::optional<Offer> find_offer(const ledger::View& view, OfferId id);
// Writes the record and what it indexes.
void save(ledger::Ledger& ledger, const Offer& offer);
ledger::IndexEntries index_entries(const Offer& offer);

// What is leased of the offer: its capacity less what is free.
Capacity leased(const Offer& offer);
// Whether `capacity` holds what is leased.
bool holds_leased(const Offer& offer, const Capacity& capacity);
// Replaces the capacity, but never below what is leased.
void set_capacity(Offer& offer, const Capacity& capacity);
// The pending terms take effect.
void take_pending(Offer& offer);

}  // namespace sublet::market
