// ed25519.cpp: OpenSSL's implementation behind fixed-size types.
// Deterministic. Spec: RFC 8032.
#include "crypto/ed25519.hpp"

#include <openssl/evp.h>

#include <algorithm>
#include <memory>

#include "base/assert.hpp"
#include "crypto/sha256.hpp"

namespace sublet::crypto {
namespace {

using Key = std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)>;
using Context = std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)>;

const unsigned char* bytes_of(BytesView view) {
    return reinterpret_cast<const unsigned char*>(view.data());  // NOLINT(*-reinterpret-cast): OpenSSL's view of bytes
}

Key secret_key(const Ed25519Seed& seed) {
    Key key{EVP_PKEY_new_raw_private_key(EVP_PKEY_ED25519, nullptr, seed.data(), seed.size()), &EVP_PKEY_free};
    SUBLET_ASSERT(key != nullptr);
    return key;
}

}  // namespace

Ed25519PublicKey ed25519_public_key(const Ed25519Seed& seed) {
    const Key key = secret_key(seed);
    Ed25519PublicKey out{};
    std::size_t size = out.size();
    SUBLET_ASSERT(EVP_PKEY_get_raw_public_key(key.get(), out.data(), &size) == 1 && size == out.size());
    return out;
}

Ed25519Signature ed25519_sign(const Ed25519Seed& seed, BytesView message) {
    const Key key = secret_key(seed);
    const Context context{EVP_MD_CTX_new(), &EVP_MD_CTX_free};
    Ed25519Signature out{};
    std::size_t size = out.size();
    SUBLET_ASSERT(EVP_DigestSignInit(context.get(), nullptr, nullptr, nullptr, key.get()) == 1 &&
                  EVP_DigestSign(context.get(), out.data(), &size, bytes_of(message), message.size()) == 1);
    return out;
}

bool ed25519_verify(const Ed25519PublicKey& key, BytesView message, const Ed25519Signature& signature) noexcept {
    const Key raw{EVP_PKEY_new_raw_public_key(EVP_PKEY_ED25519, nullptr, key.data(), key.size()), &EVP_PKEY_free};
    const Context context{EVP_MD_CTX_new(), &EVP_MD_CTX_free};
    return raw != nullptr && EVP_DigestVerifyInit(context.get(), nullptr, nullptr, nullptr, raw.get()) == 1 &&
           EVP_DigestVerify(context.get(), signature.data(), signature.size(), bytes_of(message), message.size()) == 1;
}

FixedBytes<20> ed25519_address(const Ed25519PublicKey& key) noexcept {
    const Hash hash = sha256(view_of(key));
    FixedBytes<20> out{};
    std::copy_n(hash.begin(), out.size(), out.begin());
    return out;
}

}  // namespace sublet::crypto
