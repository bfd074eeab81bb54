// signed_text.cpp: reads, checks and makes signed texts.
#include "client/signed_text.hpp"

#include "client/adr036.hpp"
#include "client/strict_json.hpp"
#include "crypto/sha256.hpp"

namespace sublet::client {
namespace {

using nlohmann::json;

// The parts of a text between its dots.
struct TextParts {
    std::string_view header, claims, signature;
    std::string_view signed_part;  // header and claims with their dot
};

Result<TextParts> split(std::string_view text) {
    if (text.size() > kMaxTokenText) {
        return fail(Code::kParse, "it is longer than " + std::to_string(kMaxTokenText) + " characters");
    }
    const std::size_t first = text.find('.');
    const std::size_t second = first == std::string_view::npos ? first : text.find('.', first + 1);
    if (second == std::string_view::npos || text.find('.', second + 1) != std::string_view::npos) {
        return fail(Code::kParse, "it does not have three parts with dots between them");
    }
    return TextParts{.header = text.substr(0, first),
                     .claims = text.substr(first + 1, second - first - 1),
                     .signature = text.substr(second + 1),
                     .signed_part = text.substr(0, second)};
}

Result<json> decode_object(std::string_view part, const std::string& what) {
    auto bytes = from_base64url(part);
    if (!bytes) {
        return fail(Code::kParse, "its " + what + " is not base64url");
    }
    auto object = parse_object(*bytes);
    if (!object) {
        return fail(Code::kParse, "its " + what + " " + object.error().message);
    }
    return object;
}

Result<FixedBytes<32>> coordinate_at(const json& jwk, std::string_view key) {
    TRY(text, string_at(jwk, key));
    TRY(bytes, from_base64url(text));
    return fixed_from<32>(bytes);
}

// The key that the header carries; whose it is says its hash, so it needs no registry.
Result<SignedText> signed_of(const json& header) {
    TRY_OK(require_keys(header, {"alg", "typ", "jwk"}));
    TRY(algorithm, string_at(header, "alg"));
    if (algorithm != "ES256K" && algorithm != "ES256KADR36") {
        return fail(Code::kParse, "\"alg\" must be ES256K or ES256KADR36");
    }
    TRY(type, string_at(header, "typ"));
    if (type != "JWT") {
        return fail(Code::kParse, "\"typ\" must be JWT");
    }
    const json& jwk = header["jwk"];
    TRY_OK(require_keys(jwk, {"kty", "crv", "x", "y"}));
    TRY(kind, string_at(jwk, "kty"));
    TRY(curve, string_at(jwk, "crv"));
    if (kind != "EC" || curve != "secp256k1") {
        return fail(Code::kParse, "\"jwk\" must have kty EC and crv secp256k1");
    }
    TRY(x, coordinate_at(jwk, "x"));
    TRY(y, coordinate_at(jwk, "y"));
    TRY(key, crypto::public_key_from({.x = x, .y = y}));
    SignedText out;
    out.key = key;
    out.by_wallet = algorithm == "ES256KADR36";
    return out;
}

std::string base64url_of(const json& object) {
    return to_base64url(object.dump(-1, ' ', true, json::error_handler_t::replace));
}

}  // namespace

Result<SignedText> read_signed(std::string_view text) {
    TRY(parts, split(text));
    TRY(header, decode_object(parts.header, "header"));
    TRY(claims, decode_object(parts.claims, "claims"));
    auto out = signed_of(header);
    if (!out) {
        return fail(Code::kParse, "in its header " + out.error().message);
    }
    out->claims = std::move(claims);
    out->signature = parts.signature;
    out->signed_part = parts.signed_part;
    return out;
}

Result<> check_signature(const SignedText& text) {
    const auto bytes = from_base64url(text.signature);
    const auto signature = bytes ? fixed_from<64>(*bytes) : fail(Code::kParse, "");
    const Hash digest = crypto::sha256(text.by_wallet ? adr036_document(signer_of(text), text.signed_part)
                                                      : std::string{text.signed_part});
    if (!signature || !crypto::verify(text.key, digest, *signature)) {
        return fail(Code::kUnauthorized, "its signature does not match (64 bytes, low s)");
    }
    return {};
}

crypto::Address signer_of(const SignedText& text) { return crypto::address_of(text.key); }

Result<std::string> sign_claims(const json& claims, const crypto::SecretKey& key) {
    TRY(own, crypto::public_key(key));
    TRY(point, crypto::point_of(own));
    const json header = {{"alg", "ES256K"},
                         {"typ", "JWT"},
                         {"jwk",
                          {{"kty", "EC"},
                           {"crv", "secp256k1"},
                           {"x", to_base64url(view_of(point.x))},
                           {"y", to_base64url(view_of(point.y))}}}};
    const std::string text = base64url_of(header) + "." + base64url_of(claims);
    return text + "." + to_base64url(view_of(crypto::sign(key, crypto::sha256(text))));
}

}  // namespace sublet::client
