// transaction.hpp: the envelope: Cosmos transactions, SIGN_MODE_DIRECT, secp256k1. What of it is refused: T11.
// Deterministic. Spec: docs/spec/transactions.md.
#pragma once

#include "codec/decode.hpp"
#include "crypto/secp256k1.hpp"

namespace sublet::ledger {

inline constexpr std::size_t kMaxTxBytes = 64U << 10U;
inline constexpr std::size_t kMaxMemoBytes = 256;
inline constexpr std::size_t kMaxMessages = 16;
inline constexpr std::string_view kPubKeyTypeUrl = "/cosmos.crypto.secp256k1.PubKey";

struct Any {
    std::string type_url;
    Bytes value;
    static constexpr auto fields() {
        return codec::list(codec::field(1, "type_url", &Any::type_url), codec::raw_field(2, "value", &Any::value));
    }
};

struct TxBody {
    std::vector<Any> messages;
    std::string memo;
    std::uint64_t timeout_height = 0;
    static constexpr auto fields() {
        return codec::list(codec::field(1, "messages", &TxBody::messages), codec::field(2, "memo", &TxBody::memo),
                           codec::field(3, "timeout_height", &TxBody::timeout_height));
    }
};

struct PubKey {
    Bytes key;  // 33 bytes
    static constexpr auto fields() { return codec::list(codec::raw_field(1, "key", &PubKey::key)); }
};

enum class SignMode : std::uint8_t { kUnspecified = 0, kDirect = 1, kLegacyAminoJson = 127 };
inline bool valid(SignMode mode) {
    return mode == SignMode::kUnspecified || mode == SignMode::kDirect || mode == SignMode::kLegacyAminoJson;
}
inline std::string_view to_name(SignMode mode) {
    return mode == SignMode::kDirect            ? "SIGN_MODE_DIRECT"
           : mode == SignMode::kLegacyAminoJson ? "SIGN_MODE_LEGACY_AMINO_JSON"
                                                : "SIGN_MODE_UNSPECIFIED";
}

struct SingleMode {
    SignMode mode = SignMode::kUnspecified;
    static constexpr auto fields() { return codec::list(codec::field(1, "mode", &SingleMode::mode)); }
};
struct ModeInfo {
    std::optional<SingleMode> single;
    static constexpr auto fields() { return codec::list(codec::field(1, "single", &ModeInfo::single)); }
};
struct SignerInfo {
    std::optional<Any> public_key;
    std::optional<ModeInfo> mode_info;
    std::uint64_t sequence = 0;
    static constexpr auto fields() {
        return codec::list(codec::field(1, "public_key", &SignerInfo::public_key),
                           codec::field(2, "mode_info", &SignerInfo::mode_info),
                           codec::field(3, "sequence", &SignerInfo::sequence));
    }
};

struct FeeCoin {
    std::string denom;
    std::string amount;
    static constexpr auto fields() {
        return codec::list(codec::field(1, "denom", &FeeCoin::denom), codec::field(2, "amount", &FeeCoin::amount));
    }
};
struct Fee {
    std::vector<FeeCoin> amount;
    std::uint64_t gas_limit = 0;
    std::string payer;
    static constexpr auto fields() {
        return codec::list(codec::field(1, "amount", &Fee::amount), codec::field(2, "gas_limit", &Fee::gas_limit),
                           codec::field(3, "payer", &Fee::payer));
    }
};

struct AuthInfo {
    std::vector<SignerInfo> signer_infos;
    std::optional<Fee> fee;
    static constexpr auto fields() {
        return codec::list(codec::field(1, "signer_infos", &AuthInfo::signer_infos),
                           codec::field(2, "fee", &AuthInfo::fee));
    }
};

struct TxRaw {
    Bytes body_bytes;
    Bytes auth_info_bytes;
    std::vector<Bytes> signatures;
    static constexpr auto fields() {
        return codec::list(codec::raw_field(1, "body_bytes", &TxRaw::body_bytes),
                           codec::raw_field(2, "auth_info_bytes", &TxRaw::auth_info_bytes),
                           codec::raw_field(3, "signatures", &TxRaw::signatures));
    }
};

struct SignDoc {
    Bytes body_bytes;
    Bytes auth_info_bytes;
    std::string chain_id;
    std::uint64_t account_number = 0;
    static constexpr auto fields() {
        return codec::list(codec::raw_field(1, "body_bytes", &SignDoc::body_bytes),
                           codec::raw_field(2, "auth_info_bytes", &SignDoc::auth_info_bytes),
                           codec::field(3, "chain_id", &SignDoc::chain_id),
                           codec::field(4, "account_number", &SignDoc::account_number));
    }
};

// A transaction taken apart. `hash` is SHA-256 of the raw bytes, as Cosmos names transactions.
struct Transaction {
    TxRaw raw;
    TxBody body;
    AuthInfo auth;
    Hash hash{};
    std::uint64_t size = 0;
};

// Envelope rules (T11) without signatures. Errors: kTooLarge, kMalformed…, kEnvelopeRefused, kNoMessages.
Result<Transaction> decode_transaction(BytesView bytes);

}  // namespace sublet::ledger
