// still.hpp: one image rendered as many tasks: what of it each one renders, and the image from what they left.
// Spec: docs/spec/rendering.md (stills).
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <string>

#include "base/bytes.hpp"
#include "jobs/frame.hpp"
#include "jobs/noise.hpp"

namespace sublet::jobs {

enum class SplitBy : std::uint8_t { kSamples, kTiles };

struct Still {
    SplitBy by = SplitBy::kSamples;
    std::int64_t frame = 1;
    std::uint32_t columns = 8;  // of tiles; the number of sample ranges
    std::uint32_t rows = 1;     // of tiles
    std::uint32_t samples = 0;  // of the whole image, at least one a range; for tiles 0: the scene's own
    [[nodiscard]] std::uint32_t parts() const { return columns * rows; }
    bool operator==(const Still&) const = default;
};
inline constexpr std::uint32_t kMaxStillParts = 1'024;
inline constexpr std::uint32_t kMaxStillSamples = 1U << 24U;  // Cycles' own

struct SampleRange {
    std::uint32_t first = 0;
    std::uint32_t count = 0;
};

// `by`: "samples" or "tiles"; `parts`: "8", or "4x2" for tiles (columns, rows). Errors: kBadField with what to write.
Result<Still> parse_still(const std::string& by, const std::string& parts, std::int64_t frame, std::uint32_t samples);

// `part` below parts(): ranges follow one another without a gap and differ by one sample at most.
SampleRange range_of(const Still& still, std::uint32_t part);

// As it is kept beside a job and given to the program on the worker. Errors: kParse.
std::string still_json(const Still& still);
Result<Still> still_from_json(BytesView json);

// What a worker's plan.json says of it; nothing: each task is a frame. Errors: kParse.
Result<std::optional<Still>> still_of_plan(BytesView plan);
// Of the picture that a part is; `part` below parts().
PictureSize part_size(const Still& still, std::uint32_t part, PictureSize whole);

// Names below the folder of results: "0012.parts/0003" for the third part, "0012.exr" for the image.
std::filesystem::path part_folder(const Still& still, std::uint32_t part);
std::filesystem::path image_file(const Still& still);
inline constexpr const char* kPartFile = "part.exr";

// That a part's folder holds its image and nothing else. Errors: kBadField, and as exr_shape.
Result<> check_part(const std::filesystem::path& folder);

struct MergedStill {
    std::uint32_t parts = 0;    // that are in it
    std::uint64_t samples = 0;  // a pixel; 0 for tiles
};
// `parts`: their images. Sample ranges make an image with any number of them, tiles need all. Errors: kNotFound (none,
// or a tile is missing), and as average_exr.
Result<MergedStill> merge_still(const Still& still, const std::map<std::uint32_t, std::filesystem::path>& parts,
                                const std::filesystem::path& out);

// Which sample ranges have another noise than the rest (noise.hpp); none of tiles. Errors: as cross_check.
Result<std::vector<SuspiciousPart>> suspicious_parts(const Still& still,
                                                     const std::map<std::uint32_t, std::filesystem::path>& parts);

}  // namespace sublet::jobs
