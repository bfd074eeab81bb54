// crops.hpp: which small rectangles of a picture an auditor renders again: a pure function of a seed that nobody knew
// when the picture was committed to. Whole numbers alone, "crops/1". Spec: docs/spec/verification.md (crops).
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "base/bytes.hpp"
#include "jobs/frame.hpp"

namespace sublet::jobs {

inline constexpr std::string_view kCropsVersion = "crops/1";
inline constexpr std::uint32_t kMaxCrops = 64;
inline constexpr std::uint32_t kMinCropSide = 8;  // pixels
inline constexpr std::uint32_t kMaxCropSide = 256;
inline constexpr std::uint32_t kMaxNoiseMapSide = 64;  // cells
inline constexpr std::uint32_t kCropTries = 32;        // to find one that does not touch the others

struct Crop {
    std::uint32_t x = 0, y = 0;  // pixels, from the top left
    std::uint32_t width = 0, height = 0;
    bool operator==(const Crop&) const = default;
};

struct CropRule {
    std::uint32_t count = 8;  // 1 to kMaxCrops
    std::uint32_t side = 32;  // pixels: kMinCropSide to kMaxCropSide
    bool operator==(const CropRule&) const = default;
};

// Where a picture is noisy, coarsely: columns x rows cells of equal size, from the top left, row by row.
struct NoiseMap {
    std::uint32_t columns = 0;  // 1 to kMaxNoiseMapSide
    std::uint32_t rows = 0;
    std::vector<std::uint8_t> weights;  // columns * rows; at least one is not 0
    bool operator==(const NoiseMap&) const = default;
};

[[nodiscard]] bool is_valid(const CropRule& rule);
[[nodiscard]] bool is_valid(const NoiseMap& map);

// At least one, at most rule.count; all within the picture, none there twice. Every second one follows the map's
// weights, the others, and all where there is no map, are uniform (T23). They do not overlap while there is room.
// Needs: size is not empty and at most kMaxImageSide a side, rule and map are valid.
std::vector<Crop> choose_crops(const Hash& seed, PictureSize size, const CropRule& rule,
                               const std::optional<NoiseMap>& map);

}  // namespace sublet::jobs
