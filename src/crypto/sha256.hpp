// sha256.hpp: SHA-256 and RIPEMD-160 over bytes.
// Deterministic. Spec: FIPS 180-4; RIPEMD-160 (ISO/IEC 10118-3).
#pragma once

#include <array>
#include <cstdint>

#include "base/bytes.hpp"

namespace sublet::crypto {

Hash sha256(BytesView bytes) noexcept;
// SHA-256(head ‖ left ‖ right): two compressions of one padded piece, for the inner nodes of a Merkle tree.
Hash sha256_pair(std::uint8_t head, const Hash& left, const Hash& right) noexcept;

// Hashes what comes in pieces. Used once: nothing may be fed after finish().
class Sha256 {
public:
    Sha256() noexcept;
    Sha256& update(BytesView bytes) noexcept;
    Hash finish() noexcept;

private:
    // Room for OpenSSL's SHA256_CTX, so that its header stays out of ours; the source asserts the size.
    std::array<std::uint32_t, 28> state_;
};

FixedBytes<20> ripemd160(BytesView bytes) noexcept;

}  // namespace sublet::crypto
