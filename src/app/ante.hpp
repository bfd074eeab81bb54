// ante.hpp: everything a transaction must pass before its messages look at the state: envelope, signature, sequence,
// fee. Deterministic. Spec: docs/spec/transactions.md (pipeline).
#pragma once

#include <set>

#include "app/message_list.hpp"

namespace sublet::app {

inline constexpr std::uint64_t kGasPerByte = 10;
inline constexpr std::size_t kMaxVerdicts = 50'000;

// Signatures found good before, by H(sign bytes ‖ public key ‖ signature). Only good ones are remembered (T11).
class Verdicts {
public:
    bool verify(const FixedBytes<33>& key, const Hash& digest, BytesView signature);

private:
    std::set<Hash> good_;
    std::set<Hash> older_;
};

// A transaction whose messages passed check_static.
struct Parsed {
    ledger::Transaction transaction;
    std::vector<AnyMessage> messages;
    Address signer;
    std::uint64_t gas = 0;
};
Result<Parsed> parse_transaction(BytesView bytes);

struct AnteContext {
    const ledger::View& view;
    const ledger::Block& block;
    std::uint64_t pending = 0;  // transactions of the signer that stand before this one in the mempool
};

// Who signs, checked. `number` 0: an account that the faucet will make.
struct Signer {
    account::Account account;
    bool is_new = false;
    FixedBytes<33> public_key{};
    Amount fee;
    bool free_for_operator = false;
};
// Signature, sequence, fee, in this order. Errors: kWrongSigners, kEnvelopeRefused, kAccountUnknown, kBadSignature,
// kWrongSequence, kTimeoutHeight, kGasTooLow, kFeeTooLow, kFeeUnpayable.
Result<Signer> check_signer(const Parsed& parsed, const AnteContext& context, Verdicts& verdicts);

}  // namespace sublet::app
