// exr_header.hpp: a look at an OpenEXR's header before the library reads it, which takes as much memory as a header
// asks for. Spec: docs/spec/verification.md (comparison).
#pragma once

#include <filesystem>

#include "base/result.hpp"

namespace sublet::jobs {

inline constexpr std::size_t kMaxExrHeaderBytes = 4U << 20U;
inline constexpr std::size_t kMaxExrAttributes = 4'096;
inline constexpr std::size_t kMaxExrAttributeBytes = 1U << 20U;  // a small preview picture is one

// That it has one part of plain lines, attributes of a size that is there, and a picture within exr.hpp's limits.
// Errors: kNotFound, kParse, kTooLarge, kUnsupported (deep, in tiles, several parts); each names the file.
Result<> check_exr_header(const std::filesystem::path& file);

}  // namespace sublet::jobs
