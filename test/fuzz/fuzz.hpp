// fuzz.hpp: what every fuzz target shares: the claim that must hold for any input.
#pragma once

#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string_view>

#include "base/bytes.hpp"

// libFuzzer calls it, and so does the replayer.
// NOLINTNEXTLINE(readability-identifier-naming)
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

namespace sublet::fuzz {

// An abort is what a fuzzer notices; the sentence says what broke.
inline void require(bool holds, const char* sentence) {
    if (!holds) {
        std::fprintf(stderr, "does not hold: %s\n", sentence);
        std::abort();
    }
}

inline BytesView view_of_input(const std::uint8_t* data, std::size_t size) {
    return size == 0 ? BytesView{""} : BytesView{reinterpret_cast<const char*>(data), size};
}

}  // namespace sublet::fuzz
