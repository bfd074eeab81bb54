// text.cpp: fuzz target: bech32, addresses, hex and base64: what is read is written back as it was.
#include <algorithm>

#include "crypto/address.hpp"
#include "crypto/bech32.hpp"
#include "fuzz.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace sublet;
    const BytesView text = fuzz::view_of_input(data, size);
    if (const auto parts = crypto::decode_bech32(text)) {
        std::string lower{text};
        std::ranges::transform(lower, lower.begin(),
                               [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; });
        const auto again = crypto::encode_bech32(parts->prefix, parts->words);
        fuzz::require(again && *again == lower, "bech32 is written back as it was");
        if (const auto bytes = crypto::bytes_from_words(parts->words)) {
            fuzz::require(crypto::words_from_bytes(*bytes) == parts->words, "padding is canonical");
        }
    }
    if (const auto address = crypto::parse_address(text)) {
        fuzz::require(crypto::to_bech32(*address) == text, "an address has one spelling");
    }
    if (const auto bytes = from_base64url(text)) {
        fuzz::require(to_base64url(*bytes) == text, "base64url has one spelling");
    }
    if (const auto bytes = from_base64(text)) {
        fuzz::require(to_base64(*bytes) == text, "base64 has one spelling");
    }
    const auto words = crypto::words_from_bytes(text);
    const auto bytes = crypto::bytes_from_words(words);
    fuzz::require(bytes && *bytes == text, "bytes survive words");
    fuzz::require(from_hex(to_hex(text)).value_or("-") == text || text == "-", "bytes survive hex");
    fuzz::require(from_base64(to_base64(text)).value_or("-") == text || text == "-", "bytes survive base64");
    return 0;
}
