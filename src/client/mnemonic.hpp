// mnemonic.hpp: the words that back up a wallet, and the keys that come from them.
// Spec: BIP-39 (English), BIP-32, BIP-44; coin type 118 as every Cosmos wallet uses it.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

#include "client/wiped.hpp"
#include "crypto/secp256k1.hpp"
#include "net/host.hpp"

namespace sublet::client {

inline constexpr std::size_t kMaxMnemonicText = 1024;
inline constexpr std::uint32_t kHardened = 0x80000000U;
inline constexpr std::uint32_t kCosmosCoinType = 118;
inline constexpr std::size_t kMaxPathDepth = 255;  // BIP-32 stores the depth in one byte

enum class MnemonicLength : std::uint8_t { k12 = 12, k24 = 24 };

// Words whose checksum was verified, lower case, one space between; wiped when it dies.
class Mnemonic {
public:
    // Any spacing and case; 12, 15, 18, 21 or 24 words. kKeyring names the first word that is not in the list (and a
    // close one that is), or says that the checksum does not match.
    static Result<Mnemonic> parse(std::string_view text);
    // 16, 20, 24, 28 or 32 bytes.
    static Result<Mnemonic> from_entropy(BytesView entropy);
    static Result<Mnemonic> generate(net::Random& random, MnemonicLength length = MnemonicLength::k24);

    [[nodiscard]] std::string_view text() const noexcept { return words_.view(); }
    // 64 bytes. The passphrase is BIP-39's optional extra word, ASCII only here; not the keyring's passphrase.
    [[nodiscard]] Result<Wiped> seed(std::string_view passphrase) const;

private:
    explicit Mnemonic(Bytes words) : words_(std::move(words)) {}
    Wiped words_;
};

// m/44'/118'/account'/0/index; both below 2^31.
struct KeyPath {
    std::uint32_t account = 0;
    std::uint32_t index = 0;
    bool operator==(const KeyPath&) const = default;
};

Result<crypto::SecretKey> derive(const Mnemonic& mnemonic, std::string_view passphrase = {}, KeyPath path = {});

// BIP-32 from a seed of 16 to 64 bytes; a step with kHardened set is hardened.
Result<crypto::SecretKey> derive_path(BytesView seed, std::span<const std::uint32_t> steps);

}  // namespace sublet::client
