// amino.cpp: the strings of amino JSON.
// Deterministic. Spec: docs/spec/transactions.md (amino JSON).
#include "codec/amino.hpp"

#include "codec/utf8.hpp"

namespace sublet::codec {
namespace {

void append_ascii(std::string& out, char c) {
    constexpr std::string_view kDigits = "0123456789abcdef";
    constexpr std::string_view kNamed = "\b\f\n\r\t\"\\";
    constexpr std::string_view kNames = "bfnrt\"\\";
    if (const std::size_t named = kNamed.find(c); named != std::string_view::npos) {
        out += '\\';
        out += kNames[named];
        return;
    }
    const auto byte = static_cast<unsigned char>(c);
    if (byte < 0x20 || c == '&' || c == '<' || c == '>') {
        out += "\\u00";
        out += kDigits[byte >> 4U];
        out += kDigits[byte & 15U];
    } else {
        out += c;
    }
}

}  // namespace

bool append_amino_text(std::string& out, std::string_view text) {
    out += '"';
    while (!text.empty()) {
        const std::size_t length = utf8_length(text);
        if (length == 0) {
            return false;
        }
        if (length == 1) {
            append_ascii(out, text.front());
        } else {
            out += text.substr(0, length);
        }
        text.remove_prefix(length);
    }
    out += '"';
    return true;
}

}  // namespace sublet::codec
