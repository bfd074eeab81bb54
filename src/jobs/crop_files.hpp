// crop_files.hpp: the pictures that an audit turn leaves, one for each crop, and what an auditor is bound to by them.
// Spec: docs/spec/verification.md (answers).
#pragma once

#include <filesystem>
#include <vector>

#include "base/bytes.hpp"

namespace sublet::jobs {

// crop-0.png … in their order. Errors: kParse (one is missing, or there is something else).
Result<std::vector<std::filesystem::path>> crop_files(const std::filesystem::path& folder, std::size_t count);

// SHA-256 of the seed and of each picture's size, number of channels (4 bytes each, big-endian) and pixels as 32-bit
// floats: of pixels, not of files, which may say when they were written. Errors: as open_picture.
Result<Hash> answer_of_crops(const Hash& seed, const std::vector<std::filesystem::path>& files);

// That no crop of the one is wrong as a tile of the other (compare.hpp). What cannot be read is not the same.
bool same_crops(const std::vector<std::filesystem::path>& theirs, const std::vector<std::filesystem::path>& own);

// The one picture that a task's result holds. Errors: kParse.
Result<std::filesystem::path> only_picture(const std::filesystem::path& folder);

}  // namespace sublet::jobs
