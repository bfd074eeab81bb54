// keyring.cpp: named keys on disk, each encrypted under a passphrase.
#include "client/keyring.hpp"

#include <algorithm>
#include <system_error>

#include "client/key_file.hpp"

namespace sublet::client {
namespace {

constexpr std::string_view kExtension = ".json";

bool is_key_name(std::string_view name) {
    const auto allowed = [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_' || c == '-';
    };
    return !name.empty() && name.size() <= kMaxKeyName && std::all_of(name.begin(), name.end(), allowed);
}

Result<> check_name(std::string_view name) {
    if (!is_key_name(name)) {
        return fail(Code::kKeyring, "a key's name has 1 to 32 characters out of a-z 0-9 _ -");
    }
    return {};
}

// Only when a key is made: whoever opens one may type what they like.
Result<> check_passphrase(std::string_view passphrase) {
    if (passphrase.size() < kMinPassphrase || passphrase.size() > kMaxPassphrase) {
        return fail(Code::kKeyring, "a passphrase has 8 to 1024 characters");
    }
    return {};
}

Result<crypto::SecretKey> secret_of(const KeyInfo& info, BytesView content) {
    if (!info.has_mnemonic) {
        return crypto::SecretKey::from_bytes(content);
    }
    TRY(mnemonic, Mnemonic::parse(content));
    return derive(mnemonic, {}, info.path);
}

Result<KeyInfo> info_of(std::string_view name, const crypto::SecretKey& secret) {
    TRY(key, crypto::public_key(secret));
    return KeyInfo{.name = std::string{name}, .address = crypto::address_of(key), .public_key = key};
}

}  // namespace

Keyring::Keyring(net::Files& files, net::Random& random, std::filesystem::path folder, KeyringOptions options)
    : files_(files), random_(random), folder_(std::move(folder)), options_(options) {}

std::filesystem::path Keyring::path_of(std::string_view name) const {
    return folder_ / (std::string{name} + std::string{kExtension});
}

Result<Keyring::Created> Keyring::create(std::string_view name, std::string_view passphrase, MnemonicLength length) {
    TRY(mnemonic, Mnemonic::generate(random_, length));
    TRY(info, import_mnemonic(name, passphrase, mnemonic));
    return Created{.info = std::move(info), .mnemonic = std::move(mnemonic)};
}

Result<KeyInfo> Keyring::import_mnemonic(std::string_view name, std::string_view passphrase, const Mnemonic& mnemonic,
                                         KeyPath path) {
    TRY(secret, derive(mnemonic, {}, path));
    TRY(info, info_of(name, secret));
    info.has_mnemonic = true;
    info.path = path;
    return store(std::move(info), passphrase, mnemonic.text());
}

Result<KeyInfo> Keyring::import_secret(std::string_view name, std::string_view passphrase,
                                       const crypto::SecretKey& secret) {
    TRY(info, info_of(name, secret));
    return store(std::move(info), passphrase, secret.view());
}

Result<KeyInfo> Keyring::store(KeyInfo info, std::string_view passphrase, BytesView content) {
    TRY_OK(check_name(info.name));
    TRY_OK(check_passphrase(passphrase));
    if (files_.exists(path_of(info.name))) {
        return fail(Code::kConflict, "a key named \"" + info.name + "\" exists; take another name or remove it first");
    }
    TRY_OK(files_.make_folder(folder_, 0700));
    TRY(file, seal_key(info, content, passphrase, options_.scrypt_n, random_));
    TRY_OK(files_.write(path_of(info.name), file, 0600));
    return info;
}

Result<Bytes> Keyring::read(std::string_view name) {
    TRY_OK(check_name(name));
    if (!files_.exists(path_of(name))) {
        return fail(Code::kKeyring, "there is no key named \"" + std::string{name} + "\" in " + folder_.string() +
                                        "; make one or import one first");
    }
    return files_.read(path_of(name));
}

Result<KeyInfo> Keyring::show(std::string_view name) {
    TRY(file, read(name));
    auto info = read_key_info(file, name);
    if (!info) {
        return fail(info.error().code, "key file " + path_of(name).string() + " " + info.error().message);
    }
    return info;
}

Result<std::vector<KeyInfo>> Keyring::list() {
    std::vector<std::string> names;
    std::error_code error;
    if (!std::filesystem::exists(folder_, error)) {
        return std::vector<KeyInfo>{};
    }
    std::filesystem::directory_iterator entry(folder_, error);
    for (; !error && entry != std::filesystem::directory_iterator{}; entry.increment(error)) {
        // Other files, such as one half written by a crash, are not keys.
        const std::string name = entry->path().stem().string();
        if (entry->path().extension() != kExtension || !is_key_name(name)) {
            continue;
        }
        if (names.size() == kMaxKeys) {
            return fail(Code::kKeyring, folder_.string() + " holds more than 1024 keys; move some elsewhere");
        }
        names.push_back(name);
    }
    if (error) {
        return fail(Code::kKeyring, "cannot list " + folder_.string() + ": " + error.message());
    }
    std::sort(names.begin(), names.end());
    std::vector<KeyInfo> out;
    for (const std::string& name : names) {
        TRY(info, show(name));
        out.push_back(std::move(info));
    }
    return out;
}

Result<std::pair<KeyInfo, Wiped>> Keyring::open(std::string_view name, std::string_view passphrase) {
    TRY(file, read(name));
    auto opened = open_key(file, name, passphrase);
    if (!opened) {
        return fail(opened.error().code, "key file " + path_of(name).string() + " " + opened.error().message);
    }
    return opened;
}

Result<UnlockedKey> Keyring::unlock(std::string_view name, std::string_view passphrase) {
    TRY(opened, open(name, passphrase));
    auto& [info, content] = opened;
    TRY(secret, secret_of(info, content.view()));
    TRY(own, crypto::public_key(secret));
    if (own != info.public_key) {
        return fail(Code::kKeyring, "key file " + path_of(name).string() +
                                        " is damaged: its secret belongs to another public key; import the key again");
    }
    return UnlockedKey{.info = std::move(info), .secret = secret};
}

Result<Mnemonic> Keyring::reveal_mnemonic(std::string_view name, std::string_view passphrase) {
    TRY(opened, open(name, passphrase));
    if (!opened.first.has_mnemonic) {
        return fail(Code::kKeyring, "key \"" + std::string{name} + "\" was imported as a bare secret: no mnemonic");
    }
    return Mnemonic::parse(opened.second.view());
}

Result<> Keyring::remove(std::string_view name) {
    TRY_OK(read(name));
    return files_.remove(path_of(name));
}

}  // namespace sublet::client
