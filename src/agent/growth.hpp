// growth.hpp: whether a worker that has an input by swarm gets on. Spec: docs/spec/swarm.md.
#pragma once

#include <cstdint>

namespace sublet::agent {

// By what it says of itself. It may say anything: only what it never had before counts, and once it has everything it
// has so long to unpack it as a slow disk takes.
class Growth {
public:
    Growth(std::uint64_t whole, std::uint64_t now_ms) : whole_(whole), grew_ms_(now_ms) {}
    void has(std::uint64_t bytes, std::uint64_t now_ms);
    [[nodiscard]] bool stalled(std::uint64_t now_ms) const;

private:
    std::uint64_t whole_;
    std::uint64_t most_ = 0;
    std::uint64_t grew_ms_;  // monotonic
};

}  // namespace sublet::agent
