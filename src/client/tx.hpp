// tx.hpp: transactions as bytes: messages packed, body and signer put together, signed. Pure.
// Spec: docs/spec/transactions.md; Cosmos SIGN_MODE_DIRECT.
#pragma once

#include <string>
#include <vector>

#include "ledger/message.hpp"
#include "ledger/transaction.hpp"

namespace sublet::client {

// A message on its way into a transaction.
struct TxMessage {
    ledger::Any any;
    std::uint64_t gas = 0;  // its fixed part
    ledger::FeeClass fee_class = ledger::FeeClass::kPaid;
};

template <class M>
TxMessage pack(const M& message) {
    return {ledger::Any{std::string{M::kTypeUrl}, codec::encode(message)}, M::kGas, M::kFeeClass};
}

struct TxDraft {
    std::vector<ledger::Any> messages;
    std::string memo;
    std::string chain_id;
    std::uint64_t account_number = 0;
    std::uint64_t sequence = 0;
    std::uint64_t gas_limit = 0;
    Amount fee;  // ucredit; zero: no coins
};

// The signed TxRaw.
Bytes sign_transaction(const TxDraft& draft, const crypto::SecretKey& secret);
// The same with a signature of zeros, for a simulation.
Bytes unsigned_transaction(const TxDraft& draft, const crypto::PublicKey& key);

inline constexpr std::uint64_t kGasPerByte = 10;

// What the block will take for these messages in a transaction of this draft's size, with a little room for a longer
// fee.
std::uint64_t gas_needed(const std::vector<TxMessage>& messages, const TxDraft& draft, const crypto::PublicKey& key);

// ceil(gas × price / 10⁹).
Amount fee_ceil(std::uint64_t gas, std::uint64_t gas_price_nano);

Hash transaction_hash(BytesView transaction);

}  // namespace sublet::client
