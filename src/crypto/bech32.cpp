// bech32.cpp: text with a readable prefix and a checksum that finds typing errors.
// Deterministic. Spec: BIP-173.
#include "crypto/bech32.hpp"

#include <algorithm>
#include <array>

namespace sublet::crypto {
namespace {

constexpr std::string_view kAlphabet = "qpzry9x8gf2tvdw0s3jn54khce6mua7l";
constexpr std::size_t kMaxPrefix = 83;
static_assert(kMaxPrefix + 1 + kBech32ChecksumWords == kMaxBech32Text);

constexpr std::uint8_t kNoWord = 0xff;

// Addresses are decoded several times per transaction: tables instead of searches and of bit loops.
constexpr std::array<std::uint8_t, 256> make_words() {
    std::array<std::uint8_t, 256> out{};
    out.fill(kNoWord);
    for (std::size_t word = 0; word < kAlphabet.size(); ++word) {
        out[static_cast<std::uint8_t>(kAlphabet[word])] = static_cast<std::uint8_t>(word);
    }
    return out;
}
constexpr std::array<std::uint8_t, 256> kWordOf = make_words();

// What the five bits that leave the remainder at its top put back.
constexpr std::array<std::uint32_t, 32> make_feedback() {
    constexpr std::array<std::uint32_t, 5> kGenerator{0x3b6a57b2, 0x26508e6d, 0x1ea119fa, 0x3d4233dd, 0x2a1462b3};
    std::array<std::uint32_t, 32> out{};
    for (std::uint32_t top = 0; top < out.size(); ++top) {
        for (unsigned bit = 0; bit < kGenerator.size(); ++bit) {
            out[top] ^= ((top >> bit) & 1U) != 0 ? kGenerator[bit] : 0;
        }
    }
    return out;
}
constexpr std::array<std::uint32_t, 32> kFeedback = make_feedback();

bool is_upper(char c) { return c >= 'A' && c <= 'Z'; }
bool is_lower(char c) { return c >= 'a' && c <= 'z'; }
char to_lower(char c) { return is_upper(c) ? static_cast<char>(c - 'A' + 'a') : c; }

// The remainder of the BCH code over GF(32), fed one word at a time.
class Checksum {
public:
    // The prefix enters as its high bits, a zero, and its low five bits, so that case does not matter.
    explicit Checksum(std::string_view prefix) {
        for (char c : prefix) {
            feed(static_cast<std::uint8_t>(static_cast<std::uint8_t>(c) >> 5U));
        }
        feed(0);
        for (char c : prefix) {
            feed(static_cast<std::uint8_t>(static_cast<std::uint8_t>(c) & 31U));
        }
    }

    void feed(std::uint8_t word) { value_ = ((value_ & 0x1ffffffU) << 5U) ^ word ^ kFeedback[value_ >> 25U]; }

    [[nodiscard]] std::uint32_t value() const { return value_; }

private:
    std::uint32_t value_ = 1;
};

Result<> check_prefix(std::string_view prefix) {
    if (prefix.empty() || prefix.size() > kMaxPrefix) {
        return fail(Code::kMalformed, "the prefix before the last \"1\" must have 1 to 83 characters");
    }
    const auto printable = [](char c) { return c >= 33 && c <= 126; };
    if (!std::all_of(prefix.begin(), prefix.end(), printable)) {
        return fail(Code::kMalformed, "the prefix holds a character outside printable ASCII");
    }
    return {};
}

}  // namespace

Result<std::string> encode_bech32(std::string_view prefix, const std::vector<std::uint8_t>& words) {
    TRY_OK(check_prefix(prefix));
    if (std::any_of(prefix.begin(), prefix.end(), is_upper)) {
        return fail(Code::kMalformed, "bech32 is written in lower case; give a lower-case prefix");
    }
    if (prefix.size() + 1 + words.size() + kBech32ChecksumWords > kMaxBech32Text) {
        return fail(Code::kMalformed, "bech32 text may have at most 90 characters");
    }
    Checksum checksum{prefix};
    std::string out{prefix};
    out += '1';
    for (std::uint8_t word : words) {
        if (word >= kAlphabet.size()) {
            return fail(Code::kMalformed, "a bech32 word has five bits");
        }
        checksum.feed(word);
        out += kAlphabet[word];
    }
    for (std::size_t i = 0; i < kBech32ChecksumWords; ++i) {
        checksum.feed(0);
    }
    const std::uint32_t value = checksum.value() ^ 1U;
    for (unsigned i = 0; i < kBech32ChecksumWords; ++i) {
        out += kAlphabet[(value >> (5U * (5U - i))) & 31U];
    }
    return out;
}

Result<Bech32> decode_bech32(std::string_view text) {
    if (text.size() > kMaxBech32Text) {
        return fail(Code::kMalformed, "longer than the 90 characters of bech32");
    }
    if (std::any_of(text.begin(), text.end(), is_upper) && std::any_of(text.begin(), text.end(), is_lower)) {
        return fail(Code::kMalformed, "mixes upper and lower case");
    }
    std::string lower{text};
    std::transform(lower.begin(), lower.end(), lower.begin(), to_lower);
    const std::size_t separator = lower.rfind('1');
    if (separator == std::string::npos) {
        return fail(Code::kMalformed, "has no \"1\" between prefix and data");
    }
    Bech32 out;
    out.prefix = lower.substr(0, separator);
    TRY_OK(check_prefix(out.prefix));
    const std::string_view data = std::string_view{lower}.substr(separator + 1);
    if (data.size() < kBech32ChecksumWords) {
        return fail(Code::kMalformed, "is too short to hold its checksum");
    }
    Checksum checksum{out.prefix};
    out.words.reserve(data.size());
    for (char c : data) {
        const std::uint8_t word = kWordOf[static_cast<std::uint8_t>(c)];
        if (word == kNoWord) {
            return fail(Code::kMalformed, "holds a character that bech32 does not use");
        }
        out.words.push_back(word);
        checksum.feed(word);
    }
    if (checksum.value() != 1) {
        return fail(Code::kMalformed, "the checksum does not match; look for a typing error");
    }
    out.words.resize(out.words.size() - kBech32ChecksumWords);
    return out;
}

std::vector<std::uint8_t> words_from_bytes(BytesView bytes) {
    std::vector<std::uint8_t> out;
    out.reserve((bytes.size() * 8 + 4) / 5);
    std::uint32_t pending = 0;
    unsigned bits = 0;
    for (char c : bytes) {
        pending = ((pending & 0xfU) << 8U) | static_cast<std::uint8_t>(c);
        for (bits += 8; bits >= 5; bits -= 5) {
            out.push_back(static_cast<std::uint8_t>((pending >> (bits - 5)) & 31U));
        }
    }
    if (bits > 0) {
        out.push_back(static_cast<std::uint8_t>((pending << (5 - bits)) & 31U));
    }
    return out;
}

Result<Bytes> bytes_from_words(const std::vector<std::uint8_t>& words) {
    Bytes out;
    std::uint32_t pending = 0;
    unsigned bits = 0;
    for (std::uint8_t word : words) {
        if (word > 31) {
            return fail(Code::kMalformed, "a bech32 word has five bits");
        }
        pending = ((pending & 0x7fU) << 5U) | word;
        bits += 5;
        if (bits >= 8) {
            bits -= 8;
            out += static_cast<char>((pending >> bits) & 0xffU);
        }
    }
    if (bits > 4 || (pending & ((1U << bits) - 1U)) != 0) {
        return fail(Code::kMalformed, "ends with padding that is too long or not zero");
    }
    return out;
}

}  // namespace sublet::crypto
