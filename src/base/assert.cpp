// assert.cpp: the way out when an invariant is broken.
// Deterministic.
#include "base/assert.hpp"

#include <cstdio>
#include <cstdlib>

namespace sublet {

void assertion_failed(const char* expression, const char* file, int line) noexcept {
    std::fprintf(stderr, "sublet: assertion failed: %s (%s:%d)\n", expression, file, line);
    std::abort();
}

}  // namespace sublet
