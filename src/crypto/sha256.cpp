// sha256.cpp: SHA-256 and RIPEMD-160 through OpenSSL's low-level calls.
// Deterministic. Spec: FIPS 180-4; RIPEMD-160 (ISO/IEC 10118-3).
#include "crypto/sha256.hpp"

#include <openssl/ripemd.h>
#include <openssl/sha.h>

#include <algorithm>

#include "base/assert.hpp"

// OpenSSL 3 deprecates these in favour of EVP, which looks the algorithm up anew for every digest (3.5 times slower on
// the small inputs of a Merkle tree) and finds RIPEMD-160 only where the legacy provider is installed.
#pragma GCC diagnostic ignored "-Wdeprecated-declarations"

namespace sublet::crypto {

static_assert(sizeof(SHA256_CTX) == sizeof(std::array<std::uint32_t, 28>));
static_assert(alignof(SHA256_CTX) == alignof(std::array<std::uint32_t, 28>));

namespace {
SHA256_CTX* context_of(std::array<std::uint32_t, 28>& state) noexcept {
    return reinterpret_cast<SHA256_CTX*>(state.data());
}
}  // namespace

Hash sha256(BytesView bytes) noexcept { return Sha256{}.update(bytes).finish(); }

Hash sha256_pair(std::uint8_t head, const Hash& left, const Hash& right) noexcept {
    // FIPS 180-4, 5.1.1: 65 bytes, a one bit, zeros, the length of 520 bits in the last eight bytes.
    std::array<std::uint8_t, 128> padded{head};
    std::ranges::copy(left, padded.begin() + 1);
    std::ranges::copy(right, padded.begin() + 33);
    padded[65] = 0x80;
    padded[126] = 520 >> 8U;
    padded[127] = 520 & 0xffU;
    SHA256_CTX context;
    SUBLET_ASSERT(SHA256_Init(&context) == 1);
    SUBLET_ASSERT(SHA256_Update(&context, padded.data(), padded.size()) == 1);
    Hash out;
    for (std::size_t i = 0; i < out.size(); ++i) {
        out[i] = static_cast<std::uint8_t>(context.h[i / 4] >> (24U - 8U * (i % 4)));
    }
    return out;
}

Sha256::Sha256() noexcept : state_{} { SUBLET_ASSERT(SHA256_Init(context_of(state_)) == 1); }

Sha256& Sha256::update(BytesView bytes) noexcept {
    SUBLET_ASSERT(SHA256_Update(context_of(state_), bytes.data(), bytes.size()) == 1);
    return *this;
}

Hash Sha256::finish() noexcept {
    Hash out{};
    SUBLET_ASSERT(SHA256_Final(out.data(), context_of(state_)) == 1);
    return out;
}

FixedBytes<20> ripemd160(BytesView bytes) noexcept {
    RIPEMD160_CTX context{};
    FixedBytes<20> out{};
    SUBLET_ASSERT(RIPEMD160_Init(&context) == 1);
    SUBLET_ASSERT(RIPEMD160_Update(&context, bytes.data(), bytes.size()) == 1);
    SUBLET_ASSERT(RIPEMD160_Final(out.data(), &context) == 1);
    return out;
}

}  // namespace sublet::crypto
