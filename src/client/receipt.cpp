// receipt.cpp: makes and checks receipts of deletions.
#include "client/receipt.hpp"

#include "client/signed_text.hpp"
#include "client/strict_json.hpp"
#include "client/token.hpp"

namespace sublet::client {
namespace {

using nlohmann::json;

constexpr std::string_view kDeletedScope = "deleted";

std::unexpected<Error> refuse_receipt(const std::string& why) {
    return fail(Code::kUnauthorized, "the receipt is refused: " + why);
}

json receipt_json(const Receipt& receipt) {
    json kept_for = json::array();
    for (const JobId id : receipt.kept_for) {
        kept_for.push_back(id.value());
    }
    return {{"iss", crypto::to_bech32(receipt.signer)},
            {"provider", crypto::to_bech32(receipt.provider)},
            {"creator", crypto::to_bech32(receipt.creator)},
            {"chain_id", receipt.chain_id},
            {"job", receipt.job.value()},
            {"content", to_hex(view_of(receipt.content))},
            {"input", to_hex(view_of(receipt.input))},
            {"bytes", receipt.bytes},
            {"why", receipt.why == Deleted::kAsked ? "asked" : "over"},
            {"at", receipt.at_s},
            {"kept_for", kept_for},
            {"scope", json::array({kDeletedScope})}};
}

Result<crypto::Address> address_at(const json& claims, std::string_view key) {
    TRY(text, string_at(claims, key));
    return crypto::parse_address(text);
}

Result<Hash> hash_at(const json& claims, std::string_view key) {
    TRY(text, string_at(claims, key));
    TRY(bytes, from_hex(text));
    return fixed_from<32>(bytes);
}

Result<std::vector<JobId>> jobs_at(const json& claims, const char* key) {
    const json& list = claims[key];
    if (!list.is_array() || list.size() > kMaxKeptFor) {
        return fail(Code::kParse, std::string{"\""} + key + "\" must be a list of at most 64 jobs");
    }
    std::vector<JobId> out;
    for (const json& each : list) {
        if (!each.is_number_unsigned()) {
            return fail(Code::kParse, std::string{"\""} + key + "\" has an entry that is no job");
        }
        out.emplace_back(each.get<std::uint64_t>());
    }
    return out;
}

Result<Receipt> receipt_of(const json& claims) {
    TRY_OK(require_keys(claims, {"iss", "provider", "creator", "chain_id", "job", "content", "input", "bytes", "why",
                                 "at", "kept_for", "scope"}));
    Receipt out;
    TRY(signer, address_at(claims, "iss"));
    TRY(provider, address_at(claims, "provider"));
    TRY(creator, address_at(claims, "creator"));
    TRY(chain_id, string_at(claims, "chain_id"));
    TRY(job, number_at(claims, "job"));
    TRY(content, hash_at(claims, "content"));
    TRY(input, hash_at(claims, "input"));
    TRY(bytes, number_at(claims, "bytes"));
    TRY(why, string_at(claims, "why"));
    TRY(at_s, number_at(claims, "at"));
    TRY(kept_for, jobs_at(claims, "kept_for"));
    if (claims["scope"] != json::array({kDeletedScope})) {
        return fail(Code::kParse, "\"scope\" must be [\"deleted\"]");
    }
    if (chain_id.empty() || chain_id.size() > kMaxChainId) {
        return fail(Code::kParse, "\"chain_id\" must have 1 to 64 characters");
    }
    if (why != "asked" && why != "over") {
        return fail(Code::kParse, "\"why\" must be asked or over");
    }
    return Receipt{signer,   provider,   creator,
                   chain_id, JobId{job}, content,
                   input,    bytes,      why == "asked" ? Deleted::kAsked : Deleted::kOver,
                   at_s,     kept_for};
}

}  // namespace

Result<std::string> make_receipt(Receipt receipt, const crypto::SecretKey& key) {
    TRY(own, crypto::public_key(key));
    receipt.signer = crypto::address_of(own);
    const json claims = receipt_json(receipt);
    if (const auto read_back = receipt_of(claims); !read_back) {
        return fail(Code::kUsage, "no such receipt can be made: " + read_back.error().message);
    }
    return sign_claims(claims, key);
}

Result<Receipt> verify_receipt(std::string_view text, std::string_view chain_id) {
    const auto read = read_signed(text);
    if (!read) {
        return refuse_receipt(read.error().message);
    }
    const auto out = receipt_of(read->claims);
    if (!out) {
        return refuse_receipt("in its claims " + out.error().message);
    }
    if (const auto genuine = check_signature(*read); !genuine) {
        return refuse_receipt(genuine.error().message);
    }
    if (out->signer != signer_of(*read)) {
        return refuse_receipt("its key is not the key of its issuer");
    }
    if (out->chain_id != chain_id) {
        return refuse_receipt("it is for another chain");
    }
    return out;
}

}  // namespace sublet::client
