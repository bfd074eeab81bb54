// secp256k1.hpp: keys and ECDSA signatures on the curve secp256k1.
// Deterministic. Spec: SEC 1, SEC 2 §2.4.1, RFC 6979; low-s as BIP-146 (T11).
#pragma once

#include "base/bytes.hpp"

namespace sublet::crypto {

using PublicKey = FixedBytes<33>;  // compressed: 02 or 03, then x big-endian
using Signature = FixedBytes<64>;  // r then s, both big-endian

// A number in [1, n-1]: valid by construction, wiped when it dies.
class SecretKey {
public:
    // Exactly 32 bytes big-endian; kMalformed for another length, kOutOfRange for zero or n and above.
    static Result<SecretKey> from_bytes(BytesView bytes);

    SecretKey(const SecretKey&) = default;
    SecretKey& operator=(const SecretKey&) = default;
    ~SecretKey();

    // Valid while the key lives. Never log it.
    [[nodiscard]] BytesView view() const noexcept { return view_of(bytes_); }

    // (this + tweak) mod n, the step of BIP-32; kOutOfRange when tweak ≥ n or the sum is zero (chance below 2^-127).
    [[nodiscard]] Result<SecretKey> tweaked(const FixedBytes<32>& tweak) const;

private:
    explicit SecretKey(const FixedBytes<32>& bytes) : bytes_(bytes) {}
    FixedBytes<32> bytes_;
};

Result<PublicKey> public_key(const SecretKey& secret);

// Whether the 33 bytes are a point of the curve.
bool is_valid(const PublicKey& key) noexcept;

// Over a digest, with the nonce of RFC 6979 and s in the lower half: the same input gives the same bytes everywhere.
Signature sign(const SecretKey& secret, const Hash& digest);

// False for a key that is no point, for r or s outside [1, n-1], and for s in the upper half.
bool verify(const PublicKey& key, const Hash& digest, const Signature& signature) noexcept;

// x and y, 32 bytes each, as a JSON Web Key carries them (RFC 8812); kMalformed when the key is no point of the curve.
struct Point {
    FixedBytes<32> x;
    FixedBytes<32> y;
};
Result<Point> point_of(const PublicKey& key);
Result<PublicKey> public_key_from(const Point& point);

}  // namespace sublet::crypto
