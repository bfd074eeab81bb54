// ante.cpp: signature, sequence and fee of a transaction.
// Deterministic. Spec: docs/spec/transactions.md (pipeline).
#include "app/ante.hpp"

#include "base/must.hpp"

#include <algorithm>

#include "app/amino.hpp"
#include "crypto/sha256.hpp"

namespace sublet::app {
namespace {

Result<FixedBytes<33>> key_of(const ledger::SignerInfo& info, const account::Account& account) {
    if (!info.public_key) {
        if (account.public_key == FixedBytes<33>{}) {
            return fail(Code::kWrongSigners, "the first transaction of an account must carry its public key");
        }
        return account.public_key;
    }
    TRY(wrapped, codec::decode<ledger::PubKey>(info.public_key->value));
    return fixed_from<33>(wrapped.key);
}

// What the signature is over. Errors: kEnvelopeRefused.
Result<Bytes> sign_bytes(const Parsed& parsed, std::string_view chain_id, std::uint64_t account_number) {
    const ledger::SignerInfo& info = parsed.transaction.auth.signer_infos.front();
    if (!info.mode_info || !info.mode_info->single) {
        return fail(Code::kEnvelopeRefused, "only single signatures are accepted, no multisig");
    }
    switch (info.mode_info->single->mode) {
        case ledger::SignMode::kDirect: {
            const ledger::TxRaw& raw = parsed.transaction.raw;
            return codec::encode(
                ledger::SignDoc{raw.body_bytes, raw.auth_info_bytes, std::string{chain_id}, account_number});
        }
        case ledger::SignMode::kLegacyAminoJson:
            return amino_sign_doc(parsed.transaction, parsed.messages, chain_id, account_number);
        case ledger::SignMode::kUnspecified:
            break;
    }
    return fail(Code::kEnvelopeRefused, "only SIGN_MODE_DIRECT and SIGN_MODE_LEGACY_AMINO_JSON are accepted");
}

Hash name_of(const FixedBytes<33>& key, const Hash& digest, BytesView signature) {
    crypto::Sha256 hasher;
    return hasher.update(view_of(digest)).update(view_of(key)).update(signature).finish();
}

Result<> check_signature(const Parsed& parsed, const Signer& signer, const AnteContext& context, Verdicts& verdicts) {
    const std::uint64_t account_number = signer.account.number.value();
    const std::string& chain_id = context.block.chain_id;
    TRY(signed_bytes, sign_bytes(parsed, chain_id, account_number));
    if (crypto::address_of(signer.public_key) != parsed.signer) {
        return fail(Code::kWrongSigners, "the public key is not that of " + crypto::to_bech32(parsed.signer));
    }
    const Hash digest = crypto::sha256(signed_bytes);
    if (!verdicts.verify(signer.public_key, digest, parsed.transaction.raw.signatures.front(), context.judged)) {
        return fail(Code::kBadSignature, "the signature does not verify: wrong key, chain id (" + chain_id +
                                             ") or account number (" + std::to_string(account_number) + ")");
    }
    return {};
}

Result<Amount> offered_fee(const ledger::Fee& fee, const Address& signer) {
    if (!fee.payer.empty() && fee.payer != crypto::to_bech32(signer)) {
        return fail(Code::kEnvelopeRefused, "the fee payer must be empty or the signer");
    }
    if (fee.amount.empty()) {
        return Amount{};
    }
    if (fee.amount.size() > 1 || fee.amount.front().denom != bank::kCredit) {
        return fail(Code::kFeeTooLow, "fees are paid in ucredit alone");
    }
    return bank::amount_of({fee.amount.front().denom, fee.amount.front().amount});
}

bool all_of_class(const Parsed& parsed, ledger::FeeClass wanted) {
    return std::ranges::all_of(parsed.messages, [&](const AnyMessage& each) { return fee_class_of(each) == wanted; });
}

bool is_free_faucet(const Parsed& parsed) {
    return parsed.messages.size() == 1 && fee_class_of(parsed.messages.front()) == ledger::FeeClass::kFaucet;
}

// The job that all these messages of a worker are about.
std::optional<JobId> job_of(const AnyMessage& message) {
    return std::visit(
        [](const auto& each) -> std::optional<JobId> {
            if constexpr (requires { each.operator_address, each.job; }) {
                return each.job;
            }
            return std::nullopt;
        },
        message);
}

// Its creator has paid for them.
std::optional<JobId> paying_job(const Parsed& parsed, const ledger::View& view) {
    const std::optional<JobId> id = job_of(parsed.messages.front());
    if (!id || !std::ranges::all_of(parsed.messages, [&](const AnyMessage& each) { return job_of(each) == id; }) ||
        !provider::find_by_operator(view, parsed.signer)) {
        return std::nullopt;
    }
    const std::optional<job::Job> found = job::find_job(view, *id);
    return found && found->free_messages >= parsed.messages.size() ? id : std::nullopt;
}

Result<> check_fee(const Parsed& parsed, Signer& signer, const AnteContext& context) {
    const ledger::Fee fee = must(parsed.transaction.auth.fee);
    TRY(offered, offered_fee(fee, parsed.signer));
    signer.fee = offered;
    if (fee.gas_limit < parsed.gas) {
        return fail(Code::kGasTooLow,
                    "gas limit " + std::to_string(fee.gas_limit) + ", " + std::to_string(parsed.gas) + " are needed");
    }
    if (is_free_faucet(parsed)) {
        signer.fee = Amount{};
        return {};
    }
    if (const std::optional<JobId> job = paying_job(parsed, context.view)) {
        signer.fee = Amount{};
        signer.free_of_job = job;
        return {};
    }
    if (all_of_class(parsed, ledger::FeeClass::kFreeForOperator)) {
        const std::optional<provider::Provider> provider = provider::find_by_operator(context.view, parsed.signer);
        if (provider && provider::within_quota(*provider, context.block)) {
            signer.fee = Amount{};
            signer.free_for_operator = true;
            return {};
        }
    }
    const u128 least = (u128{fee.gas_limit} * context.block.params.gas_price_nano + 999'999'999) / 1'000'000'000;
    if (offered.value() < least) {
        return fail(Code::kFeeTooLow, "the fee is " + std::to_string(offered.value()) + " ucredit, at least " +
                                          std::to_string(static_cast<std::uint64_t>(least)) +
                                          " are needed for that gas");
    }
    if (bank::balance(context.view, parsed.signer) < offered) {
        return fail(Code::kFeeUnpayable, crypto::to_bech32(parsed.signer) + " cannot pay the fee of " +
                                             std::to_string(offered.value()) + " ucredit");
    }
    return {};
}

}  // namespace

bool Verdicts::verify(const FixedBytes<33>& key, const Hash& digest, BytesView signature,
                      const std::optional<Judged>& known) {
    const Result<FixedBytes<64>> fixed = fixed_from<64>(signature);
    if (!fixed) {
        return false;
    }
    const Hash name = name_of(key, digest, signature);
    if (good_.contains(name) || older_.contains(name)) {
        return true;
    }
    const bool judged = known && known->name == name;
    if (!(judged ? known->good : crypto::verify(key, digest, *fixed))) {
        return false;
    }
    if (good_.size() >= kMaxVerdicts) {
        older_ = std::move(good_);
        good_.clear();
    }
    good_.insert(name);
    return true;
}

Result<Parsed> parse_transaction(BytesView bytes) {
    Parsed out;
    TRY(transaction, ledger::decode_transaction(bytes));
    out.transaction = std::move(transaction);
    out.gas = kGasPerByte * out.transaction.size;
    for (const ledger::Any& wire : out.transaction.body.messages) {
        TRY(message, Messages::decode(wire));
        TRY_OK(check_static_of(message));
        out.gas += gas_of(message);
        TRY(signer, account::parse(signer_of(message), "signer"));
        if (!out.messages.empty() && signer != out.signer) {
            return fail(Code::kWrongSigners, "all messages of a transaction must have one signer");
        }
        out.signer = signer;
        out.messages.push_back(std::move(message));
    }
    return out;
}

PreparedPtr prepare(BytesView bytes, const ledger::View& view, std::string_view chain_id) {
    auto out = std::make_shared<Prepared>(Prepared{parse_transaction(bytes), std::nullopt});
    if (!out->parsed) {
        return out;
    }
    const Parsed& parsed = *out->parsed;
    const account::Account account = account::find(view, parsed.signer).value_or(account::Account{});
    const Result<FixedBytes<33>> key = key_of(parsed.transaction.auth.signer_infos.front(), account);
    const Result<Bytes> signed_bytes = sign_bytes(parsed, chain_id, account.number.value());
    const Result<FixedBytes<64>> signature = fixed_from<64>(parsed.transaction.raw.signatures.front());
    if (!key || !signed_bytes || !signature) {
        return out;
    }
    const Hash digest = crypto::sha256(*signed_bytes);
    out->judged = Judged{name_of(*key, digest, view_of(*signature)), crypto::verify(*key, digest, *signature)};
    return out;
}

Result<Signer> check_signer(const Parsed& parsed, const AnteContext& context, Verdicts& verdicts) {
    Signer signer;
    const std::optional<account::Account> found = account::find(context.view, parsed.signer);
    if (!found && !is_free_faucet(parsed)) {
        return fail(Code::kAccountUnknown,
                    crypto::to_bech32(parsed.signer) + " has no account yet: it must receive something first");
    }
    signer.is_new = !found;
    signer.account = found.value_or(account::Account{});
    signer.account.address = parsed.signer;
    const ledger::SignerInfo& info = parsed.transaction.auth.signer_infos.front();
    TRY(key, key_of(info, signer.account));
    signer.public_key = key;
    TRY_OK(check_signature(parsed, signer, context, verdicts));
    const std::uint64_t expected = signer.account.sequence + context.pending;
    if (info.sequence != expected) {
        return fail(Code::kWrongSequence, "account sequence mismatch, expected " + std::to_string(expected) + ", got " +
                                              std::to_string(info.sequence));
    }
    const std::uint64_t timeout = parsed.transaction.body.timeout_height;
    if (timeout != 0 && timeout < context.block.height.value()) {
        return fail(Code::kTimeoutHeight, "the transaction was good until height " + std::to_string(timeout));
    }
    TRY_OK(check_fee(parsed, signer, context));
    if (is_free_faucet(parsed)) {
        // Free, so it must give something: else strangers would fill blocks and make accounts for nothing (T4).
        TRY_OK(check_state_of(parsed.messages.front(), context.view, context.block));
    }
    return signer;
}

}  // namespace sublet::app
