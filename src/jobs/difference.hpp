// difference.hpp: a picture of where two pictures differ: both of them, and beside them how much each pixel does. For
// people; nothing is decided by it. Spec: docs/spec/verification.md (comparing folders).
#pragma once

#include <cstdint>
#include <filesystem>
#include <vector>

#include "jobs/pixels.hpp"

namespace sublet::jobs {

inline constexpr std::uint32_t kMaxPanelSide = 640;  // pixels; larger pictures are shown smaller

struct DifferencePicture {
    PictureSize size;
    std::vector<std::uint8_t> rgb;  // three bytes a pixel, line by line
};

// From the left: `theirs`, `own`, and the differences: black for none, blue for slight ones, yellow for those that
// count, red for ten times that. A pixel that stands for several shows the largest. OpenEXR is shown with a plain
// curve. Errors: as open_picture; kConflict (size, channels or depth do not fit together).
Result<DifferencePicture> difference_picture(const std::filesystem::path& theirs, const std::filesystem::path& own);

}  // namespace sublet::jobs
