// dice.hpp: the one source of chance of a simulated world: the same seed gives the same world, bit for bit.
#pragma once

#include <cstdint>
#include <string_view>

#include "net/host.hpp"

namespace sublet::sim {

// SplitMix64 (Steele, Lea, Flood 2014): small, seedable, the same on every machine.
class Dice {
public:
    explicit Dice(std::uint64_t seed) : state_(seed) {}
    // A stream of its own for a part of the world, so that one more roll here moves nothing there.
    [[nodiscard]] Dice fork(std::string_view name) const {
        std::uint64_t mixed = state_;
        for (const char c : name) {
            mixed = (mixed ^ static_cast<unsigned char>(c)) * 0x100000001b3ULL;
        }
        Dice out{mixed};
        out.next();
        return out;
    }
    std::uint64_t next() {
        std::uint64_t z = (state_ += 0x9e3779b97f4a7c15ULL);
        z = (z ^ (z >> 30U)) * 0xbf58476d1ce4e5b9ULL;
        z = (z ^ (z >> 27U)) * 0x94d049bb133111ebULL;
        return z ^ (z >> 31U);
    }
    // From `low` to `high`, both included.
    std::uint64_t between(std::uint64_t low, std::uint64_t high) { return low + next() % (high - low + 1); }
    bool chance(std::uint64_t permille) { return next() % 1000 < permille; }

private:
    std::uint64_t state_;
};

class SimRandom final : public net::Random {
public:
    explicit SimRandom(Dice dice) : dice_(dice) {}
    Bytes bytes(std::size_t count) override {
        Bytes out(count, '\0');
        for (char& each : out) {
            each = static_cast<char>(dice_.next() & 0xffU);
        }
        return out;
    }

private:
    Dice dice_;
};

}  // namespace sublet::sim
