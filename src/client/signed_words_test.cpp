// signed_words_test.cpp: delegations and receipts: what was signed is what is read, and one row per refusal.
#include <gtest/gtest.h>

#include <functional>
#include <nlohmann/json.hpp>

#include "client/delegation.hpp"
#include "client/receipt.hpp"
#include "client/signed_text.hpp"
#include "client/token.hpp"

namespace sublet::client {
namespace {

using nlohmann::json;

constexpr std::uint64_t kThen_s = 1'800'000'000;
constexpr const char* kNetwork = "sublet-local";

crypto::SecretKey signing_key(char fill) { return *crypto::SecretKey::from_bytes(Bytes(32, fill)); }
crypto::Address owner_of(char fill) { return crypto::address_of(*crypto::public_key(signing_key(fill))); }

Delegation plain_delegation() {
    return Delegation{.creator = owner_of('c'),
                      .keeper = owner_of('k'),
                      .chain_id = kNetwork,
                      .job = JobId{7},
                      .input = *fixed_from<32>(Bytes(32, 'i')),
                      .issued_s = kThen_s,
                      .expires_s = kThen_s + kMaxDelegationLife_s};
}

Receipt plain_receipt() {
    return Receipt{.signer = owner_of('k'),
                   .provider = owner_of('p'),
                   .creator = owner_of('c'),
                   .chain_id = kNetwork,
                   .job = JobId{7},
                   .content = *fixed_from<32>(Bytes(32, 'p')),
                   .input = {},
                   .bytes = 5,
                   .why = Deleted::kOver,
                   .at_s = kThen_s,
                   .kept_for = {JobId{8}, JobId{9}}};
}

// The claims of a signed text, changed and signed again by the same key.
std::string changed(const std::string& text, char fill, const std::function<void(json&)>& change) {
    json claims = read_signed(text)->claims;
    change(claims);
    return *sign_claims(claims, signing_key(fill));
}

TEST(Delegation, WhatWasSignedIsWhatIsRead) {
    const std::string text = *make_delegation(plain_delegation(), signing_key('c'));
    EXPECT_EQ(*verify_delegation(text, kNetwork, kThen_s), plain_delegation());
    EXPECT_TRUE(verify_delegation(text, kNetwork, kThen_s + kMaxDelegationLife_s).has_value());
    EXPECT_TRUE(verify_delegation(text, kNetwork, kThen_s - kTokenSkew_s).has_value());
}

TEST(Delegation, RefusalsSayWhichRule) {
    const std::string good = *make_delegation(plain_delegation(), signing_key('c'));
    const auto with = [&](const char* key, const json& value) {
        return changed(good, 'c', [&](json& claims) { claims[key] = value; });
    };
    std::string forged = good;
    forged[forged.size() - 3] = forged[forged.size() - 3] == 'A' ? 'B' : 'A';
    struct Row {
        const char* what;
        std::string text;
        const char* part;
    };
    const std::vector<Row> rows = {
        {"no text", "", "three parts"},
        {"another scope", with("scope", json::array({"job"})), "scope"},
        {"two scopes", with("scope", json::array({"keep", "job"})), "scope"},
        {"one key more", with("lease", 3), "lease"},
        {"a life of more than 30 days", with("exp", kThen_s + kMaxDelegationLife_s + 1), "30 days"},
        {"no life", with("exp", kThen_s), "after"},
        {"no address", with("sub", "me"), "claims"},
        {"a short hash", with("input", "00"), "claims"},
        {"a bent signature", forged, "signature"},
        {"signed by another", changed(good, 'x', [](json&) {}), "issuer"},
        {"another network", with("chain_id", "other"), "chain"},
        {"of tomorrow", with("iat", kThen_s + kTokenSkew_s + 1), "not valid yet"},
        {"a receipt", *make_receipt(plain_receipt(), signing_key('c')), "claims"},
    };
    for (const Row& row : rows) {
        const auto read = verify_delegation(row.text, kNetwork, kThen_s);
        ASSERT_FALSE(read.has_value()) << row.what;
        EXPECT_EQ(read.error().code, Code::kUnauthorized) << row.what;
        EXPECT_NE(read.error().message.find(row.part), std::string::npos) << row.what << ": " << read.error().message;
    }
    EXPECT_FALSE(verify_delegation(good, kNetwork, kThen_s + kMaxDelegationLife_s + 1).has_value());
    Delegation endless = plain_delegation();
    ++endless.expires_s;
    EXPECT_EQ(make_delegation(endless, signing_key('c')).error().code, Code::kUsage);
}

// Whoever has a creator's delegation has no token of his, and the other way round.
TEST(Delegation, IsNoToken) {
    const std::string text = *make_delegation(plain_delegation(), signing_key('c'));
    EXPECT_FALSE(verify_token(text, {kNetwork, owner_of('k'), Hash{}, kThen_s}).has_value());
    TokenClaims claims{.audience = owner_of('k'),
                       .chain_id = kNetwork,
                       .job = JobId{7},
                       .scopes = {Scope::kJob},
                       .issued_s = kThen_s,
                       .begins_s = kThen_s,
                       .expires_s = kThen_s + 60,
                       .id = "abcdefghijklmnop"};
    EXPECT_FALSE(verify_delegation(*make_token(claims, signing_key('c')), kNetwork, kThen_s).has_value());
}

TEST(Receipt, WhatWasSignedIsWhatIsRead) {
    for (const Deleted why : {Deleted::kAsked, Deleted::kOver}) {
        Receipt receipt = plain_receipt();
        receipt.why = why;
        EXPECT_EQ(*verify_receipt(*make_receipt(receipt, signing_key('k')), kNetwork), receipt);
    }
}

TEST(Receipt, RefusalsSayWhichRule) {
    const std::string good = *make_receipt(plain_receipt(), signing_key('k'));
    const auto with = [&](const char* key, const json& value) {
        return changed(good, 'k', [&](json& claims) { claims[key] = value; });
    };
    struct Row {
        const char* what;
        std::string text;
        const char* part;
    };
    const std::vector<Row> rows = {
        {"a reason that is none", with("why", "lost"), "why"},
        {"a list that is none", with("kept_for", 8), "kept_for"},
        {"a job that is none", with("kept_for", json::array({"8"})), "kept_for"},
        {"too many jobs", with("kept_for", std::vector<int>(kMaxKeptFor + 1, 1)), "kept_for"},
        {"another scope", with("scope", json::array({"keep"})), "scope"},
        {"signed by another", changed(good, 'x', [](json&) {}), "issuer"},
        {"another network", with("chain_id", "other"), "chain"},
        {"a delegation", *make_delegation(plain_delegation(), signing_key('k')), "claims"},
    };
    for (const Row& row : rows) {
        const auto read = verify_receipt(row.text, kNetwork);
        ASSERT_FALSE(read.has_value()) << row.what;
        EXPECT_NE(read.error().message.find(row.part), std::string::npos) << row.what << ": " << read.error().message;
    }
    Receipt crowded = plain_receipt();
    crowded.kept_for.assign(kMaxKeptFor + 1, JobId{1});
    EXPECT_EQ(make_receipt(crowded, signing_key('k')).error().code, Code::kUsage);
}

}  // namespace
}  // namespace sublet::client
