// ante.hpp: everything a transaction must pass before its messages look at the state: envelope, signature, sequence,
// fee. Deterministic. Spec: docs/spec/transactions.md (pipeline).
#pragma once

#include <memory>
#include <optional>
#include <set>

#include "app/message_list.hpp"

namespace sublet::app {

inline constexpr std::uint64_t kGasPerByte = 10;
inline constexpr std::size_t kMaxVerdicts = 50'000;

// Signatures found good before, by H(sign bytes ‖ public key ‖ signature). Only good ones are remembered (T11).
class Verdicts {
public:
    // `known`: the name of a signature that prepare() found good, if it did.
    bool verify(const FixedBytes<33>& key, const Hash& digest, BytesView signature,
                const std::optional<Hash>& known = std::nullopt);

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

// A transaction taken apart, its signature judged where the account is known. It depends on the bytes and on a
// committed height alone, so any thread may make it; a signature that was not found good here is judged again in its
// turn.
struct Prepared {
    Result<Parsed> parsed;
    std::optional<Hash> good;  // the signature's name, see Verdicts
};
using PreparedPtr = std::shared_ptr<const Prepared>;
PreparedPtr prepare(BytesView bytes, const ledger::View& view, std::string_view chain_id);

struct AnteContext {
    const ledger::View& view;
    const ledger::Block& block;
    std::uint64_t pending = 0;  // transactions of the signer that stand before this one in the mempool
    std::optional<Hash> good;   // of the transaction's Prepared
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
