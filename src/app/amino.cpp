// amino.cpp: the StdSignDoc of a transaction.
// Deterministic. Spec: docs/spec/transactions.md (amino JSON).
#include "app/amino.hpp"

#include "codec/amino.hpp"

namespace sublet::codec {
template <>
inline constexpr std::string_view kAminoKeeps<bank::MsgSend> = "amount";
}  // namespace sublet::codec

namespace sublet::app {
namespace {

std::string quoted(std::uint64_t number) { return '"' + std::to_string(number) + '"'; }

bool append_fee(std::string& out, const ledger::Fee& fee) {
    // Gas is a number in a string even when it is zero, which no transaction gets away with.
    out += "{\"amount\":[";
    bool ok = true;
    for (std::size_t i = 0; i < fee.amount.size(); ++i) {
        out += i == 0 ? "" : ",";
        ok = codec::append_amino_json(out, fee.amount[i]) && ok;
    }
    out += "],\"gas\":" + quoted(fee.gas_limit);
    if (!fee.payer.empty()) {
        out += ",\"payer\":";
        ok = codec::append_amino_text(out, fee.payer) && ok;
    }
    out += '}';
    return ok;
}

bool append_messages(std::string& out, const std::vector<AnyMessage>& messages) {
    bool ok = true;
    out += '[';
    for (std::size_t i = 0; i < messages.size(); ++i) {
        out += i == 0 ? "{\"type\":\"" : ",{\"type\":\"";
        out += amino_name_of(messages[i]);
        out += "\",\"value\":";
        ok = std::visit([&](const auto& each) { return codec::append_amino_json(out, each); }, messages[i]) && ok;
        out += '}';
    }
    out += ']';
    return ok;
}

}  // namespace

Result<std::string> amino_sign_doc(const ledger::Transaction& transaction, const std::vector<AnyMessage>& messages,
                                   std::string_view chain_id, std::uint64_t account_number) {
    const ledger::SignerInfo& info = transaction.auth.signer_infos.front();
    if (!transaction.auth.fee) {
        return fail(Code::kEnvelopeRefused, "the fee is missing");
    }
    if (!info.public_key) {
        // The sign bytes do not name the key: with and without it would be two transactions under one signature.
        return fail(Code::kEnvelopeRefused, "a transaction in SIGN_MODE_LEGACY_AMINO_JSON must carry its public key");
    }
    std::string out = "{\"account_number\":" + quoted(account_number) + ",\"chain_id\":";
    bool ok = codec::append_amino_text(out, chain_id);
    out += ",\"fee\":";
    ok = append_fee(out, *transaction.auth.fee) && ok;
    out += ",\"memo\":";
    ok = codec::append_amino_text(out, transaction.body.memo) && ok;
    out += ",\"msgs\":";
    ok = append_messages(out, messages) && ok;
    out += ",\"sequence\":" + quoted(info.sequence);
    if (transaction.body.timeout_height != 0) {
        out += ",\"timeout_height\":" + quoted(transaction.body.timeout_height);
    }
    out += '}';
    if (!ok) {
        return fail(Code::kEnvelopeRefused,
                    "a text in the transaction is not UTF-8, so SIGN_MODE_LEGACY_AMINO_JSON cannot sign it");
    }
    return out;
}

}  // namespace sublet::app
