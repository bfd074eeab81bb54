// messages.hpp: the messages of the bank: Cosmos' send, and the faucet of networks for trying.
// Deterministic. Spec: docs/spec/money.md.
#pragma once

#include "ledger/message.hpp"
#include "modules/bank/bank.hpp"

namespace sublet::bank {

using ledger::Block;
using ledger::FeeClass;
using ledger::Ledger;
using ledger::View;

// cosmos.base.v1beta1.Coin: the amount is a decimal string without sign or leading zeros, at most 2^64-1 here.
struct Coin {
    std::string denom;
    std::string amount;
    static constexpr auto fields() {
        return codec::list(codec::field(1, "denom", &Coin::denom), codec::field(2, "amount", &Coin::amount));
    }
    bool operator==(const Coin&) const = default;
};
Result<Amount> amount_of(const Coin& coin);  // kBadField, kUnknownDenom
Coin coin_of(Amount amount, std::string_view denom);

struct MsgSend {
    static constexpr std::string_view kTypeUrl = "/cosmos.bank.v1beta1.MsgSend";
    static constexpr std::uint64_t kGas = 40'000;
    static constexpr FeeClass kFeeClass = FeeClass::kPaid;
    std::string from_address;
    std::string to_address;
    std::vector<Coin> amount;  // 1..2, distinct denominations in ascending order
    static constexpr auto fields() {
        using codec::field;
        return codec::list(field(1, "from_address", &MsgSend::from_address),
                           field(2, "to_address", &MsgSend::to_address), field(3, "amount", &MsgSend::amount));
    }
    [[nodiscard]] const std::string& signer() const { return from_address; }
};

// Issues params.faucet_amount of ucredit to the signer. Free of fees; the signer need not have an account yet (it then
// signs with account number 0 and sequence 0). Errors: kFaucetClosed, kFaucetLimit (once per params.faucet_window_ms).
struct MsgFaucet {
    static constexpr std::string_view kTypeUrl = "/sublet.bank.v1.MsgFaucet";
    static constexpr std::uint64_t kGas = 40'000;
    static constexpr FeeClass kFeeClass = FeeClass::kFaucet;
    std::string recipient;
    static constexpr auto fields() { return codec::list(codec::field(1, "recipient", &MsgFaucet::recipient)); }
    [[nodiscard]] const std::string& signer() const { return recipient; }
};

Result<> check_static(const MsgSend& message);
Result<> check_state(const MsgSend& message, const View& view, const Block& block);
void apply(const MsgSend& message, Ledger& ledger, const Block& block);
Result<> check_static(const MsgFaucet& message);
Result<> check_state(const MsgFaucet& message, const View& view, const Block& block);
void apply(const MsgFaucet& message, Ledger& ledger, const Block& block);

}  // namespace sublet::bank
