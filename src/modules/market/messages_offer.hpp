// messages_offer.hpp: the messages of offers: post, change, close.
// Deterministic. Spec: docs/spec/market.md.
#pragma once

#include "ledger/message.hpp"
#include "modules/market/offer.hpp"

namespace sublet::market {

using ledger::Block;
using ledger::FeeClass;
using ledger::Ledger;
using ledger::View;

// Posts a standing offer; locks params.object_bond. Errors: kNotOperator, kTooManyOffers, kBadField, kOutOfRange,
// kInsufficientFunds (the owner pays the bond).
struct MsgPostOffer {
    static constexpr std::string_view kTypeUrl = "/sublet.market.v1.MsgPostOffer";
    static constexpr std::uint64_t kGas = 60'000;
    static constexpr FeeClass kFeeClass = FeeClass::kFreeForOperator;
    std::string operator_address;
    std::uint32_t machine = 0;
    Capacity capacity;
    PriceVector price;
    Millis notice;  // 0 s, 30 s, 2 min or 10 min
    std::vector<provider::Attribute> attributes;
    LedgerTime available_until;  // zero: no end
    static constexpr auto fields() {
        using codec::field;
        return codec::list(field(1, "operator_address", &MsgPostOffer::operator_address),
                           field(2, "machine", &MsgPostOffer::machine), field(3, "capacity", &MsgPostOffer::capacity),
                           field(4, "price", &MsgPostOffer::price), field(5, "notice", &MsgPostOffer::notice),
                           field(6, "attributes", &MsgPostOffer::attributes),
                           field(7, "available_until", &MsgPostOffer::available_until));
    }
    [[nodiscard]] const std::string& signer() const { return operator_address; }
};
Result<> check_static(const MsgPostOffer& message);
Result<> check_state(const MsgPostOffer& message, const View& view, const Block& block);
void apply(const MsgPostOffer& message, Ledger& ledger, const Block& block);

// Replaces terms and state: better terms at once, worse ones after params.terms_delay_ms (T5). Errors: kOfferUnknown,
// kNotOfferOwner, kOfferBusy (capacity below what is leased), kBadField.
struct MsgUpdateOffer {
    static constexpr std::string_view kTypeUrl = "/sublet.market.v1.MsgUpdateOffer";
    static constexpr std::uint64_t kGas = 50'000;
    static constexpr FeeClass kFeeClass = FeeClass::kFreeForOperator;
    std::string operator_address;
    OfferId offer;
    OfferState state = OfferState::kActive;  // active, paused or draining
    Capacity capacity;
    PriceVector price;
    Millis notice;
    std::vector<provider::Attribute> attributes;
    LedgerTime available_until;
    static constexpr auto fields() {
        using codec::field;
        return codec::list(field(1, "operator_address", &MsgUpdateOffer::operator_address),
                           field(2, "offer", &MsgUpdateOffer::offer), field(3, "state", &MsgUpdateOffer::state),
                           field(4, "capacity", &MsgUpdateOffer::capacity), field(5, "price", &MsgUpdateOffer::price),
                           field(6, "notice", &MsgUpdateOffer::notice),
                           field(7, "attributes", &MsgUpdateOffer::attributes),
                           field(8, "available_until", &MsgUpdateOffer::available_until));
    }
    [[nodiscard]] const std::string& signer() const { return operator_address; }
};
Result<> check_static(const MsgUpdateOffer& message);
Result<> check_state(const MsgUpdateOffer& message, const View& view, const Block& block);
void apply(const MsgUpdateOffer& message, Ledger& ledger, const Block& block);

// Deletes an offer without leases and gives the bond back. Errors: kOfferUnknown, kNotOfferOwner, kOfferBusy.
struct MsgCloseOffer {
    static constexpr std::string_view kTypeUrl = "/sublet.market.v1.MsgCloseOffer";
    static constexpr std::uint64_t kGas = 40'000;
    static constexpr FeeClass kFeeClass = FeeClass::kFreeForOperator;
    std::string operator_address;
    OfferId offer;
    static constexpr auto fields() {
        using codec::field;
        return codec::list(field(1, "operator_address", &MsgCloseOffer::operator_address),
                           field(2, "offer", &MsgCloseOffer::offer));
    }
    [[nodiscard]] const std::string& signer() const { return operator_address; }
};
Result<> check_static(const MsgCloseOffer& message);
Result<> check_state(const MsgCloseOffer& message, const View& view, const Block& block);
void apply(const MsgCloseOffer& message, Ledger& ledger, const Block& block);

}  // namespace sublet::market
