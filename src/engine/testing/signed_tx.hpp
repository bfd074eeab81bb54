// signed_tx.hpp: keys and signed transactions for the tests of engine and api.
#pragma once

#include "crypto/sha256.hpp"
#include "ledger/transaction.hpp"
#include "modules/bank/messages.hpp"

namespace sublet::engine::testing {

struct Key {
    explicit Key(char seed)
        : secret(*crypto::SecretKey::from_bytes(Bytes(32, seed))),
          public_key(*crypto::public_key(secret)),
          address(crypto::to_bech32(crypto::address_of(public_key))) {}
    crypto::SecretKey secret;
    crypto::PublicKey public_key;
    std::string address;
};

struct Draft {
    std::string chain_id;
    std::uint64_t account_number = 0;
    std::uint64_t sequence = 0;
    std::uint64_t gas_limit = 100'000;
    std::string fee;  // "" for none
};

template <class M>
Bytes signed_tx(const Key& key, const M& message, const Draft& draft) {
    ledger::TxBody body;
    body.messages.push_back({std::string{M::kTypeUrl}, codec::encode(message)});
    ledger::SignerInfo signer;
    signer.public_key =
        ledger::Any{std::string{ledger::kPubKeyTypeUrl}, codec::encode(ledger::PubKey{Bytes{view_of(key.public_key)}})};
    signer.mode_info = ledger::ModeInfo{ledger::SingleMode{ledger::SignMode::kDirect}};
    signer.sequence = draft.sequence;
    ledger::AuthInfo auth;
    auth.signer_infos.push_back(signer);
    auth.fee = ledger::Fee{.amount = {}, .gas_limit = draft.gas_limit, .payer = {}};
    if (!draft.fee.empty()) {
        auth.fee->amount.push_back({"ucredit", draft.fee});
    }
    ledger::TxRaw raw{.body_bytes = codec::encode(body), .auth_info_bytes = codec::encode(auth), .signatures = {}};
    const ledger::SignDoc document{.body_bytes = raw.body_bytes,
                                   .auth_info_bytes = raw.auth_info_bytes,
                                   .chain_id = draft.chain_id,
                                   .account_number = draft.account_number};
    raw.signatures.emplace_back(view_of(crypto::sign(key.secret, crypto::sha256(codec::encode(document)))));
    return codec::encode(raw);
}

// Sends `amount` ucredit from the first account of small_genesis(); the sequence tells one from the next.
inline Bytes send_tx(const Key& from, const std::string& to, std::uint64_t amount, std::uint64_t sequence) {
    const bank::MsgSend message{
        .from_address = from.address, .to_address = to, .amount = {{"ucredit", std::to_string(amount)}}};
    return signed_tx(from, message, {.chain_id = "test-1", .account_number = 1, .sequence = sequence, .fee = "1000"});
}

}  // namespace sublet::engine::testing
