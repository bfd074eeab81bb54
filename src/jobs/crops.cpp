// crops.cpp: crops/1: SHA-256 as the source of numbers, a cell by weight, a pixel in it, a rectangle around the pixel.
// Spec: docs/spec/verification.md (crops).
#include "jobs/crops.hpp"

#include <algorithm>
#include <numeric>

#include "base/assert.hpp"
#include "crypto/sha256.hpp"

namespace sublet::jobs {
namespace {

// Number n is the first eight bytes of SHA-256("crops/1" ‖ seed ‖ n). Bounds are below 2^32, so what a remainder
// prefers is less than one in 2^32.
class Numbers {
public:
    explicit Numbers(const Hash& seed) : seed_(seed) {}
    std::uint64_t below(std::uint64_t bound) {
        Bytes input{kCropsVersion};
        input += view_of(seed_);
        append_be32(input, next_++);
        return read_be64(view_of(crypto::sha256(input))) % bound;
    }

private:
    Hash seed_;
    std::uint32_t next_ = 0;
};

struct Span {
    std::uint32_t from = 0, length = 0;
};

// Of `parts` equal parts of a side; a side shorter than that gives each part one pixel.
Span part_of(std::uint32_t side, std::uint32_t parts, std::uint32_t part) {
    const auto cut = [&](std::uint64_t at) { return static_cast<std::uint32_t>(side * at / parts); };
    const std::uint32_t from = cut(part);
    return {from, std::max(1U, cut(part + 1ULL) - from)};
}

// `length` pixels around `centre`, moved inside.
std::uint32_t placed(std::uint32_t centre, std::uint32_t length, std::uint32_t side) {
    const std::uint32_t from = centre < length / 2 ? 0 : centre - length / 2;
    return std::min(from, side - length);
}

std::uint32_t choose_cell(Numbers& numbers, const NoiseMap& map) {
    const auto total = std::accumulate(map.weights.begin(), map.weights.end(), std::uint64_t{0});
    std::uint64_t left = numbers.below(total);
    std::uint32_t cell = 0;
    while (left >= map.weights[cell]) {
        left -= map.weights[cell];
        ++cell;
    }
    return cell;
}

Crop draw(Numbers& numbers, PictureSize size, std::uint32_t side, const NoiseMap& map) {
    const std::uint32_t cell = choose_cell(numbers, map);
    const Span across = part_of(size.width, map.columns, cell % map.columns);
    const Span down = part_of(size.height, map.rows, cell / map.columns);
    const auto x = across.from + static_cast<std::uint32_t>(numbers.below(across.length));
    const auto y = down.from + static_cast<std::uint32_t>(numbers.below(down.length));
    Crop out{.width = std::min(side, size.width), .height = std::min(side, size.height)};
    out.x = placed(x, out.width, size.width);
    out.y = placed(y, out.height, size.height);
    return out;
}

bool overlap(const Crop& a, const Crop& b) {
    return a.x < b.x + b.width && b.x < a.x + a.width && a.y < b.y + b.height && b.y < a.y + a.height;
}

}  // namespace

bool is_valid(const CropRule& rule) {
    return rule.count >= 1 && rule.count <= kMaxCrops && rule.side >= kMinCropSide && rule.side <= kMaxCropSide;
}

bool is_valid(const NoiseMap& map) {
    return map.columns >= 1 && map.columns <= kMaxNoiseMapSide && map.rows >= 1 && map.rows <= kMaxNoiseMapSide &&
           map.weights.size() == std::size_t{map.columns} * map.rows &&
           std::ranges::any_of(map.weights, [](std::uint8_t weight) { return weight != 0; });
}

std::vector<Crop> choose_crops(const Hash& seed, PictureSize size, const CropRule& rule,
                               const std::optional<NoiseMap>& map) {
    SUBLET_ASSERT(is_valid(rule) && (!map || is_valid(*map)));
    SUBLET_ASSERT(size.width >= 1 && size.height >= 1);
    const NoiseMap uniform{1, 1, {1}};
    Numbers numbers{seed};
    std::vector<Crop> out;
    for (std::uint32_t number = 0; number < rule.count; ++number) {
        Crop crop;
        for (std::uint32_t tries = 0; tries < kCropTries; ++tries) {
            // A map with its weight in one small place has no room for half of them: the last tries are uniform.
            const bool weighted = map && number % 2 == 1 && tries < kCropTries / 2;
            crop = draw(numbers, size, rule.side, weighted ? *map : uniform);
            if (std::ranges::none_of(out, [&](const Crop& other) { return overlap(crop, other); })) {
                break;
            }
        }
        if (std::ranges::find(out, crop) == out.end()) {
            out.push_back(crop);
        }
    }
    return out;
}

}  // namespace sublet::jobs
