// collate.cpp: the order of names that the official compiler uses.
// Spec: docs/spec/deployment-files.md (canonical JSON).
#include "sdl/collate.hpp"

#include <algorithm>
#include <cstddef>

#include "sdl/letters.hpp"

namespace sublet::sdl {
namespace {

// ICU's order of ASCII punctuation.
constexpr std::string_view kPunctuation = "\t\n\v\f\r _-,;:!?.'\"()[]{}@*/\\&#%`^+<=>|~$";

std::size_t weight(char c) {
    const std::size_t punctuation = kPunctuation.find(c);
    if (punctuation != std::string_view::npos) {
        return punctuation + 1;
    }
    const auto byte = static_cast<unsigned char>(lower(c));
    return byte < 0x20 ? 0 : 100U + byte;  // digits stand before letters in ASCII too
}

}  // namespace

bool collates_before(std::string_view a, std::string_view b) {
    const std::size_t common = std::min(a.size(), b.size());
    for (std::size_t i = 0; i < common; ++i) {
        if (weight(a[i]) != weight(b[i])) {
            return weight(a[i]) < weight(b[i]);
        }
    }
    if (a.size() != b.size()) {
        return a.size() < b.size();
    }
    for (std::size_t i = 0; i < common; ++i) {
        if (is_upper(a[i]) != is_upper(b[i])) {
            return is_upper(b[i]);
        }
    }
    return a < b;
}

}  // namespace sublet::sdl
