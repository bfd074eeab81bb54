// compare.hpp: whether a picture is what its task renders to, judged by tiles that somebody else rendered: "compare/1".
// The same bytes give the same verdict everywhere: IEEE additions, multiplications and comparisons alone.
// Spec: docs/spec/verification.md (comparison).
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "jobs/pixels.hpp"

namespace sublet::jobs {

inline constexpr std::string_view kCompareVersion = "compare/1";
inline constexpr std::uint32_t kCompareTile = 32;  // pixels a side, where whole pictures are compared
inline constexpr std::uint32_t kOverscan = 16;     // pixels around a crop where sampling is adaptive (render_script)
// A tile is wrong when more than one in so many of its pixels differ, or more than one in so many differ slightly (by a
// tenth of that); where it has few pixels, more than kMinDiffer.
inline constexpr std::uint32_t kDifferShare = 100;
inline constexpr std::uint32_t kSlightShare = 20;
inline constexpr std::uint32_t kMinDiffer = 4;

// Against the worker: kFail. What is wrong on the auditor's own side says nothing of the worker: kInconclusive.
enum class Verdict : std::uint8_t { kPass, kFail, kInconclusive };
std::string_view verdict_name(Verdict verdict);  // "pass", "fail", "inconclusive"

struct TileResult {
    Crop where;
    Verdict verdict = Verdict::kPass;
    bool quiet = false;          // has no noise: that it is right says little of samples
    std::uint32_t differ = 0;    // pixels
    std::uint32_t slightly = 0;  // pixels that differ by a tenth of that at least, those above among them
    double largest = 0;          // difference: 1 is the least that counts
    std::string why;             // "" for kPass
};

struct Comparison {
    Verdict verdict = Verdict::kPass;
    std::vector<TileResult> tiles;
    std::uint32_t noisy = 0;  // tiles that are not quiet
    std::string says;         // one sentence for people
};

// Of one tile; both have the same size.
TileResult compare_tile(const Pixels& theirs, const Pixels& own);

// Of one pixel of both: 1 is the least that counts; infinite where one is no number and the other another.
double pixel_difference(const Pixels& theirs, const Pixels& own, std::uint32_t x, std::uint32_t y);

// `theirs`: a worker's file, which should have `size`; `own`: what was rendered of each crop, in their order, alone or
// with kOverscan pixels around it, as far as the picture goes.
Comparison compare_crops(const std::filesystem::path& theirs, PictureSize size, const std::vector<Crop>& crops,
                         const std::vector<std::filesystem::path>& own);

// All of a picture, tile by tile. `own` cannot be read: kInconclusive.
Comparison compare_pictures(const std::filesystem::path& theirs, const std::filesystem::path& own);

}  // namespace sublet::jobs
