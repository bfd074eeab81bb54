// trie.cpp: bits of keys.
// Deterministic. Spec: ADR 0005.
#include "ledger/trie.hpp"

#include <algorithm>
#include <cstring>

namespace sublet::ledger {
namespace {

unsigned byte_at(BytesView key, std::size_t index) {
    return index < key.size() ? static_cast<unsigned char>(key[index]) : 0U;
}

}  // namespace

std::uint32_t first_difference(BytesView a, BytesView b) {
    const std::size_t size = std::max(a.size(), b.size());
    std::size_t same = 0;
    // Eight bytes at a time for as long as they agree.
    for (std::uint64_t x = 0, y = 0; same + sizeof x <= std::min(a.size(), b.size()); same += sizeof x) {
        std::memcpy(&x, a.data() + same, sizeof x);
        std::memcpy(&y, b.data() + same, sizeof y);
        if (x != y) {
            break;
        }
    }
    for (std::size_t i = same; i < size; ++i) {
        const unsigned differing = byte_at(a, i) ^ byte_at(b, i);
        if (differing != 0) {
            return static_cast<std::uint32_t>(i * 8) + static_cast<std::uint32_t>(__builtin_clz(differing)) - 24U;
        }
    }
    return kNoBit;
}

}  // namespace sublet::ledger
