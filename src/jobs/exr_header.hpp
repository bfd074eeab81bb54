// exr_header.hpp: a look at the header of an OpenEXR file before the library gets it: it takes as much memory as an
// attribute says it has. Spec: docs/spec/rendering.md (results).
#pragma once

#include <filesystem>

#include "base/result.hpp"

namespace sublet::jobs {

inline constexpr std::uint64_t kMaxExrHeaderBytes = 8ULL << 20U;  // a preview among them
inline constexpr unsigned kMaxExrAttributes = 4'096;

// Errors: kNotFound, kParse (no such file, a size that does not fit what is there), kUnsupported (more than one part,
// deep pixels), kTooLarge (a limit, also of exr.hpp for the sides of the image).
Result<> check_exr_header(const std::filesystem::path& file);

}  // namespace sublet::jobs
