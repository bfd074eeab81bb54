// frame.hpp: what a task of a render must leave: its frame's file under the name that Blender gives it, with a header
// that says the right size. Files come from strangers: only the headers of PNG, JPEG and OpenEXR are read, bounded.
// Spec: docs/spec/rendering.md (results).
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "base/bytes.hpp"

namespace sublet::jobs {

inline constexpr std::size_t kMaxFrameFiles = 16;              // of one frame, where it is not plain
inline constexpr std::size_t kMaxJpegHeaderBytes = 1U << 20U;  // before the size: thumbnails, colour profiles

struct FrameShape {
    std::string format;       // as Blender names it: PNG, JPEG, OPEN_EXR, ...; empty: not known
    std::uint32_t width = 0;  // pixels; 0: not known
    std::uint32_t height = 0;
    bool plain = true;  // one file a frame, named after the frame alone: not so with several views
    bool operator==(const FrameShape&) const = default;
};

// As it is kept beside a job. Errors: kParse.
std::string frame_shape_json(const FrameShape& shape);
Result<FrameShape> frame_shape_from_json(BytesView json);

// "0012", "-005".
std::string frame_text(std::int64_t frame);
// ".png", ".exr"; empty: a format that is not known here.
std::string_view frame_ending(std::string_view format);

struct PictureSize {
    std::uint32_t width = 0;
    std::uint32_t height = 0;
    bool operator==(const PictureSize&) const = default;
};
// Of a PNG, JPEG or OpenEXR file, by what it holds, not by its name; one that was cut off is refused. Errors:
// kNotFound, kIo, kParse, kTooLarge (a side above kMaxImageSide), kUnsupported (another format, OpenEXR as exr_shape).
Result<PictureSize> picture_size(const std::filesystem::path& file);

// That `files`, relative to `folder`, are exactly the frame's. Errors: kBadField, saying what is wrong; as
// picture_size.
Result<> check_frame(const std::filesystem::path& folder, const std::vector<std::filesystem::path>& files,
                     std::int64_t frame, const FrameShape& shape);

}  // namespace sublet::jobs
