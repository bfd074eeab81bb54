// growth.cpp: what counts as getting on.
#include "agent/growth.hpp"

#include <algorithm>

namespace sublet::agent {
namespace {

constexpr std::uint64_t kStalled_ms = 45'000;         // no byte more in so long: also over a worker's restart
constexpr std::uint64_t kUnpacked_bytes_ms = 10'000;  // decrypted, hashed and unpacked, at least

}  // namespace

void Growth::has(std::uint64_t bytes, std::uint64_t now_ms) {
    bytes = std::min(bytes, whole_);
    if (bytes > most_) {
        most_ = bytes;
        grew_ms_ = now_ms;
    }
}

bool Growth::stalled(std::uint64_t now_ms) const {
    return now_ms - grew_ms_ > kStalled_ms + (most_ == whole_ ? whole_ / kUnpacked_bytes_ms : 0);
}

}  // namespace sublet::agent
