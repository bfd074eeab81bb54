// pixels.hpp: the pixels of a rectangle of a PNG or OpenEXR file, whoever wrote it: lines are read one band at a time,
// so that memory does not grow with what a file says of itself. Spec: docs/spec/verification.md (comparison).
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "jobs/crops.hpp"

namespace sublet::jobs {

inline constexpr std::uint64_t kMaxRectanglePixels = 1ULL << 24U;  // read at once
inline constexpr std::uint64_t kMaxRectangleValues = 1ULL << 26U;  // of all channels

struct PictureShape {
    PictureSize size;
    std::vector<std::string> channels;  // of PNG "V", "R", "G", "B", "A"; of OpenEXR its own names, sorted
    std::uint32_t largest = 0;          // of PNG 255 or 65535: what its whole numbers count up to; 0: floats
    bool operator==(const PictureShape&) const = default;
};

// Of one rectangle: line by line, in a line pixel by pixel, in a pixel channel by channel.
struct Pixels {
    std::uint32_t width = 0, height = 0;
    std::vector<std::string> channels;
    std::uint32_t largest = 0;
    std::vector<float> values;
    [[nodiscard]] const float* at(std::uint32_t x, std::uint32_t y) const {
        return values.data() + (std::size_t{y} * width + x) * channels.size();
    }
};

// Rectangles are read fastest from the top downwards: a PNG is unpacked from its beginning.
class PictureReader {
public:
    PictureReader() = default;
    PictureReader(const PictureReader&) = delete;
    PictureReader& operator=(const PictureReader&) = delete;
    virtual ~PictureReader() = default;
    [[nodiscard]] virtual const PictureShape& shape() const = 0;
    // Errors: kParse (broken there), kIo, kConflict (the file changed), kTooLarge, kBadField (not within the picture).
    virtual Result<Pixels> read(const Crop& where) = 0;
};

// Errors: kNotFound (no regular file), kIo, kParse (broken, cut off), kTooLarge (a limit of exr.hpp's), kUnsupported
// (neither PNG nor OpenEXR; palettes, interlacing, less than 8 bits; as exr_shape); each names the file.
Result<std::unique_ptr<PictureReader>> open_picture(const std::filesystem::path& file);

}  // namespace sublet::jobs
