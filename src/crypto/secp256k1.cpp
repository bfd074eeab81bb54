// secp256k1.cpp: keys and signatures through libsecp256k1.
// Deterministic. Spec: SEC 1, SEC 2 §2.4.1, RFC 6979; low-s as BIP-146 (T11).
#include "crypto/secp256k1.hpp"

#include <openssl/crypto.h>
#include <secp256k1.h>

#include <algorithm>

#include "base/assert.hpp"

namespace sublet::crypto {
namespace {

// One for the process, never changed after creation and therefore safe to share between threads. It is not randomised:
// that would need a source of randomness above the wall, and the library's arithmetic is constant-time without it.
const secp256k1_context* context() noexcept {
    static const secp256k1_context* const shared = secp256k1_context_create(SECP256K1_CONTEXT_NONE);
    return shared;
}

bool parse(const PublicKey& key, secp256k1_pubkey& out) noexcept {
    return secp256k1_ec_pubkey_parse(context(), &out, key.data(), key.size()) == 1;
}

PublicKey compressed(const secp256k1_pubkey& key) noexcept {
    PublicKey out{};
    std::size_t length = out.size();
    secp256k1_ec_pubkey_serialize(context(), out.data(), &length, &key, SECP256K1_EC_COMPRESSED);
    SUBLET_ASSERT(length == out.size());
    return out;
}

const unsigned char* raw(const SecretKey& secret) noexcept {
    return reinterpret_cast<const unsigned char*>(secret.view().data());
}

}  // namespace

Result<SecretKey> SecretKey::from_bytes(BytesView bytes) {
    TRY(fixed, fixed_from<32>(bytes));
    SecretKey key{fixed};
    OPENSSL_cleanse(fixed.data(), fixed.size());
    if (secp256k1_ec_seckey_verify(context(), key.bytes_.data()) != 1) {
        return fail(Code::kOutOfRange, "a secret key must lie between 1 and the order of secp256k1 minus 1");
    }
    return key;
}

SecretKey::~SecretKey() { OPENSSL_cleanse(bytes_.data(), bytes_.size()); }

Result<SecretKey> SecretKey::tweaked(const FixedBytes<32>& tweak) const {
    SecretKey out{bytes_};
    if (secp256k1_ec_seckey_tweak_add(context(), out.bytes_.data(), tweak.data()) != 1) {
        return fail(Code::kOutOfRange, "this derivation step gives no valid key; take the next index (BIP-32)");
    }
    return out;
}

Result<PublicKey> public_key(const SecretKey& secret) {
    secp256k1_pubkey point{};
    if (secp256k1_ec_pubkey_create(context(), &point, raw(secret)) != 1) {
        return fail(Code::kInternal, "no public key for this secret key");
    }
    return compressed(point);
}

bool is_valid(const PublicKey& key) noexcept {
    secp256k1_pubkey point{};
    return parse(key, point);
}

Signature sign(const SecretKey& secret, const Hash& digest) {
    secp256k1_ecdsa_signature signature{};
    // Fails only for an invalid key, which SecretKey cannot hold.
    SUBLET_ASSERT(secp256k1_ecdsa_sign(context(), &signature, digest.data(), raw(secret),
                                       secp256k1_nonce_function_rfc6979, nullptr) == 1);
    Signature out{};
    secp256k1_ecdsa_signature_serialize_compact(context(), out.data(), &signature);
    return out;
}

bool verify(const PublicKey& key, const Hash& digest, const Signature& signature) noexcept {
    secp256k1_ecdsa_signature parsed{};
    if (secp256k1_ecdsa_signature_parse_compact(context(), &parsed, signature.data()) != 1) {
        return false;
    }
    // The library refuses high s as well; said here because a second valid spelling would change a transaction's hash.
    if (secp256k1_ecdsa_signature_normalize(context(), nullptr, &parsed) == 1) {
        return false;
    }
    secp256k1_pubkey point{};
    return parse(key, point) && secp256k1_ecdsa_verify(context(), &parsed, digest.data(), &point) == 1;
}

Result<Point> point_of(const PublicKey& key) {
    secp256k1_pubkey parsed{};
    if (!parse(key, parsed)) {
        return fail(Code::kMalformed, "the public key is no point of secp256k1");
    }
    FixedBytes<65> full{};
    std::size_t length = full.size();
    secp256k1_ec_pubkey_serialize(context(), full.data(), &length, &parsed, SECP256K1_EC_UNCOMPRESSED);
    SUBLET_ASSERT(length == full.size());
    Point out{};
    std::copy_n(full.begin() + 1, 32, out.x.begin());
    std::copy_n(full.begin() + 33, 32, out.y.begin());
    return out;
}

Result<PublicKey> public_key_from(const Point& point) {
    FixedBytes<65> full{};
    full[0] = 0x04;
    std::copy_n(point.x.begin(), 32, full.begin() + 1);
    std::copy_n(point.y.begin(), 32, full.begin() + 33);
    secp256k1_pubkey parsed{};
    if (secp256k1_ec_pubkey_parse(context(), &parsed, full.data(), full.size()) != 1) {
        return fail(Code::kMalformed, "x and y are no point of secp256k1");
    }
    return compressed(parsed);
}

}  // namespace sublet::crypto
