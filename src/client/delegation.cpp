// delegation.cpp: makes and checks delegations.
#include "client/delegation.hpp"

#include "client/signed_text.hpp"
#include "client/strict_json.hpp"
#include "client/token.hpp"

namespace sublet::client {
namespace {

using nlohmann::json;

constexpr std::string_view kKeepScope = "keep";

std::unexpected<Error> refuse_delegation(const std::string& why) {
    return fail(Code::kUnauthorized, "the delegation is refused: " + why);
}

json claims_json(const Delegation& delegation) {
    return {{"iss", crypto::to_bech32(delegation.creator)},
            {"sub", crypto::to_bech32(delegation.keeper)},
            {"chain_id", delegation.chain_id},
            {"job", delegation.job.value()},
            {"scope", json::array({kKeepScope})},
            {"input", to_hex(view_of(delegation.input))},
            {"iat", delegation.issued_s},
            {"exp", delegation.expires_s}};
}

Result<Delegation> delegation_of(const json& claims) {
    TRY_OK(require_keys(claims, {"iss", "sub", "chain_id", "job", "scope", "input", "iat", "exp"}));
    Delegation out;
    TRY(creator, string_at(claims, "iss"));
    TRY(creator_address, crypto::parse_address(creator));
    TRY(keeper, string_at(claims, "sub"));
    TRY(keeper_address, crypto::parse_address(keeper));
    TRY(chain_id, string_at(claims, "chain_id"));
    TRY(job, number_at(claims, "job"));
    TRY(input, string_at(claims, "input"));
    TRY(input_bytes, from_hex(input));
    TRY(input_hash, fixed_from<32>(input_bytes));
    TRY(issued, number_at(claims, "iat"));
    TRY(expires, number_at(claims, "exp"));
    if (claims["scope"] != json::array({kKeepScope})) {
        return fail(Code::kParse, "\"scope\" must be [\"keep\"]");
    }
    if (chain_id.empty() || chain_id.size() > kMaxChainId) {
        return fail(Code::kParse, "\"chain_id\" must have 1 to 64 characters");
    }
    if (expires <= issued || expires - issued > kMaxDelegationLife_s) {
        return fail(Code::kParse, "\"exp\" must come after \"iat\", by at most 30 days");
    }
    return Delegation{.creator = creator_address,
                      .keeper = keeper_address,
                      .chain_id = chain_id,
                      .job = JobId{job},
                      .input = input_hash,
                      .issued_s = issued,
                      .expires_s = expires};
}

}  // namespace

Result<std::string> make_delegation(Delegation delegation, const crypto::SecretKey& key) {
    TRY(own, crypto::public_key(key));
    delegation.creator = crypto::address_of(own);
    const json claims = claims_json(delegation);
    if (const auto read_back = delegation_of(claims); !read_back) {
        return fail(Code::kUsage, "no such delegation can be made: " + read_back.error().message);
    }
    return sign_claims(claims, key);
}

Result<Delegation> verify_delegation(std::string_view text, std::string_view chain_id, std::uint64_t now_s) {
    const auto read = read_signed(text);
    if (!read) {
        return refuse_delegation(read.error().message);
    }
    const auto out = delegation_of(read->claims);
    if (!out) {
        return refuse_delegation("in its claims " + out.error().message);
    }
    if (const auto genuine = check_signature(*read); !genuine) {
        return refuse_delegation(genuine.error().message);
    }
    if (out->creator != signer_of(*read)) {
        return refuse_delegation("its key is not the key of its issuer");
    }
    if (out->chain_id != chain_id) {
        return refuse_delegation("it is for another chain");
    }
    if (out->issued_s > now_s + kTokenSkew_s) {
        return refuse_delegation("it is not valid yet; compare the clocks of both machines");
    }
    if (out->expires_s < now_s) {
        return refuse_delegation("it has expired; the job's creator makes a new one");
    }
    return out;
}

}  // namespace sublet::client
