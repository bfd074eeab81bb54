// utf8.hpp: whether a text is UTF-8, and where one character of it ends.
// Deterministic. Spec: RFC 3629.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace sublet::codec {

// Bytes of the character at the front of a text that is not empty; 0 where there is none (no overlong forms, no
// surrogates, nothing cut off).
std::size_t utf8_length(std::string_view text) noexcept;

bool is_utf8(std::string_view text) noexcept;
// U+FFFD in place of each byte that is no part of a character.
std::string to_utf8(std::string_view text);

}  // namespace sublet::codec
