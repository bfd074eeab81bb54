// assert.hpp: assertions on invariants that stay on in every build; never used on input.
// Deterministic.
#pragma once

namespace sublet {

// Prints the failed expression and its place on stderr, then aborts: safety before liveness.
[[noreturn]] void assertion_failed(const char* expression, const char* file, int line) noexcept;

}  // namespace sublet

#define SUBLET_ASSERT(expression)                                        \
    do {                                                                 \
        if (!(expression)) [[unlikely]] {                                \
            ::sublet::assertion_failed(#expression, __FILE__, __LINE__); \
        }                                                                \
    } while (false)

#define SUBLET_UNREACHABLE() ::sublet::assertion_failed("unreachable", __FILE__, __LINE__)
