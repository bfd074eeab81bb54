// msg_send.cpp: cosmos.bank.v1beta1.MsgSend.
// Deterministic. Spec: docs/spec/money.md.
#include "modules/bank/messages.hpp"

namespace sublet::bank {

Result<Amount> amount_of(const Coin& coin) {
    if (!known_denom(coin.denom)) {
        return fail(Code::kUnknownDenom, "there is no denomination " + coin.denom + "; ucredit and ulet exist");
    }
    if (coin.amount.empty() || coin.amount.size() > 20 || (coin.amount.front() == '0' && coin.amount.size() > 1)) {
        return fail(Code::kBadField, "the amount '" + coin.amount + "' is not a whole number of at most 20 digits");
    }
    std::uint64_t value = 0;
    for (const char c : coin.amount) {
        if (c < '0' || c > '9' || __builtin_mul_overflow(value, std::uint64_t{10}, &value) ||
            __builtin_add_overflow(value, static_cast<std::uint64_t>(c - '0'), &value)) {
            return fail(Code::kBadField, "the amount '" + coin.amount + "' is not a whole number below 2^64");
        }
    }
    return Amount{value};
}

Coin coin_of(Amount amount, std::string_view denom) { return {std::string{denom}, std::to_string(amount.value())}; }

Result<> check_static(const MsgSend& message) {
    TRY(from, account::parse(message.from_address, "from_address"));
    TRY(to, account::parse(message.to_address, "to_address"));
    (void)from;
    (void)to;
    if (message.amount.empty() || message.amount.size() > 2) {
        return fail(Code::kBadField, "amount: one or two coins are expected");
    }
    for (std::size_t i = 0; i < message.amount.size(); ++i) {
        TRY(amount, amount_of(message.amount[i]));
        if (amount.is_zero()) {
            return fail(Code::kOutOfRange, "amount: nothing to send");
        }
        if (i > 0 && message.amount[i].denom <= message.amount[i - 1].denom) {
            return fail(Code::kBadField, "amount: denominations must be distinct and in ascending order");
        }
    }
    return {};
}

Result<> check_state(const MsgSend& message, const View& view, const Block& /*block*/) {
    const Address from = account::parsed(message.from_address);
    const Address to = account::parsed(message.to_address);
    for (const Coin& coin : message.amount) {
        TRY(amount, amount_of(coin));
        TRY_OK(require(view, from, amount, coin.denom));
        if (from != to && !checked_add(balance(view, to, coin.denom), amount)) {
            return fail(Code::kOverflow, "the recipient's balance would not fit into 64 bits");
        }
    }
    return {};
}

void apply(const MsgSend& message, Ledger& ledger, const Block& /*block*/) {
    const Address from = account::parsed(message.from_address);
    const Address to = account::parsed(message.to_address);
    for (const Coin& coin : message.amount) {
        transfer(ledger, from, to, *amount_of(coin), coin.denom);
    }
}

}  // namespace sublet::bank
