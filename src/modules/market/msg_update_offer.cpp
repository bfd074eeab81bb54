// msg_update_offer.cpp: new terms: better ones at once, worse ones after a delay (T5).
// Deterministic. Spec: docs/spec/market.md (offers).
#include <algorithm>

#include "base/must.hpp"
#include "modules/market/messages.hpp"
#include "modules/market/parties.hpp"

namespace sublet::market {
namespace {

bool dearer(const PriceVector& next, const PriceVector& now) {
    return next.cpu_core > now.cpu_core || next.memory_gib > now.memory_gib || next.storage_gib > now.storage_gib ||
           next.gpu > now.gpu;
}

bool smaller(const Capacity& next, const Capacity& now) {
    const bool gpus = !now.gpus.empty() && (next.gpus.empty() || next.gpus.front().model != now.gpus.front().model ||
                                            next.gpus.front().units < now.gpus.front().units);
    return gpus || next.cpu_milli < now.cpu_milli || next.memory_bytes < now.memory_bytes ||
           next.storage_bytes < now.storage_bytes;
}

}  // namespace

Result<> check_static(const MsgUpdateOffer& message) {
    TRY(operator_address, account::parse(message.operator_address, "operator_address"));
    (void)operator_address;
    if (message.state == OfferState::kClosed) {
        return fail(Code::kBadField, "state: active, paused or draining; close an offer with MsgCloseOffer");
    }
    return check_terms({message.capacity, message.price, message.notice, message.attributes});
}

Result<> check_state(const MsgUpdateOffer& message, const View& view, const Block& /*block*/) {
    TRY(offer, require_offer(view, message.operator_address, message.offer));
    if (!holds_leased(offer, message.capacity)) {
        return fail(Code::kOfferBusy, "the new capacity of offer " + std::to_string(message.offer.value()) +
                                          " is smaller than what is leased of it");
    }
    return {};
}

void apply(const MsgUpdateOffer& message, Ledger& ledger, const Block& block) {
    Offer offer = must(find_offer(ledger, message.offer));
    offer.state = message.state;
    offer.attributes = message.attributes;
    offer.available_until = message.available_until;
    const bool shrinks = smaller(message.capacity, offer.capacity);
    if (!shrinks) {
        set_capacity(offer, message.capacity);
    }
    if (shrinks || dearer(message.price, offer.price) || message.notice < offer.notice) {
        PendingTerms next;
        next.effective_at = after(block.now, Millis{block.params.terms_delay_ms});
        next.price = message.price;
        next.notice = message.notice;
        if (shrinks) {
            next.capacity = message.capacity;
        }
        // Saying the same again does not put it off.
        if (offer.pending && offer.pending->price == next.price && offer.pending->notice == next.notice &&
            offer.pending->capacity == next.capacity) {
            next.effective_at = offer.pending->effective_at;
        }
        offer.pending = std::move(next);
    } else {
        offer.pending.reset();
        offer.price = message.price;
        offer.notice = message.notice;
    }
    save(ledger, offer);
    ledger.emit({"sublet.market.offer_updated",
                 {{"offer", std::to_string(offer.id.value())}, {"provider", crypto::to_bech32(offer.provider)}}});
}

}  // namespace sublet::market
