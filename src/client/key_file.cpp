// key_file.cpp: one key's file: what is in the clear, and the secret sealed with a passphrase.
// Spec: scrypt (RFC 7914), AES-256-GCM (NIST SP 800-38D).
#include "client/key_file.hpp"

#include <openssl/crypto.h>
#include <openssl/evp.h>

#include <bit>
#include <memory>
#include <nlohmann/json.hpp>

#include "client/strict_json.hpp"

namespace sublet::client {
namespace {

using nlohmann::json;

constexpr std::uint64_t kVersion = 1;
constexpr std::uint64_t kScryptR = 8;
constexpr std::uint64_t kScryptP = 1;
constexpr std::size_t kSaltBytes = 32;
constexpr std::size_t kAesKeyBytes = 32;
constexpr std::size_t kCheckBytes = 16;
constexpr std::size_t kNonceBytes = 12;
constexpr std::size_t kTagBytes = 16;
constexpr std::size_t kMaxContent = 1024;

struct Sealed {
    std::uint64_t scrypt_n = 0;
    Bytes salt, check, nonce, tag, ciphertext;
};

using CipherContext = std::unique_ptr<EVP_CIPHER_CTX, decltype(&EVP_CIPHER_CTX_free)>;

const unsigned char* raw(BytesView bytes) { return reinterpret_cast<const unsigned char*>(bytes.data()); }
unsigned char* raw(Bytes& bytes) { return reinterpret_cast<unsigned char*>(bytes.data()); }
int length_of(BytesView bytes) { return static_cast<int>(bytes.size()); }

std::unexpected<Error> crypto_failed() { return fail(Code::kInternal, "OpenSSL could not run scrypt or AES-256-GCM"); }

Result<Wiped> stretch(std::string_view passphrase, BytesView salt, std::uint64_t scrypt_n) {
    Wiped out{Bytes(kAesKeyBytes + kCheckBytes, '\0')};
    const std::uint64_t memory_bytes_max = 128 * kScryptR * (scrypt_n + 32);
    if (EVP_PBE_scrypt(passphrase.data(), passphrase.size(), raw(salt), salt.size(), scrypt_n, kScryptR, kScryptP,
                       memory_bytes_max, out.data(), out.size()) != 1) {
        return crypto_failed();
    }
    return out;
}

// Every field in the clear, one per line: none can hold a line break.
Bytes authenticated_text(const KeyInfo& info) {
    return "sublet key 1\n" + info.name + "\n" + crypto::to_bech32(info.address) + "\n" +
           to_hex(view_of(info.public_key)) + "\n" + (info.has_mnemonic ? "mnemonic" : "secret") + "\n" +
           std::to_string(info.path.account) + "\n" + std::to_string(info.path.index) + "\n";
}

Result<> encrypt(BytesView key, BytesView content, const KeyInfo& info, Sealed& sealed) {
    const CipherContext context{EVP_CIPHER_CTX_new(), &EVP_CIPHER_CTX_free};
    const Bytes clear = authenticated_text(info);
    sealed.ciphertext.assign(content.size(), '\0');
    sealed.tag.assign(kTagBytes, '\0');
    int length = 0;
    if (context == nullptr ||
        EVP_EncryptInit_ex(context.get(), EVP_aes_256_gcm(), nullptr, raw(key), raw(sealed.nonce)) != 1 ||
        EVP_EncryptUpdate(context.get(), nullptr, &length, raw(clear), length_of(clear)) != 1 ||
        EVP_EncryptUpdate(context.get(), raw(sealed.ciphertext), &length, raw(content), length_of(content)) != 1 ||
        EVP_EncryptFinal_ex(context.get(), raw(sealed.ciphertext) + length, &length) != 1 ||
        EVP_CIPHER_CTX_ctrl(context.get(), EVP_CTRL_GCM_GET_TAG, kTagBytes, raw(sealed.tag)) != 1) {
        return crypto_failed();
    }
    return {};
}

Result<Wiped> decrypt(BytesView key, const KeyInfo& info, Sealed& sealed) {
    const CipherContext context{EVP_CIPHER_CTX_new(), &EVP_CIPHER_CTX_free};
    const Bytes clear = authenticated_text(info);
    Wiped content{Bytes(sealed.ciphertext.size(), '\0')};
    int length = 0;
    if (context == nullptr ||
        EVP_DecryptInit_ex(context.get(), EVP_aes_256_gcm(), nullptr, raw(key), raw(sealed.nonce)) != 1 ||
        EVP_DecryptUpdate(context.get(), nullptr, &length, raw(clear), length_of(clear)) != 1 ||
        EVP_DecryptUpdate(context.get(), content.data(), &length, raw(sealed.ciphertext),
                          length_of(sealed.ciphertext)) != 1 ||
        EVP_CIPHER_CTX_ctrl(context.get(), EVP_CTRL_GCM_SET_TAG, kTagBytes, raw(sealed.tag)) != 1) {
        return crypto_failed();
    }
    if (EVP_DecryptFinal_ex(context.get(), content.data() + length, &length) != 1) {
        return fail(Code::kKeyring,
                    "is damaged or was changed: the passphrase is right, but the contents do not authenticate; restore "
                    "the file from a backup or import the mnemonic again");
    }
    return content;
}

Result<Bytes> hex_at(const json& object, std::string_view key, std::size_t least, std::size_t most) {
    TRY(text, string_at(object, key));
    TRY(bytes, from_hex(text));
    if (bytes.size() < least || bytes.size() > most) {
        return fail(Code::kParse, "\"" + std::string{key} + "\" has the wrong length");
    }
    return bytes;
}

Result<KeyInfo> info_from(const json& object, std::string_view expected_name) {
    TRY_OK(require_keys(object, {"version", "name", "address", "public_key", "content", "path", "kdf", "cipher"}));
    TRY(version, number_at(object, "version"));
    if (version != kVersion) {
        return fail(Code::kParse, "has version " + std::to_string(version) + ", this program reads version 1");
    }
    KeyInfo out;
    TRY(name, string_at(object, "name"));
    TRY(address_text, string_at(object, "address"));
    TRY(address, crypto::parse_address(address_text));
    TRY(key_bytes, hex_at(object, "public_key", 33, 33));
    TRY(key, fixed_from<33>(key_bytes));
    TRY(content, string_at(object, "content"));
    TRY_OK(require_keys(object["path"], {"account", "index"}));
    TRY(account, number_at(object["path"], "account"));
    TRY(index, number_at(object["path"], "index"));
    if (name != expected_name) {
        return fail(Code::kParse, "holds the key of another name; was the file renamed?");
    }
    if (content != "mnemonic" && content != "secret") {
        return fail(Code::kParse, "\"content\" must be mnemonic or secret");
    }
    if (account >= kHardened || index >= kHardened) {
        return fail(Code::kParse, "\"path\" is out of range");
    }
    if (crypto::address_of(key) != address) {
        return fail(Code::kParse, "\"address\" is not that of \"public_key\"");
    }
    return KeyInfo{
        .name = name,
        .address = address,
        .public_key = key,
        .has_mnemonic = content == "mnemonic",
        .path = {.account = static_cast<std::uint32_t>(account), .index = static_cast<std::uint32_t>(index)}};
}

Result<Sealed> sealed_from(const json& object) {
    const json& kdf = object["kdf"];
    const json& cipher = object["cipher"];
    TRY_OK(require_keys(kdf, {"name", "n", "r", "p", "salt", "check"}));
    TRY_OK(require_keys(cipher, {"name", "nonce", "tag", "ciphertext"}));
    TRY(kdf_name, string_at(kdf, "name"));
    TRY(cipher_name, string_at(cipher, "name"));
    TRY(n, number_at(kdf, "n"));
    TRY(r, number_at(kdf, "r"));
    TRY(p, number_at(kdf, "p"));
    if (kdf_name != "scrypt" || r != kScryptR || p != kScryptP || n < kMinScryptN || n > kMaxScryptN ||
        !std::has_single_bit(n)) {
        return fail(Code::kParse, "\"kdf\" must be scrypt with n a power of two up to 2^20, r 8 and p 1");
    }
    if (cipher_name != "aes-256-gcm") {
        return fail(Code::kParse, "\"cipher\" must be aes-256-gcm");
    }
    TRY(salt, hex_at(kdf, "salt", kSaltBytes, kSaltBytes));
    TRY(check, hex_at(kdf, "check", kCheckBytes, kCheckBytes));
    TRY(nonce, hex_at(cipher, "nonce", kNonceBytes, kNonceBytes));
    TRY(tag, hex_at(cipher, "tag", kTagBytes, kTagBytes));
    TRY(ciphertext, hex_at(cipher, "ciphertext", 1, kMaxContent));
    return Sealed{.scrypt_n = n, .salt = salt, .check = check, .nonce = nonce, .tag = tag, .ciphertext = ciphertext};
}

std::unexpected<Error> damaged(const Error& error) {
    return fail(Code::kKeyring, "is damaged: " + error.message + "; restore it from a backup or import the key again");
}

Result<std::pair<KeyInfo, Sealed>> parse_file(BytesView file, std::string_view expected_name) {
    if (file.size() > kMaxKeyFile) {
        return fail(Code::kParse, "is longer than a key file can be");
    }
    TRY(object, parse_object(file));
    TRY(info, info_from(object, expected_name));
    TRY(sealed, sealed_from(object));
    return std::pair{info, sealed};
}

}  // namespace

Result<Bytes> seal_key(const KeyInfo& info, BytesView content, std::string_view passphrase, std::uint64_t scrypt_n,
                       net::Random& random) {
    if (scrypt_n < kMinScryptN || scrypt_n > kMaxScryptN || !std::has_single_bit(scrypt_n)) {
        return fail(Code::kUsage, "scrypt's N must be a power of two from 2 to 2^20");
    }
    Sealed sealed{.scrypt_n = scrypt_n, .salt = random.bytes(kSaltBytes), .nonce = random.bytes(kNonceBytes)};
    TRY(keys, stretch(passphrase, sealed.salt, scrypt_n));
    sealed.check = keys.view().substr(kAesKeyBytes);
    TRY_OK(encrypt(keys.view().substr(0, kAesKeyBytes), content, info, sealed));
    const json out = {{"version", kVersion},
                      {"name", info.name},
                      {"address", crypto::to_bech32(info.address)},
                      {"public_key", to_hex(view_of(info.public_key))},
                      {"content", info.has_mnemonic ? "mnemonic" : "secret"},
                      {"path", {{"account", info.path.account}, {"index", info.path.index}}},
                      {"kdf",
                       {{"name", "scrypt"},
                        {"n", scrypt_n},
                        {"r", kScryptR},
                        {"p", kScryptP},
                        {"salt", to_hex(sealed.salt)},
                        {"check", to_hex(sealed.check)}}},
                      {"cipher",
                       {{"name", "aes-256-gcm"},
                        {"nonce", to_hex(sealed.nonce)},
                        {"tag", to_hex(sealed.tag)},
                        {"ciphertext", to_hex(sealed.ciphertext)}}}};
    return out.dump(2) + "\n";
}

Result<KeyInfo> read_key_info(BytesView file, std::string_view expected_name) {
    auto parsed = parse_file(file, expected_name);
    if (!parsed) {
        return damaged(parsed.error());
    }
    return parsed->first;
}

Result<std::pair<KeyInfo, Wiped>> open_key(BytesView file, std::string_view expected_name,
                                           std::string_view passphrase) {
    auto parsed = parse_file(file, expected_name);
    if (!parsed) {
        return damaged(parsed.error());
    }
    auto& [info, sealed] = *parsed;
    TRY(keys, stretch(passphrase, sealed.salt, sealed.scrypt_n));
    if (CRYPTO_memcmp(keys.data() + kAesKeyBytes, sealed.check.data(), kCheckBytes) != 0) {
        return fail(Code::kKeyring, "does not open with this passphrase; try again");
    }
    TRY(content, decrypt(keys.view().substr(0, kAesKeyBytes), info, sealed));
    return std::pair{std::move(info), std::move(content)};
}

}  // namespace sublet::client
