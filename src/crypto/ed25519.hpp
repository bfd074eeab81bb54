// ed25519.hpp: keys and signatures of validators. Spec: RFC 8032.
// Deterministic. Signatures that only ZIP-215 would accept are refused: none is made by an honest signer.
#pragma once

#include "base/bytes.hpp"

namespace sublet::crypto {

using Ed25519Seed = FixedBytes<32>;  // the secret; whoever has it signs
using Ed25519PublicKey = FixedBytes<32>;
using Ed25519Signature = FixedBytes<64>;

Ed25519PublicKey ed25519_public_key(const Ed25519Seed& seed);
Ed25519Signature ed25519_sign(const Ed25519Seed& seed, BytesView message);
bool ed25519_verify(const Ed25519PublicKey& key, BytesView message, const Ed25519Signature& signature) noexcept;

// As CometBFT names validators and nodes: the first 20 bytes of the key's SHA-256.
FixedBytes<20> ed25519_address(const Ed25519PublicKey& key) noexcept;

}  // namespace sublet::crypto
