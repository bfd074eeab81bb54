// letters.hpp: kinds of ASCII characters, whatever the locale, for everything here that reads text.
#pragma once

#include <string>
#include <string_view>

namespace sublet::sdl {

constexpr bool is_digit(char c) { return c >= '0' && c <= '9'; }
constexpr bool is_lower(char c) { return c >= 'a' && c <= 'z'; }
constexpr bool is_upper(char c) { return c >= 'A' && c <= 'Z'; }
constexpr bool is_letter(char c) { return is_lower(c) || is_upper(c); }

constexpr char lower(char c) { return is_upper(c) ? static_cast<char>(c - 'A' + 'a') : c; }
inline std::string lower(std::string_view text) {
    std::string out{text};
    for (char& c : out) {
        c = lower(c);
    }
    return out;
}

}  // namespace sublet::sdl
