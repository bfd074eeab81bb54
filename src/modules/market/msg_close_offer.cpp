// msg_close_offer.cpp: deletes an offer that carries no lease.
// Deterministic. Spec: docs/spec/market.md (offers).
#include "base/must.hpp"
#include "modules/market/messages.hpp"
#include "modules/market/parties.hpp"

namespace sublet::market {

Result<> check_static(const MsgCloseOffer& message) {
    TRY(operator_address, account::parse(message.operator_address, "operator_address"));
    (void)operator_address;
    return {};
}

Result<> check_state(const MsgCloseOffer& message, const View& view, const Block& /*block*/) {
    TRY(offer, require_offer(view, message.operator_address, message.offer));
    if (offer.active_leases > 0) {
        return fail(Code::kOfferBusy, "offer " + std::to_string(message.offer.value()) + " still carries " +
                                          std::to_string(offer.active_leases) + " leases; drain it first");
    }
    return {};
}

void apply(const MsgCloseOffer& message, Ledger& ledger, const Block& /*block*/) {
    Offer offer = must(find_offer(ledger, message.offer));
    bank::release(ledger, offer.provider, offer.bond);
    offer.bond = Amount{};
    offer.state = OfferState::kClosed;
    save(ledger, offer);
    ledger.emit({"sublet.market.offer_closed",
                 {{"offer", std::to_string(offer.id.value())}, {"provider", crypto::to_bech32(offer.provider)}}});
}

}  // namespace sublet::market
