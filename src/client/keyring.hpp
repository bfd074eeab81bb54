// keyring.hpp: named keys on disk, each encrypted under a passphrase.
// Spec: scrypt (RFC 7914), AES-256-GCM (NIST SP 800-38D); the file's fields are listed in key_file.hpp.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "client/mnemonic.hpp"
#include "crypto/address.hpp"
#include "net/host.hpp"

namespace sublet::client {

inline constexpr std::size_t kMaxKeys = 1024;
inline constexpr std::size_t kMaxKeyName = 32;
inline constexpr std::size_t kMinPassphrase = 8;
inline constexpr std::size_t kMaxPassphrase = 1024;

// What may be known without a passphrase.
struct KeyInfo {
    std::string name;
    crypto::Address address;
    crypto::PublicKey public_key{};
    bool has_mnemonic = false;  // false: imported as a bare secret key
    KeyPath path;               // of a key from a mnemonic
};

struct UnlockedKey {
    KeyInfo info;
    crypto::SecretKey secret;
};

struct KeyringOptions {
    // scrypt's N with r = 8, p = 1: 2^15 takes 32 MiB and about 0.1 s. A power of two from 2 to 2^20; small for tests.
    std::uint64_t scrypt_n = std::uint64_t{1} << 15U;
};

// One folder (0700), one file `NAME.json` (0600) per key. Names: 1–32 of a–z 0–9 _ -. Every refusal is kKeyring with a
// sentence that names the key or the file, except kConflict: the name is taken. Not thread-safe; two processes may read
// at once.
class Keyring {
public:
    Keyring(net::Files& files, net::Random& random, std::filesystem::path folder, KeyringOptions options = {});

    struct Created {
        KeyInfo info;
        Mnemonic mnemonic;  // to be shown once, for the person to write down
    };
    Result<Created> create(std::string_view name, std::string_view passphrase,
                           MnemonicLength length = MnemonicLength::k24);
    Result<KeyInfo> import_mnemonic(std::string_view name, std::string_view passphrase, const Mnemonic& mnemonic,
                                    KeyPath path = {});
    Result<KeyInfo> import_secret(std::string_view name, std::string_view passphrase, const crypto::SecretKey& secret);

    // Sorted by name. A damaged file is an error that names it.
    Result<std::vector<KeyInfo>> list();
    Result<KeyInfo> show(std::string_view name);
    Result<UnlockedKey> unlock(std::string_view name, std::string_view passphrase);
    Result<Mnemonic> reveal_mnemonic(std::string_view name, std::string_view passphrase);
    Result<> remove(std::string_view name);

private:
    [[nodiscard]] std::filesystem::path path_of(std::string_view name) const;
    Result<KeyInfo> store(KeyInfo info, std::string_view passphrase, BytesView content);
    Result<std::pair<KeyInfo, Wiped>> open(std::string_view name, std::string_view passphrase);
    Result<Bytes> read(std::string_view name);

    net::Files& files_;
    net::Random& random_;
    std::filesystem::path folder_;
    KeyringOptions options_;
};

}  // namespace sublet::client
