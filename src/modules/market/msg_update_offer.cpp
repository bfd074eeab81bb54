// msg_update_offer.cpp: new terms: better ones at once, worse ones after a delay (T5).
// Deterministic. Spec: docs/spec/market.md (offers).
#include <algorithm>

#include "modules/market/messages.hpp"
#include "modules/market/parties.hpp"

namespace sublet::market {
namespace {

bool dearer(const PriceVector& next, const PriceVector& now) {
    return next.cpu_core > now.cpu_core || next.memory_gib > now.memory_gib || next.storage_gib > now.storage_gib ||
           next.gpu > now.gpu;
}

// What is leased stays; the rest of the new capacity is free. Nothing when it is too small.
std::optional<Capacity> new_free(const Offer& offer, const Capacity& next) {
    const Capacity& old = offer.capacity;
    const Capacity& free = offer.free;
    const std::uint64_t cpu = old.cpu_milli - free.cpu_milli;
    const std::uint64_t memory = old.memory_bytes - free.memory_bytes;
    const std::uint64_t storage = old.storage_bytes - free.storage_bytes;
    const std::uint64_t gpus = old.gpus.empty() ? 0 : old.gpus.front().units - free.gpus.front().units;
    if (cpu > next.cpu_milli || memory > next.memory_bytes || storage > next.storage_bytes) {
        return std::nullopt;
    }
    if (gpus > 0 &&
        (next.gpus.empty() || next.gpus.front().model != old.gpus.front().model || next.gpus.front().units < gpus)) {
        return std::nullopt;
    }
    Capacity rest = next;
    rest.cpu_milli -= cpu;
    rest.memory_bytes -= memory;
    rest.storage_bytes -= storage;
    if (gpus > 0) {
        rest.gpus.front().units -= gpus;
    }
    return rest;
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
    if (!new_free(offer, message.capacity)) {
        return fail(Code::kOfferBusy, "the new capacity of offer " + std::to_string(message.offer.value()) +
                                          " is smaller than what is leased of it");
    }
    return {};
}

void apply(const MsgUpdateOffer& message, Ledger& ledger, const Block& block) {
    Offer offer = *find_offer(ledger, message.offer);
    offer.free = *new_free(offer, message.capacity);
    offer.capacity = message.capacity;
    offer.state = message.state;
    offer.attributes = message.attributes;
    offer.available_until = message.available_until;
    const bool worse = dearer(message.price, offer.price) || message.notice < offer.notice;
    if (worse) {
        offer.pending =
            PendingTerms{after(block.now, Millis{block.params.terms_delay_ms}), message.price, message.notice};
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
