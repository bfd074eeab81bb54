// noise.hpp: what noise tells: where a picture has how much of it, and which part of an image in sample ranges has
// another noise than the others. Nothing is decided by it: crops are weighed, people are warned.
// Spec: docs/spec/verification.md (noise, cross-check).
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "jobs/crops.hpp"

namespace sublet::jobs {

inline constexpr std::uint32_t kNoiseMapCells = 16;       // a side, at most
inline constexpr std::size_t kMaxNoisePictures = 16;      // pairs
inline constexpr std::size_t kMinCrossChecked = 3;        // parts: fewer have nothing to be measured by
inline constexpr std::size_t kMaxCrossChecked = 64;       // at once; more are checked in groups
inline constexpr std::uint32_t kCrossBlock = 16;          // pixels a side
inline constexpr std::uint64_t kMaxCrossBlocks = 16'384;  // of an image; of a larger one every second, third ...

// Two renders of one frame that differ in their seed alone.
struct NoisePair {
    std::filesystem::path first, second;
};
// The noisiest of all pairs, cell by cell, 255 where it is largest, at least 1 elsewhere. Errors: as open_picture;
// kConflict (sizes or channels that do not fit together), kTooLarge (too many pairs), kBadField (none; no noise).
Result<NoiseMap> noise_map(const std::vector<NoisePair>& pairs);

struct RangePart {
    std::filesystem::path file;
    std::uint64_t samples = 1;  // at least 1
};
struct SuspiciousPart {
    std::uint32_t part = 0;
    std::string why;  // for people
    bool operator==(const SuspiciousPart&) const = default;
};
// What each part's noise is against the others': of parts with the samples that they say it is the same. Where there
// are too few parts, or no noise, nothing is suspicious. Errors: as open_picture; kConflict.
Result<std::vector<SuspiciousPart>> cross_check(const std::map<std::uint32_t, RangePart>& parts);

// What a part is judged by, for measurements.
struct PartNoise {
    std::uint32_t part = 0;
    double ratio = 1;           // of its noise to the others', the middle of all blocks
    double spread = 1;          // of the ninth tenth of the blocks to the first
    double smooth = 0;          // how alike the noise of neighbours is: 0 where each pixel has its own
    double low = 0;             // block shift in log luminance: a twentieth is below
    double high = 0;            // a twentieth is above
    std::uint32_t same_as = 0;  // the part whose blocks it has, itself where there is none
};
Result<std::vector<PartNoise>> part_noise(const std::map<std::uint32_t, RangePart>& parts);

}  // namespace sublet::jobs
