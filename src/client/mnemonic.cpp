// mnemonic.cpp: the words that back up a wallet, and the keys that come from them.
// Spec: BIP-39 (English), BIP-32, BIP-44.
#include "client/mnemonic.hpp"

#include <openssl/evp.h>
#include <openssl/hmac.h>

#include <algorithm>
#include <array>
#include <optional>
#include <vector>

#include "client/bip39_words.hpp"
#include "crypto/sha256.hpp"

namespace sublet::client {
namespace {

constexpr unsigned kBitsPerWord = 11;
constexpr std::size_t kMaxWords = 24;
constexpr std::size_t kMaxQuoted = 20;  // of an unknown word in an error
constexpr int kPbkdf2Rounds = 2048;
constexpr std::size_t kSeedBytes = 64;

// How many letters to put in, take out or change; only asked for short words.
std::size_t distance(std::string_view a, std::string_view b) {
    std::vector<std::size_t> row(b.size() + 1);
    for (std::size_t j = 0; j <= b.size(); ++j) {
        row[j] = j;
    }
    for (std::size_t i = 1; i <= a.size(); ++i) {
        std::size_t diagonal = row[0];
        row[0] = i;
        for (std::size_t j = 1; j <= b.size(); ++j) {
            const std::size_t above = row[j];
            const std::size_t change = diagonal + (a[i - 1] == b[j - 1] ? 0 : 1);
            row[j] = std::min({above + 1, row[j - 1] + 1, change});
            diagonal = above;
        }
    }
    return row[b.size()];
}

std::unexpected<Error> unknown_word(std::size_t place, std::string_view word) {
    const std::string shown{word.substr(0, kMaxQuoted)};
    std::string_view closest;
    std::size_t least = 3;  // further away than two letters is no help
    for (std::string_view candidate : kBip39English) {
        if (const std::size_t d = distance(shown, candidate); d < least) {
            least = d;
            closest = candidate;
        }
    }
    std::string message = "word " + std::to_string(place) + " of the mnemonic, \"" + shown +
                          "\", is not in the English word list of BIP-39";
    if (!closest.empty()) {
        message += "; did you mean \"" + std::string{closest} + "\"?";
    }
    return fail(Code::kKeyring, message);
}

Result<std::vector<std::string>> split_words(std::string_view text) {
    if (text.size() > kMaxMnemonicText) {
        return fail(Code::kKeyring, "the mnemonic is longer than 24 words can be");
    }
    std::vector<std::string> words;
    bool inside = false;
    for (char c : text) {
        const bool space = c == ' ' || (c >= '\t' && c <= '\r');
        if (!space && !inside) {
            words.emplace_back();
        }
        inside = !space;
        if (inside) {
            const bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
            words.back() += !letter ? '?' : static_cast<char>(c | 0x20);
        }
    }
    if (words.size() < 12 || words.size() > kMaxWords || words.size() % 3 != 0) {
        return fail(Code::kKeyring,
                    "a mnemonic has 12, 15, 18, 21 or 24 words, this one has " + std::to_string(words.size()));
    }
    return words;
}

Bytes hmac_sha512(BytesView key, BytesView data) {
    Bytes out(EVP_MAX_MD_SIZE, '\0');
    unsigned length = 0;
    HMAC(EVP_sha512(), key.data(), static_cast<int>(key.size()), reinterpret_cast<const unsigned char*>(data.data()),
         data.size(), reinterpret_cast<unsigned char*>(out.data()), &length);
    out.resize(length);
    return out;
}

}  // namespace

Result<Mnemonic> Mnemonic::from_entropy(BytesView entropy) {
    if (entropy.size() < 16 || entropy.size() > 32 || entropy.size() % 4 != 0) {
        return fail(Code::kKeyring,
                    "the entropy of a mnemonic has 16, 20, 24, 28 or 32 bytes, not " + std::to_string(entropy.size()));
    }
    const Hash digest = crypto::sha256(entropy);
    Wiped bits{Bytes{entropy} + static_cast<char>(digest[0])};
    const std::size_t count = entropy.size() * 3 / 4;
    Bytes words;
    words.reserve(kMaxWords * 9);  // never grows: no copy of the words is left behind in freed memory
    for (std::size_t word = 0; word < count; ++word) {
        std::size_t place = 0;
        for (std::size_t bit = word * kBitsPerWord; bit < (word + 1) * kBitsPerWord; ++bit) {
            place = place * 2 + ((static_cast<unsigned>(bits.data()[bit / 8]) >> (7 - bit % 8)) & 1U);
        }
        words += word == 0 ? "" : " ";
        words += kBip39English[place];
    }
    return Mnemonic{std::move(words)};
}

Result<Mnemonic> Mnemonic::parse(std::string_view text) {
    TRY(words, split_words(text));
    Wiped bits{Bytes((words.size() * kBitsPerWord + 7) / 8, '\0')};
    std::size_t bit = 0;
    for (std::size_t i = 0; i < words.size(); ++i) {
        const auto found = std::lower_bound(kBip39English.begin(), kBip39English.end(), std::string_view{words[i]});
        if (found == kBip39English.end() || *found != words[i]) {
            return unknown_word(i + 1, words[i]);
        }
        const auto place = static_cast<unsigned>(found - kBip39English.begin());
        for (unsigned b = 0; b < kBitsPerWord; ++b, ++bit) {
            const unsigned one = (place >> (kBitsPerWord - 1 - b)) & 1U;
            bits.data()[bit / 8] = static_cast<unsigned char>(bits.data()[bit / 8] | (one << (7 - bit % 8)));
        }
        OPENSSL_cleanse(words[i].data(), words[i].size());
    }
    const std::size_t entropy_bytes = words.size() / 3 * 4;
    const auto checksum_bits = static_cast<unsigned>(words.size() / 3);
    const BytesView entropy = bits.view().substr(0, entropy_bytes);
    const unsigned shift = 8 - checksum_bits;
    if (bits.data()[entropy_bytes] >> shift != crypto::sha256(entropy)[0] >> shift) {
        return fail(Code::kKeyring,
                    "every word of the mnemonic is known, but the checksum does not match: a word was mistaken for "
                    "another or two changed places; compare with what was written down");
    }
    return from_entropy(entropy);
}

Result<Mnemonic> Mnemonic::generate(net::Random& random, MnemonicLength length) {
    const Wiped entropy{random.bytes(length == MnemonicLength::k12 ? 16 : 32)};
    return from_entropy(entropy.view());
}

Result<Wiped> Mnemonic::seed(std::string_view passphrase) const {
    const auto ascii = [](char c) { return c >= 32 && c <= 126; };
    if (!std::all_of(passphrase.begin(), passphrase.end(), ascii)) {
        return fail(Code::kUnsupported, "only printable ASCII is supported in the mnemonic's passphrase");
    }
    const Wiped salt{"mnemonic" + Bytes{passphrase}};
    Wiped out{Bytes(kSeedBytes, '\0')};
    if (PKCS5_PBKDF2_HMAC(words_.view().data(), static_cast<int>(words_.size()), salt.data(),
                          static_cast<int>(salt.size()), kPbkdf2Rounds, EVP_sha512(), kSeedBytes, out.data()) != 1) {
        return fail(Code::kInternal, "OpenSSL could not derive the seed");
    }
    return out;
}

Result<crypto::SecretKey> derive(const Mnemonic& mnemonic, std::string_view passphrase, KeyPath path) {
    if (path.account >= kHardened || path.index >= kHardened) {
        return fail(Code::kUsage, "the account and the index of a key path lie below 2147483648");
    }
    TRY(seed, mnemonic.seed(passphrase));
    const std::array<std::uint32_t, 5> steps = {44 | kHardened, kCosmosCoinType | kHardened, path.account | kHardened,
                                                0, path.index};
    return derive_path(seed.view(), steps);
}

Result<crypto::SecretKey> derive_path(BytesView seed, std::span<const std::uint32_t> steps) {
    if (seed.size() < 16 || seed.size() > kSeedBytes || steps.size() > kMaxPathDepth) {
        return fail(Code::kUsage, "a seed has 16 to 64 bytes and a key path at most 255 steps");
    }
    // Left half: the key or what is added to it; right half: the chain code of the next step.
    Wiped node{hmac_sha512("Bitcoin seed", seed)};
    auto key = crypto::SecretKey::from_bytes(node.view().substr(0, 32));
    for (std::size_t i = 0; key && i < steps.size(); ++i) {
        Bytes data;
        if ((steps[i] & kHardened) != 0) {
            data.reserve(1 + 32 + 4);
            data += '\0';
            data += key->view();
        } else {
            TRY(own, crypto::public_key(*key));
            data += view_of(own);
        }
        append_be32(data, steps[i]);
        const Wiped input{std::move(data)};
        node = Wiped{hmac_sha512(node.view().substr(32), input.view())};
        TRY(tweak, fixed_from<32>(node.view().substr(0, 32)));
        key = key->tweaked(tweak);
    }
    return key;
}

}  // namespace sublet::client
