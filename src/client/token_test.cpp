// token_test.cpp: a token made elsewhere, one row per refusal, and the memory of used tokens.
#include "client/token.hpp"

#include <gtest/gtest.h>

#include <functional>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "client/adr036.hpp"
#include "client/seen_tokens.hpp"
#include "crypto/sha256.hpp"

namespace sublet::client {
namespace {

using nlohmann::json;

constexpr std::uint64_t kNow = 1'800'000'000;
constexpr const char* kChain = "sublet-local";

// Made with CosmJS's Secp256k1.createSignature and JSON.stringify from the claims below.
constexpr const char* kForeign =
    "eyJhbGciOiJFUzI1NksiLCJqd2siOnsiY3J2Ijoic2VjcDI1NmsxIiwia3R5IjoiRUMiLCJ4IjoiVDA0cTJadzAxZ3VicGlnOGxE"
    "R29RWXI0WnpJU2xoLVhwM3RqZF96UVcySSIsInkiOiJUVUNkTzI2bkNKU1VEWWxQenBzVjhqZW9xZVAyUUJrTldvcmlKRU1MalBB"
    "In0sInR5cCI6IkpXVCJ9.eyJhdWQiOiJzdWJsZXQxcjV2NXNyZGE3eGZ0aDNobjJzMjZ0eHZyY3JudGxkanVsZG00NnYiLCJjaGF"
    "pbl9pZCI6InN1YmxldC1sb2NhbCIsImV4cCI6MTgwMDAwMDMwMCwiaWF0IjoxODAwMDAwMDAwLCJpc3MiOiJzdWJsZXQxOXJsNGN"
    "tMmhtcjhhZnk0a2xkcHh6M2ZrYTRqZ3VxMGFjeDNuangiLCJqdGkiOiJBQUVDQXdRRkJnY0lDUW9MREEwT0R3IiwibGVhc2UiOjQ"
    "yLCJuYmYiOjE4MDAwMDAwMDAsInNjb3BlIjpbIm1hbmlmZXN0IiwibG9ncyJdLCJzcGtpIjoiMTExMTExMTExMTExMTExMTExMTE"
    "xMTExMTExMTExMTExMTExMTExMTExMTExMTExMTExMTExMTExMTExMTExMSJ9.Z6gyqLsU_KUgwGHWAxDt-a3IYsg-YYYo3r9jFg"
    "1nfkxjHJ0_iRBo1bFaxHx_VSWUzmlc1HjrPMsMOXA2XmAYYA";

// The same claims signed with signAmino of CosmJS's Secp256k1HdWallet: alg ES256KADR36.
constexpr const char* kForeignByWallet =
    "eyJhbGciOiJFUzI1NktBRFIzNiIsImp3ayI6eyJjcnYiOiJzZWNwMjU2azEiLCJrdHkiOiJFQyIsIngiOiJUMDRxMlp3MDFndWJw"
    "aWc4bERHb1FZcjRaeklTbGgtWHAzdGpkX3pRVzJJIiwieSI6IlRVQ2RPMjZuQ0pTVURZbFB6cHNWOGplb3FlUDJRQmtOV29yaUpF"
    "TUxqUEEifSwidHlwIjoiSldUIn0.eyJhdWQiOiJzdWJsZXQxcjV2NXNyZGE3eGZ0aDNobjJzMjZ0eHZyY3JudGxkanVsZG00NnYi"
    "LCJjaGFpbl9pZCI6InN1YmxldC1sb2NhbCIsImV4cCI6MTgwMDAwMDMwMCwiaWF0IjoxODAwMDAwMDAwLCJpc3MiOiJzdWJsZXQx"
    "OXJsNGNtMmhtcjhhZnk0a2xkcHh6M2ZrYTRqZ3VxMGFjeDNuangiLCJqdGkiOiJBQUVDQXdRRkJnY0lDUW9MREEwT0R3IiwibGVh"
    "c2UiOjQyLCJuYmYiOjE4MDAwMDAwMDAsInNjb3BlIjpbIm1hbmlmZXN0IiwibG9ncyJdLCJzcGtpIjoiMTExMTExMTExMTExMTEx"
    "MTExMTExMTExMTExMTExMTExMTExMTExMTExMTExMTExMTExMTExMTExMTExMTExMSJ9.MbIEfQmbpnNmk79STYcuOIwFFPIZXb8"
    "I8HjDTE3Ly19nb7kFDZoDivtIDWnq0CUX7yKnEp1b11jbF5aWCf7OpQ";

crypto::SecretKey key() {
    return crypto::SecretKey::from_bytes(*from_hex("c4a48e2fce1481cd3294b4490f6678090ea98d3d0e5cd984558ab0968741b104"))
        .value();
}
crypto::SecretKey other_key() { return crypto::SecretKey::from_bytes(Bytes(32, 'k')).value(); }

crypto::Address issuer() { return crypto::address_of(crypto::public_key(key()).value()); }
crypto::Address provider() { return crypto::parse_address("sublet1r5v5srda7xfth3hn2s26txvrcrntldjuldm46v").value(); }
Hash spki() { return fixed_from<32>(Bytes(32, '\x11')).value(); }

TokenClaims claims() {
    return TokenClaims{.audience = provider(),
                       .chain_id = kChain,
                       .spki = spki(),
                       .lease = LeaseId{42},
                       .scopes = {Scope::kManifest, Scope::kLogs},
                       .issued_s = kNow,
                       .begins_s = kNow,
                       .expires_s = kNow + 300,
                       .id = "AAECAwQFBgcICQoLDA0ODw"};
}

TokenExpectations expected(std::uint64_t now_s = kNow) {
    return {.chain_id = kChain, .audience = provider(), .spki = spki(), .now_s = now_s};
}

class FixedRandom : public net::Random {
public:
    Bytes bytes(std::size_t count) override { return Bytes(count, next_++); }

private:
    char next_ = 'a';
};

struct Decoded {
    json header, body;
};
Decoded decode(const std::string& token) {
    const std::size_t first = token.find('.');
    const std::size_t second = token.find('.', first + 1);
    return {json::parse(*from_base64url(token.substr(0, first))),
            json::parse(*from_base64url(token.substr(first + 1, second - first - 1)))};
}

std::string sign_texts(const std::string& header, const std::string& body, const crypto::SecretKey& with) {
    const std::string text = to_base64url(header) + "." + to_base64url(body);
    return text + "." + to_base64url(view_of(crypto::sign(with, crypto::sha256(text))));
}

TEST(Token, SameBytesAsAnotherImplementation) {
    EXPECT_EQ(make_token(claims(), key()).value(), kForeign);
    const auto read = verify_token(kForeign, expected());
    ASSERT_TRUE(read.has_value()) << read.error().message;
    EXPECT_EQ(read->issuer, issuer());
    EXPECT_EQ(read->audience, provider());
    EXPECT_EQ(read->lease, LeaseId{42});
    EXPECT_EQ(read->scopes, (std::vector{Scope::kManifest, Scope::kLogs}));
    EXPECT_EQ(read->expires_s, kNow + 300);
    EXPECT_EQ(read->id, "AAECAwQFBgcICQoLDA0ODw");
    EXPECT_TRUE(read->allows(Scope::kLogs));
    EXPECT_FALSE(read->allows(Scope::kShell));
}

// What a wallet may have signed instead, and the same signatures under the other name.
TEST(Token, WalletsSignADocumentOfItsOwnSigner) {
    const std::string good = kForeignByWallet;
    ASSERT_TRUE(verify_token(good, expected()).has_value());
    EXPECT_EQ(verify_token(good, expected())->issuer, issuer());
    EXPECT_EQ(verify_token(good, expected())->lease, LeaseId{42});
    const std::string text = good.substr(0, good.rfind('.'));
    const auto with = [&](const std::string& document, const crypto::SecretKey& by) {
        return text + "." + to_base64url(view_of(crypto::sign(by, crypto::sha256(document))));
    };
    const std::string document = adr036_document(issuer(), text);
    EXPECT_EQ(with(document, key()), good);
    Decoded parts = decode(good);
    parts.body["lease"] = 43;
    const std::string changed = to_base64url(parts.header.dump()) + "." + to_base64url(parts.body.dump());
    parts = decode(good);
    parts.header["alg"] = "ES256K";
    const std::string renamed = to_base64url(parts.header.dump()) + "." + to_base64url(parts.body.dump());
    const std::string signature = good.substr(good.rfind('.'));
    std::string on_a_chain = document;
    on_a_chain.replace(on_a_chain.find("\"chain_id\":\"\""), 13, "\"chain_id\":\"a\"");
    const struct {
        std::string token;
        const char* why;
    } rows[] = {
        {with(text, key()), "signature does not match"},  // the text itself, as ES256K signs it
        {with(adr036_document(provider(), text), key()), "signature does not match"},
        {with(adr036_document(issuer(), text + "x"), key()), "signature does not match"},
        {with(document, other_key()), "signature does not match"},
        {with(on_a_chain, key()), "signature does not match"},
        {changed + signature, "signature does not match"},
        {renamed + signature, "signature does not match"},
        {renamed + "." + to_base64url(view_of(crypto::sign(key(), crypto::sha256(adr036_document(issuer(), renamed))))),
         "signature does not match"},
    };
    for (const auto& row : rows) {
        const auto read = verify_token(row.token, expected());
        ASSERT_FALSE(read.has_value()) << row.token;
        EXPECT_NE(read.error().message.find(row.why), std::string::npos) << read.error().message;
    }
    EXPECT_FALSE(verify_token(good, expected(kNow + 330)).has_value());
    // Another account's claims under this key's document.
    parts = decode(good);
    parts.body["iss"] = crypto::to_bech32(provider());
    const std::string other = to_base64url(parts.header.dump()) + "." + to_base64url(parts.body.dump());
    for (const crypto::Address& signer : {issuer(), provider()}) {
        const Hash digest = crypto::sha256(adr036_document(signer, other));
        EXPECT_FALSE(verify_token(other + "." + to_base64url(view_of(crypto::sign(key(), digest))), expected()));
    }
}

TEST(Token, SignedButRefused) {
    struct Row {
        const char* why;  // empty: accepted
        std::function<void(json& header, json& body)> change;
    };
    const auto body = [](const char* name, json value) {
        return [name, value](json&, json& claims_json) { claims_json[name] = value; };
    };
    const auto drop = [](const char* name) { return [name](json&, json& claims_json) { claims_json.erase(name); }; };
    const auto head = [](const char* name, json value) {
        return [name, value](json& header, json&) { header[name] = value; };
    };
    const auto jwk = [](const char* name, json value) {
        return [name, value](json& header, json&) { header["jwk"][name] = value; };
    };
    const Row rows[] = {
        {"", [](json&, json&) {}},
        {"\"alg\" must be ES256K", head("alg", "none")},
        {"\"alg\" must be ES256K", head("alg", "ES256")},
        {"\"alg\" must be ES256K", head("alg", "es256k")},
        {"\"alg\" must be a string", head("alg", 1)},
        {"\"alg\" is missing", [](json& header, json&) { header.erase("alg"); }},
        {"\"typ\" must be JWT", head("typ", "jwt")},
        {"\"typ\" is missing", [](json& header, json&) { header.erase("typ"); }},
        {"\"kid\" is not expected", head("kid", "1")},
        {"\"crit\" is not expected", head("crit", json::array())},
        {"\"jwk\" is missing", [](json& header, json&) { header.erase("jwk"); }},
        {"is not a JSON object", head("jwk", "x")},
        {"kty EC and crv secp256k1", jwk("kty", "OKP")},
        {"kty EC and crv secp256k1", jwk("crv", "P-256")},
        {"\"d\" is not expected", jwk("d", "AAAA")},
        {"\"y\" is missing", [](json& header, json&) { header["jwk"].erase("y"); }},
        {"expected 32 bytes", jwk("x", "AAAA")},
        {"no point", jwk("x", to_base64url(Bytes(32, '\x05')))},
        {"\"iss\" is missing", drop("iss")},
        {"\"aud\" is missing", drop("aud")},
        {"\"chain_id\" is missing", drop("chain_id")},
        {"\"spki\" is missing", drop("spki")},
        {"\"lease\" is missing", drop("lease")},
        {"\"scope\" is missing", drop("scope")},
        {"\"iat\" is missing", drop("iat")},
        {"\"nbf\" is missing", drop("nbf")},
        {"\"exp\" is missing", drop("exp")},
        {"\"jti\" is missing", drop("jti")},
        {"\"sub\" is not expected", body("sub", "x")},
        {"not the key of its issuer", body("iss", crypto::to_bech32(provider()))},
        {"expected \"sublet\"", body("iss", "cosmos19rl4cm2hmr8afy4kldpxz3fka4jguq0auqdal4")},
        {"another provider", body("aud", crypto::to_bech32(issuer()))},
        {"address", body("aud", "somebody")},
        {"another chain", body("chain_id", "sublet-1")},
        {"1 to 64 characters", body("chain_id", "")},
        {"1 to 64 characters", body("chain_id", std::string(65, 'c'))},
        {"another TLS key", body("spki", std::string(64, '2'))},
        {"expected 32 bytes", body("spki", "22")},
        {"\"lease\" must be a whole number", body("lease", -1)},
        {"\"lease\" must be a whole number", body("lease", 1.5)},
        {"\"lease\" must be a whole number", body("lease", "42")},
        {"", body("lease", ~std::uint64_t{0})},
        {"1 to 6 scopes", body("scope", json::array())},
        {"1 to 6 scopes", body("scope", "logs")},
        {"scope\" knows", body("scope", {"root"})},
        {"scope\" knows", body("scope", {7})},
        {"names one scope twice", body("scope", {"logs", "logs"})},
        {"", body("scope", {"manifest", "status", "logs", "events", "shell"})},
        {"lives longer", body("exp", kNow + 301)},
        {"lives longer", body("exp", ~std::uint64_t{0})},
        {"lives longer", body("nbf", kNow - 1)},
        {"\"exp\" must come after", body("exp", kNow)},
        {"\"exp\" must be a whole number", body("exp", -5)},
        {"\"jti\" must have", body("jti", "short")},
        {"\"jti\" must have", body("jti", std::string(65, 'j'))},
        {"\"jti\" must have", body("jti", "sixteen letters.")},
        {"", body("jti", std::string(16, 'j'))},
    };
    for (const Row& row : rows) {
        Decoded parts = decode(kForeign);
        row.change(parts.header, parts.body);
        const std::string text = sign_texts(parts.header.dump(), parts.body.dump(), key());
        const auto read = verify_token(text, expected());
        const std::string change = parts.header.dump() + parts.body.dump();
        if (*row.why == '\0') {
            EXPECT_TRUE(read.has_value()) << read.error().message << change;
            continue;
        }
        ASSERT_FALSE(read.has_value()) << row.why << change;
        EXPECT_EQ(read.error().code, Code::kUnauthorized);
        EXPECT_NE(read.error().message.find(row.why), std::string::npos) << read.error().message;
    }
}

TEST(Token, RefusedTexts) {
    const std::string good = kForeign;
    const std::size_t second = good.rfind('.');
    const Decoded parts = decode(good);
    const std::string header = parts.header.dump();
    const std::string body = parts.body.dump();
    // n - s of the signature: as true as s, and a second spelling of the same token.
    const Bytes signature = *from_base64url(good.substr(second + 1));
    const Bytes order = *from_hex("fffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141");
    Bytes high_s = signature;
    int borrow = 0;
    for (std::size_t i = 32; i-- > 0;) {
        const int digit = static_cast<unsigned char>(order[i]) - static_cast<unsigned char>(signature[32 + i]) - borrow;
        borrow = digit < 0 ? 1 : 0;
        high_s[32 + i] = static_cast<char>(digit + 256 * borrow);
    }
    struct Row {
        std::string text;
        const char* why;
    };
    const Row rows[] = {
        {"", "three parts"},
        {"..", "its header is not valid JSON"},
        {"a.b", "three parts"},
        {good + ".x", "three parts"},
        {good + "=", "signature does not match"},
        {" " + good, "header is not base64url"},
        {good.substr(0, second + 1), "signature does not match"},
        {good.substr(0, second + 1) + to_base64url(signature.substr(0, 63)), "signature does not match"},
        {good.substr(0, second + 1) + to_base64url(signature + "x"), "signature does not match"},
        {good.substr(0, second + 1) + to_base64url(Bytes(64, '\0')), "signature does not match"},
        {good.substr(0, second + 1) + to_base64url(high_s), "signature does not match"},
        {sign_texts(header, body, other_key()), "signature does not match"},
        {sign_texts("[]", body, key()), "header is not a JSON object"},
        {sign_texts("{", body, key()), "header is not valid JSON"},
        {sign_texts(header, "{\"lease\":1," + body.substr(1), key()), "claims names a key twice"},
        {sign_texts(header, body + "{}", key()), "claims is not valid JSON"},
        {sign_texts(header, "{\"a\":" + std::string(600, '[') + std::string(600, ']') + "}", key()), "nested too deep"},
        {sign_texts(header, "{\"a\xff\":1}", key()), "claims is not valid JSON"},
        {good + std::string(kMaxTokenText, 'A'), "longer than"},
    };
    for (const Row& row : rows) {
        const auto read = verify_token(row.text, expected());
        ASSERT_FALSE(read.has_value()) << row.why;
        EXPECT_EQ(read.error().code, Code::kUnauthorized);
        EXPECT_NE(read.error().message.find(row.why), std::string::npos) << row.why << ": " << read.error().message;
    }
    EXPECT_TRUE(verify_token(good, expected()).has_value());
}

TEST(Token, TimeWithSkew) {
    struct Row {
        std::uint64_t now_s;
        const char* why;
    };
    const Row rows[] = {
        {0, "not valid yet"},    {kNow - 31, "not valid yet"},  {kNow - 30, ""}, {kNow + 300, ""}, {kNow + 329, ""},
        {kNow + 330, "expired"}, {kNow + 1'000'000, "expired"},
    };
    for (const Row& row : rows) {
        const auto read = verify_token(kForeign, expected(row.now_s));
        EXPECT_EQ(read.has_value(), *row.why == '\0') << row.now_s;
        if (!read) {
            EXPECT_NE(read.error().message.find(row.why), std::string::npos) << read.error().message;
        }
    }
}

TEST(Token, MakingRefusesWhatNobodyWouldAccept) {
    const auto refused = [](auto change) {
        TokenClaims wrong = claims();
        change(wrong);
        const auto made = make_token(wrong, key());
        return !made && made.error().code == Code::kUsage;
    };
    EXPECT_TRUE(refused([](TokenClaims& c) { c.expires_s = kNow + 301; }));
    EXPECT_TRUE(refused([](TokenClaims& c) { c.scopes.clear(); }));
    EXPECT_TRUE(refused([](TokenClaims& c) { c.scopes = {Scope::kLogs, Scope::kLogs}; }));
    EXPECT_TRUE(refused([](TokenClaims& c) { c.id = ""; }));
    EXPECT_TRUE(refused([](TokenClaims& c) { c.chain_id = ""; }));
    EXPECT_FALSE(refused([](TokenClaims& c) { c.issuer = provider(); }));  // filled in from the key
}

TEST(Token, FreshClaimsVerify) {
    FixedRandom random;
    const TokenTarget target{
        .audience = provider(), .chain_id = kChain, .spki = spki(), .lease = LeaseId{7}, .scopes = {Scope::kShell}};
    const auto first = verify_token(make_token(claims_for(target, kNow, 60, random), key()).value(), expected());
    const auto second = verify_token(make_token(claims_for(target, kNow, 60, random), key()).value(), expected());
    ASSERT_TRUE(first && second);
    EXPECT_NE(first->id, second->id);
    EXPECT_EQ(first->expires_s, kNow + 60);
}

TEST(SeenTokens, SingleUseForManifestAndShell) {
    SeenTokens seen;
    TokenClaims token = claims();
    token.scopes = {Scope::kManifest, Scope::kLogs, Scope::kShell};
    EXPECT_TRUE(seen.admit(token, Scope::kLogs, kNow).has_value());
    EXPECT_TRUE(seen.admit(token, Scope::kLogs, kNow).has_value());
    EXPECT_TRUE(seen.admit(token, Scope::kManifest, kNow).has_value());
    EXPECT_EQ(seen.admit(token, Scope::kManifest, kNow).error().code, Code::kUnauthorized);
    EXPECT_TRUE(seen.admit(token, Scope::kShell, kNow).has_value());
    EXPECT_EQ(seen.admit(token, Scope::kShell, kNow).error().code, Code::kUnauthorized);
    EXPECT_EQ(seen.admit(token, Scope::kStatus, kNow).error().code, Code::kUnauthorized);
    // The same id of another issuer is another token.
    token.issuer = provider();
    EXPECT_TRUE(seen.admit(token, Scope::kManifest, kNow).has_value());
    EXPECT_EQ(seen.size(), 3U);
}

TEST(SeenTokens, ForgottenOnlyWhenNoLongerValid) {
    SeenTokens seen;
    const TokenClaims token = claims();
    ASSERT_TRUE(seen.admit(token, Scope::kManifest, kNow).has_value());
    EXPECT_FALSE(seen.admit(token, Scope::kManifest, kNow + 329).has_value());
    EXPECT_EQ(seen.size(), 1U);
    EXPECT_FALSE(seen.admit(token, Scope::kManifest, kNow + 330).has_value());
    EXPECT_EQ(seen.size(), 0U);
    // A clock that steps back does not revive it.
    EXPECT_FALSE(seen.admit(token, Scope::kManifest, kNow).has_value());
}

TEST(SeenTokens, BoundedAsAWholeAndPerIssuer) {
    SeenTokens small(2);
    TokenClaims token = claims();
    for (int i = 0; i < 3; ++i) {
        token.id = "sixteen-letters-" + std::to_string(i);
        token.issuer.bytes[0] = static_cast<std::uint8_t>(i);
        const auto admitted = small.admit(token, Scope::kManifest, kNow);
        EXPECT_EQ(admitted.has_value(), i < 2);
        EXPECT_TRUE(admitted || admitted.error().code == Code::kRefused);
    }
    SeenTokens seen;
    token = claims();
    for (std::size_t i = 0; i <= kMaxSeenPerIssuer; ++i) {
        token.id = "sixteen-letters-" + std::to_string(i);
        EXPECT_EQ(seen.admit(token, Scope::kManifest, kNow).has_value(), i < kMaxSeenPerIssuer);
    }
    token.issuer = provider();
    EXPECT_TRUE(seen.admit(token, Scope::kManifest, kNow).has_value());
    // Expired ones make room again.
    token = claims();
    token.issued_s = token.begins_s = kNow + 400;
    token.expires_s = kNow + 500;
    EXPECT_TRUE(seen.admit(token, Scope::kManifest, kNow + 400).has_value());
    EXPECT_EQ(seen.size(), 1U);
}

}  // namespace
}  // namespace sublet::client
