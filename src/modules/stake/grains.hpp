// grains.hpp: income smaller than a ucredit: 2^-60 of it, in 128 bits, so that no division loses anything.
// Deterministic. Spec: docs/spec/stake.md (rewards).
#pragma once

#include "base/bytes.hpp"
#include "base/units.hpp"

namespace sublet::stake {

using Grains = FixedBytes<16>;  // in a record: big-endian

inline constexpr unsigned kGrainBits = 60;
inline constexpr u128 kGrainsOfOne = u128{1} << kGrainBits;  // 2^64 ucredit are 2^124 grains

inline u128 number_of(const Grains& grains) {
    u128 out = 0;
    for (const std::uint8_t each : grains) {
        out = out << 8U | each;
    }
    return out;
}
inline Grains grains_of(u128 number) {
    Grains out{};
    for (std::size_t i = out.size(); i-- > 0; number >>= 8U) {
        out[i] = static_cast<std::uint8_t>(number);
    }
    return out;
}
inline void add(Grains& grains, u128 more) { grains = grains_of(number_of(grains) + more); }
// Whole ucredit, and what is left.
inline Amount whole_floor(const Grains& grains) {
    return Amount{static_cast<std::uint64_t>(number_of(grains) >> kGrainBits)};
}
inline Grains fraction(const Grains& grains) { return grains_of(number_of(grains) % kGrainsOfOne); }

}  // namespace sublet::stake
