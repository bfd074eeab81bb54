// envelope.cpp: transactions that carry what the envelope may not carry (T11).
#include "app/amino.hpp"
#include "crypto/sha256.hpp"
#include "world.hpp"

namespace sublet::scenario {
namespace {

// A length-delimited protobuf field, as another encoder would append it.
Bytes wire_field(std::uint32_t number, BytesView value) {
    Bytes out;
    for (std::uint64_t left : {std::uint64_t{number} << 3U | 2U, std::uint64_t{value.size()}}) {
        while (left >= 0x80) {
            out += static_cast<char>(left | 0x80U);
            left >>= 7U;
        }
        out += static_cast<char>(left);
    }
    return out + Bytes{value};
}

// n − s: the other signature of the same digest, which only its high s gives away.
void raise_s(Bytes& signature) {
    static constexpr std::uint8_t kOrder[32] = {0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
                                                0xff, 0xff, 0xff, 0xff, 0xfe, 0xba, 0xae, 0xdc, 0xe6, 0xaf, 0x48,
                                                0xa0, 0x3b, 0xbf, 0xd2, 0x5e, 0x8c, 0xd0, 0x36, 0x41, 0x41};
    int borrow = 0;
    for (std::size_t i = 32; i-- > 0;) {
        const int digit = int{kOrder[i]} - int{static_cast<std::uint8_t>(signature[32 + i])} - borrow;
        borrow = digit < 0 ? 1 : 0;
        signature[32 + i] = static_cast<char>(digit + 256 * borrow);
    }
}

void bend_auth(ledger::TxRaw& raw, const std::string& kind) {
    ledger::AuthInfo auth = *codec::decode<ledger::AuthInfo>(raw.auth_info_bytes);
    if (kind == "tip") {
        raw.auth_info_bytes += wire_field(3, "");
        return;
    }
    if (kind == "granter") {
        ledger::AuthInfo without = auth;
        without.fee.reset();
        const Bytes fee = codec::encode(*auth.fee) + wire_field(4, World::address("granter"));
        raw.auth_info_bytes = codec::encode(without) + wire_field(2, fee);
        return;
    }
    if (kind == "multisig") {
        auth.signer_infos.front().mode_info = ledger::ModeInfo{};
    } else if (kind == "no_mode") {
        auth.signer_infos.front().mode_info->single->mode = ledger::SignMode::kUnspecified;
    } else if (kind == "amino" || kind == "amino_without_key" || kind == "direct_as_amino") {
        auth.signer_infos.front().mode_info->single->mode = ledger::SignMode::kLegacyAminoJson;
    } else if (kind == "two_signers") {
        auth.signer_infos.push_back(auth.signer_infos.front());
    } else if (kind == "no_fee") {
        auth.fee.reset();
    } else if (kind == "other_key_type") {
        auth.signer_infos.front().public_key->type_url = "/cosmos.crypto.ed25519.PubKey";
    }
    if (kind == "amino_without_key") {
        auth.signer_infos.front().public_key.reset();
    }
    raw.auth_info_bytes = codec::encode(auth);
}

void bend_body(ledger::TxRaw& raw, const std::string& kind) {
    if (kind == "extension") {
        raw.body_bytes += wire_field(1023, wire_field(1, "/some.Extension"));
    } else if (kind == "soft_extension") {
        raw.body_bytes += wire_field(2047, wire_field(1, "/some.Extension"));
    } else if (kind == "unordered") {
        raw.body_bytes += Bytes("\x20\x01", 2);
    } else if (kind == "no_messages") {
        raw.body_bytes = Bytes{};
    } else if (kind == "unknown_message") {
        ledger::TxBody body;
        body.messages.push_back({"/cosmos.staking.v1beta1.MsgDelegate", "x"});
        raw.body_bytes = codec::encode(body);
    } else if (kind == "seventeen_messages") {
        ledger::TxBody body = *codec::decode<ledger::TxBody>(raw.body_bytes);
        body.messages.resize(17, body.messages.front());
        raw.body_bytes = codec::encode(body);
    }
}

// What a wallet that knows only amino JSON signs.
Bytes amino_bytes(const ledger::TxRaw& raw, const Bend& bend) {
    ledger::TxRaw whole = raw;
    whole.signatures = {""};  // the envelope must have one; it is not looked at
    const app::Parsed parsed = *app::parse_transaction(codec::encode(whole));
    return app::amino_sign_doc(parsed.transaction, parsed.messages, bend.chain_id, bend.account_number).value_or("");
}

}  // namespace

void sign_again(ledger::TxRaw& raw, const Bend& bend) {
    const ledger::SignDoc document{raw.body_bytes, raw.auth_info_bytes, bend.chain_id, bend.account_number};
    const bool amino = bend.kind.starts_with("amino");
    const Bytes signed_bytes = amino ? amino_bytes(raw, bend) : codec::encode(document);
    raw.signatures = {Bytes{view_of(crypto::sign(bend.key, crypto::sha256(signed_bytes)))}};
}

Bytes bent(const ledger::TxRaw& plain, const Bend& bend) {
    ledger::TxRaw raw = plain;
    bend_auth(raw, bend.kind);
    bend_body(raw, bend.kind);
    sign_again(raw, bend);
    if (bend.kind == "high_s") {
        raise_s(raw.signatures.front());
    } else if (bend.kind == "two_signatures") {
        raw.signatures.push_back(raw.signatures.front());
    } else if (bend.kind == "too_large") {
        raw.body_bytes.resize(ledger::kMaxTxBytes, 'x');
    } else if (bend.kind == "trailing") {
        return codec::encode(raw) + "x";
    }
    return codec::encode(raw);
}

}  // namespace sublet::scenario
