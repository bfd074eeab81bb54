// png.hpp: the lines of a PNG, from the top, through libpng. For pixels.cpp alone.
#pragma once

#include <filesystem>
#include <memory>

#include "jobs/pixels.hpp"

namespace sublet::jobs {

// As open_picture.
Result<std::unique_ptr<PictureReader>> open_png(const std::filesystem::path& file);

// For pictures of what was found and for tests: 8 bits, RGB, `pixels` three bytes each, line by line; a file that is
// there is replaced. Errors: kIo.
Result<> write_png(const std::filesystem::path& file, PictureSize size, const std::vector<std::uint8_t>& pixels);

}  // namespace sublet::jobs
