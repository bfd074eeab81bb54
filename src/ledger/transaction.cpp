// transaction.cpp: takes a transaction apart and refuses what the envelope may not carry (T11).
// Deterministic. Spec: docs/spec/transactions.md.
#include "ledger/transaction.hpp"

#include "crypto/sha256.hpp"

namespace sublet::ledger {
Result<Transaction> decode_transaction(BytesView bytes) {
    if (bytes.size() > kMaxTxBytes) {
        return fail(Code::kTooLarge, "the transaction has " + std::to_string(bytes.size()) + " bytes, at most " +
                                         std::to_string(kMaxTxBytes) + " are allowed");
    }
    Transaction out;
    TRY(raw, codec::decode<TxRaw>(bytes));
    TRY(body, codec::decode<TxBody>(raw.body_bytes));
    TRY(auth, codec::decode<AuthInfo>(raw.auth_info_bytes));
    out.raw = std::move(raw);
    out.body = std::move(body);
    out.auth = std::move(auth);
    out.hash = crypto::sha256(bytes);
    out.size = bytes.size();
    if (out.body.messages.empty()) {
        return fail(Code::kNoMessages, "the transaction has no message");
    }
    if (out.body.messages.size() > kMaxMessages) {
        return fail(Code::kEnvelopeRefused, "at most 16 messages fit into a transaction");
    }
    if (out.body.memo.size() > kMaxMemoBytes) {
        return fail(Code::kEnvelopeRefused, "the memo exceeds 256 bytes");
    }
    if (out.auth.signer_infos.size() != 1 || out.raw.signatures.size() != 1) {
        return fail(Code::kWrongSigners, "exactly one signer and one signature are expected");
    }
    if (!out.auth.fee) {
        return fail(Code::kEnvelopeRefused, "the fee is missing");
    }
    const SignerInfo& info = out.auth.signer_infos.front();
    if (info.public_key && info.public_key->type_url != kPubKeyTypeUrl) {
        return fail(Code::kEnvelopeRefused, "only secp256k1 keys are accepted, not " + info.public_key->type_url);
    }
    return out;
}

}  // namespace sublet::ledger
