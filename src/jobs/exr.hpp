// exr.hpp: puts images of OpenEXR together: a weighted mean of images of one size, a mosaic of tiles. The images come
// from strangers: what exceeds a limit is refused by its header, and memory is bounded whatever a file holds.
// Spec: docs/spec/rendering.md (stills).
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "base/result.hpp"

namespace sublet::jobs {

inline constexpr std::uint32_t kMaxImageSide = 65'536;         // pixels
inline constexpr std::uint64_t kMaxImagePixels = 1ULL << 30U;  // of one image
inline constexpr std::uint32_t kMaxImageChannels = 256;
inline constexpr std::uint64_t kMaxImageLineBytes = 4ULL << 20U;  // a line of all channels as floats
inline constexpr std::uint64_t kMaxExrBlockBytes = 64ULL << 20U;  // read to see that a file is whole
inline constexpr std::size_t kMaxImages = 1'024;                  // that become one

struct ExrShape {
    std::uint32_t width = 0;
    std::uint32_t height = 0;
    std::vector<std::string> channels;  // sorted; halfs and floats without subsampling
    bool operator==(const ExrShape&) const = default;
};

struct WeightedImage {
    std::filesystem::path file;
    std::uint64_t weight = 1;  // at least 1
};

// Errors of all: kNotFound, kIo, kParse (no such image, or broken), kTooLarge (a limit), kUnsupported (deep, more than
// one part, in tiles, integers, subsampled), kConflict (sizes or channels that do not fit together); each names the
// file.

Result<ExrShape> exr_shape(const std::filesystem::path& file);

// That the last line can be read: a file that was cut off has none. Where so much of an image is in one block that it
// would take too much memory (kMaxExrBlockBytes) nothing is read.
Result<> exr_is_whole(const std::filesystem::path& file);

// `lines` lines from `first` on, which must be within the shape; `out`: line by line, in a line channel after channel.
Result<> read_exr_lines(const std::filesystem::path& file, const ExrShape& shape, std::uint32_t first,
                        std::uint32_t lines, std::vector<float>& out);

// The mean of every channel, in double precision and in the order of the list. Depth, object and material indices and
// Cryptomatte are no means: they are the first image's. Writes 32-bit floats, ZIP; a file that is there is replaced.
Result<> average_exr(const std::vector<WeightedImage>& images, const std::filesystem::path& out);

// `tiles`: rows from the top, columns from the left; tiles of a column have one width, tiles of a row one height.
Result<> mosaic_exr(const std::vector<std::filesystem::path>& tiles, std::uint32_t columns, std::uint32_t rows,
                    const std::filesystem::path& out);

}  // namespace sublet::jobs
