// key_file.hpp: one key's file: what is in the clear, and the secret sealed with a passphrase.
// Spec: scrypt (RFC 7914), AES-256-GCM (NIST SP 800-38D).
//
// {"version": 1, "name", "address" (bech32), "public_key" (hex), "content": "mnemonic" | "secret",
//  "path": {"account", "index"},
//  "kdf": {"name": "scrypt", "n", "r", "p", "salt" (hex), "check" (hex)},
//  "cipher": {"name": "aes-256-gcm", "nonce" (hex), "tag" (hex), "ciphertext" (hex)}}
//
// scrypt gives 48 bytes: the AES key, then `check`, which tells a wrong passphrase from a damaged file. The fields in
// the clear are authenticated together with the ciphertext, so that nobody can put another address beside a key.
#pragma once

#include <utility>

#include "client/keyring.hpp"

namespace sublet::client {

inline constexpr std::uint64_t kMinScryptN = 2;
inline constexpr std::uint64_t kMaxScryptN = std::uint64_t{1} << 20U;  // 1 GiB: a file cannot ask for more
inline constexpr std::size_t kMaxKeyFile = 16'384;

Result<Bytes> seal_key(const KeyInfo& info, BytesView content, std::string_view passphrase, std::uint64_t scrypt_n,
                       net::Random& random);

// `expected_name` is the file's own name. Errors are kKeyring sentences to be put behind the file's name.
Result<KeyInfo> read_key_info(BytesView file, std::string_view expected_name);
Result<std::pair<KeyInfo, Wiped>> open_key(BytesView file, std::string_view expected_name, std::string_view passphrase);

}  // namespace sublet::client
