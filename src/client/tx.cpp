// tx.cpp: builds and signs Cosmos transactions.
// Spec: docs/spec/transactions.md.
#include "client/tx.hpp"

#include "crypto/sha256.hpp"

namespace sublet::client {
namespace {

constexpr std::uint64_t kNanoPerUnit = 1'000'000'000;
constexpr std::uint64_t kSpareBytes = 16;  // a fee or gas limit with more digits than the draft's

ledger::TxRaw raw_of(const TxDraft& draft, const crypto::PublicKey& key) {
    ledger::TxBody body;
    body.messages = draft.messages;
    body.memo = draft.memo;

    ledger::PubKey public_key;
    public_key.key = Bytes{view_of(key)};
    ledger::SignerInfo signer;
    signer.public_key = ledger::Any{std::string{ledger::kPubKeyTypeUrl}, codec::encode(public_key)};
    signer.mode_info = ledger::ModeInfo{ledger::SingleMode{ledger::SignMode::kDirect}};
    signer.sequence = draft.sequence;
    ledger::Fee fee;
    if (!draft.fee.is_zero()) {
        fee.amount.push_back({"ucredit", std::to_string(draft.fee.value())});
    }
    fee.gas_limit = draft.gas_limit;
    ledger::AuthInfo auth;
    auth.signer_infos.push_back(std::move(signer));
    auth.fee = std::move(fee);

    ledger::TxRaw raw;
    raw.body_bytes = codec::encode(body);
    raw.auth_info_bytes = codec::encode(auth);
    return raw;
}

}  // namespace

Bytes sign_transaction(const TxDraft& draft, const crypto::SecretKey& secret) {
    const Result<crypto::PublicKey> key = crypto::public_key(secret);
    SUBLET_ASSERT(key.has_value());  // a SecretKey is valid by construction
    ledger::TxRaw raw = raw_of(draft, *key);
    ledger::SignDoc document;
    document.body_bytes = raw.body_bytes;
    document.auth_info_bytes = raw.auth_info_bytes;
    document.chain_id = draft.chain_id;
    document.account_number = draft.account_number;
    const crypto::Signature signature = crypto::sign(secret, crypto::sha256(codec::encode(document)));
    raw.signatures.emplace_back(view_of(signature));
    return codec::encode(raw);
}

Bytes unsigned_transaction(const TxDraft& draft, const crypto::PublicKey& key) {
    ledger::TxRaw raw = raw_of(draft, key);
    raw.signatures.emplace_back(sizeof(crypto::Signature), '\0');
    return codec::encode(raw);
}

std::uint64_t gas_needed(const std::vector<TxMessage>& messages, const TxDraft& draft, const crypto::PublicKey& key) {
    TxDraft sized = draft;
    sized.gas_limit = 1'000'000;
    sized.fee = Amount{1'000'000};
    std::uint64_t gas = kGasPerByte * (unsigned_transaction(sized, key).size() + kSpareBytes);
    for (const TxMessage& each : messages) {
        gas += each.gas;
    }
    return gas;
}

Amount fee_ceil(std::uint64_t gas, std::uint64_t gas_price_nano) {
    const u128 nano = u128{gas} * gas_price_nano;
    const u128 whole = (nano + kNanoPerUnit - 1) / kNanoPerUnit;
    const u128 most = ~std::uint64_t{0};
    return Amount{static_cast<std::uint64_t>(whole < most ? whole : most)};
}

Hash transaction_hash(BytesView transaction) { return crypto::sha256(transaction); }

}  // namespace sublet::client
