// msg_post_offer.cpp: a standing offer of one machine.
// Deterministic. Spec: docs/spec/market.md (offers).
#include "base/must.hpp"
#include "modules/market/lifecycle.hpp"
#include "modules/market/messages.hpp"
#include "modules/market/parties.hpp"

namespace sublet::market {

Result<> check_static(const MsgPostOffer& message) {
    TRY(operator_address, account::parse(message.operator_address, "operator_address"));
    (void)operator_address;
    return check_terms({message.capacity, message.price, message.notice, message.attributes});
}

Result<> check_state(const MsgPostOffer& message, const View& view, const Block& block) {
    TRY(provider, require_operator(view, message.operator_address));
    if (message.machine >= provider.machines.size()) {
        return fail(Code::kOutOfRange, "the provider has no machine " + std::to_string(message.machine));
    }
    const std::vector<OfferId> offers = offers_of_provider(view, provider.owner);
    if (offers.size() >= kMaxOffersPerProvider) {
        return fail(Code::kTooManyOffers, "a provider has at most 16 offers");
    }
    for (const OfferId id : offers) {
        if (must(find_offer(view, id)).machine == message.machine) {
            return fail(Code::kTooManyOffers, "machine " + std::to_string(message.machine) +
                                                  " is offered already, as offer " + std::to_string(id.value()) +
                                                  "; update that one");
        }
    }
    return bank::require(view, provider.owner, block.params.object_bond);
}

void apply(const MsgPostOffer& message, Ledger& ledger, const Block& block) {
    const provider::Provider provider = *require_operator(ledger, message.operator_address);
    Offer offer;
    offer.id = OfferId{next_id(ledger, Counter::kOffer)};
    offer.provider = provider.owner;
    offer.machine = message.machine;
    offer.capacity = message.capacity;
    offer.free = message.capacity;
    offer.price = message.price;
    offer.notice = message.notice;
    offer.attributes = message.attributes;
    offer.available_until = message.available_until;
    offer.created_at = block.now;
    offer.bond = block.params.object_bond;
    bank::hold(ledger, provider.owner, offer.bond);
    save(ledger, offer);
    ledger.emit({"sublet.market.offer_posted",
                 {{"offer", std::to_string(offer.id.value())}, {"provider", crypto::to_bech32(offer.provider)}}});
}

}  // namespace sublet::market
