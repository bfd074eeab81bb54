// utf8.hpp: where one UTF-8 character ends.
// Deterministic. Spec: RFC 3629.
#pragma once

#include <cstddef>
#include <string_view>

namespace sublet::codec {

// Bytes of the character at the front of a text that is not empty; 0 where there is none (no overlong forms, no
// surrogates, nothing cut off).
std::size_t utf8_length(std::string_view text) noexcept;

}  // namespace sublet::codec
