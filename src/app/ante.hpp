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

// What was found of the signature of that name. A pure function of the name, so it is never asked twice.
struct Judged {
    Hash name{};  // H(digest ‖ public key ‖ signature)
    bool good = false;
};

// Signatures found good before, by H(sign bytes ‖ public key ‖ signature). Only good ones are remembered (T11).
class Verdicts {
public:
    // `known`: what prepare() found, if it came so far.
    bool verify(const FixedBytes<33>& key, const Hash& digest, BytesView signature, const std::optional<Judged>& known);

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

// A transaction taken apart, and perhaps its signature judged: for the account as a committed height has it. It depends
// on the bytes and on that height alone, so any thread may make it. When the account is another one in its turn, the
// signature has another name and is judged then.
struct Prepared {
    Result<Parsed> parsed;
    std::optional<Judged> judged;
};
using PreparedPtr = std::shared_ptr<const Prepared>;
PreparedPtr prepare(BytesView bytes, const ledger::View& view, std::string_view chain_id);

struct AnteContext {
    const ledger::View& view;
    const ledger::Block& block;
    std::uint64_t pending = 0;     // transactions of the signer that stand before this one in the mempool
    std::optional<Judged> judged;  // of the transaction's Prepared
};

// Who signs, checked. `number` 0: an account that the faucet will make.
struct Signer {
    account::Account account;
    bool is_new = false;
    FixedBytes<33> public_key{};
    Amount fee;
    bool free_for_operator = false;
    std::optional<JobId> free_of_job;  // the job's creator has paid for its workers' messages
};
// Signature, sequence, fee, in this order. Errors: kWrongSigners, kEnvelopeRefused, kAccountUnknown, kBadSignature,
// kWrongSequence, kTimeoutHeight, kGasTooLow, kFeeTooLow, kFeeUnpayable.
Result<Signer> check_signer(const Parsed& parsed, const AnteContext& context, Verdicts& verdicts);

}  // namespace sublet::app
