// trie.cpp: bits of keys.
// Deterministic. Spec: ADR 0005.
#include "ledger/trie.hpp"

#include <algorithm>

namespace sublet::ledger {
namespace {

unsigned byte_at(BytesView key, std::size_t index) {
    return index < key.size() ? static_cast<unsigned char>(key[index]) : 0U;
}

}  // namespace

std::uint32_t first_difference(BytesView a, BytesView b) {
    const std::size_t size = std::max(a.size(), b.size());
    for (std::size_t i = 0; i < size; ++i) {
        const unsigned differing = byte_at(a, i) ^ byte_at(b, i);
        if (differing != 0) {
            return static_cast<std::uint32_t>(i * 8) + static_cast<std::uint32_t>(__builtin_clz(differing)) - 24U;
        }
    }
    return kNoBit;
}

}  // namespace sublet::ledger
