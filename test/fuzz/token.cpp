// token.cpp: fuzz target: no token but the signer's own is taken, and signed claims of any shape mean one thing.
#include "client/token.hpp"

#include "client/delegation.hpp"
#include "client/receipt.hpp"
#include "crypto/sha256.hpp"
#include "fuzz.hpp"

namespace sublet::fuzz {
namespace {

constexpr std::uint64_t kNow_s = 1'700'000'000;

const crypto::SecretKey& key() {
    static const crypto::SecretKey out = *crypto::SecretKey::from_bytes(view_of(crypto::sha256("fuzz")));
    return out;
}

client::TokenClaims plain_claims() {
    client::TokenClaims out;
    out.issuer = out.audience = crypto::address_of(*crypto::public_key(key()));
    out.chain_id = "fuzz-1";
    out.lease = LeaseId{7};
    out.scopes = {client::Scope::kLogs, client::Scope::kShell};
    out.issued_s = out.begins_s = kNow_s;
    out.expires_s = kNow_s + 60;
    out.id = "abcdefghijklmnop";
    return out;
}

// A stranger's text: only the very token that was signed may pass, not another spelling of it.
void try_text(BytesView text) {
    static const std::string good = *client::make_token(plain_claims(), key());
    const auto own = plain_claims();
    const auto claims = client::verify_token(text, {own.chain_id, own.audience, own.spki, kNow_s});
    require(claims.has_value() == (text == good), "exactly the signed text is taken");
}

// Claims of any text, signed by the right key: if they are taken they are a token that we would make.
void try_claims(BytesView json) {
    static const std::string good = *client::make_token(plain_claims(), key());
    const std::string text = good.substr(0, good.find('.') + 1) + to_base64url(json);
    const std::string token = text + "." + to_base64url(view_of(crypto::sign(key(), crypto::sha256(text))));
    const auto own = plain_claims();
    const client::TokenExpectations expected{own.chain_id, own.audience, own.spki, kNow_s};
    const auto claims = client::verify_token(token, expected);
    if (!claims) {
        return;
    }
    require(claims->expires_s + client::kTokenSkew_s > kNow_s, "it has not expired");
    require(claims->expires_s <= kNow_s + client::kTokenSkew_s + client::kMaxTokenLife_s, "it expires soon");
    const auto made = client::make_token(*claims, key());
    require(made.has_value(), "what is taken can be made");
    const auto again = client::verify_token(*made, expected);
    require(again && again->id == claims->id && again->lease == claims->lease && again->scopes == claims->scopes,
            "and says the same");
}

// Claims of any text, signed by the right key: what is taken as one kind of word is none of the others.
template <class Verify, class Make>
bool is_taken(BytesView json, Verify verify, Make make) {
    static const std::string good = *client::make_token(plain_claims(), key());
    const std::string text = good.substr(0, good.find('.') + 1) + to_base64url(json);
    const std::string word = text + "." + to_base64url(view_of(crypto::sign(key(), crypto::sha256(text))));
    const auto read = verify(word);
    if (read) {
        const auto made = make(*read);
        require(made.has_value(), "what is taken can be made");
        const auto again = verify(*made);
        require(again && *again == *read, "and says the same");
    }
    return read.has_value();
}

void try_words(BytesView json) {
    const auto delegation = [](const std::string& word) { return client::verify_delegation(word, "fuzz-1", kNow_s); };
    const auto receipt = [](const std::string& word) { return client::verify_receipt(word, "fuzz-1"); };
    const bool one = is_taken(json, delegation, [](const auto& read) { return client::make_delegation(read, key()); });
    const bool other = is_taken(json, receipt, [](const auto& read) { return client::make_receipt(read, key()); });
    require(!one || !other, "a delegation is no receipt");
}

}  // namespace
}  // namespace sublet::fuzz

// The first character says which: 't' a whole token, 'w' claims of a delegation or a receipt, else claims of a token.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace sublet;
    if (size > 0) {
        const BytesView rest = fuzz::view_of_input(data, size).substr(1);
        if (data[0] == 'w') {
            fuzz::try_words(rest);
        } else {
            data[0] == 't' ? fuzz::try_text(rest) : fuzz::try_claims(rest);
        }
    }
    return 0;
}
