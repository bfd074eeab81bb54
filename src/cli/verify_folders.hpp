// verify_folders.hpp: pictures of two folders compared by the rule that audits use, and what people see of it.
// Spec: docs/spec/verification.md (comparing folders).
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "jobs/compare.hpp"

namespace sublet::cli {

inline constexpr std::size_t kMaxVerifiedFiles = 100'000;
inline constexpr std::size_t kMaxShownPictures = 64;  // in a page of differences

struct VerifiedPicture {
    std::string name;  // relative to both folders
    jobs::Comparison found;
};

// Every PNG and OpenEXR file below `against` with the one of the same name below `folder`, by name; one of `folder`
// alone is inconclusive, one of `against` alone is wrong. Two files are one picture. Errors: kUsage (not there, a
// file and a folder, no pictures, too many).
Result<std::vector<VerifiedPicture>> verify_folders(const std::filesystem::path& folder,
                                                    const std::filesystem::path& against);

bool all_pass(const std::vector<VerifiedPicture>& pictures);
std::string verified_table(const std::vector<VerifiedPicture>& pictures);  // of those that do not pass, and a summary
std::string verified_json(const std::vector<VerifiedPicture>& pictures);

// `out`: .png shows the first picture that does not pass, .html all of them, at most kMaxShownPictures, in one file
// that needs nothing else. Where all pass it shows the first. Errors: kUsage (another ending), kIo.
Result<> draw_differences(const std::vector<VerifiedPicture>& pictures, const std::filesystem::path& folder,
                          const std::filesystem::path& against, const std::filesystem::path& out);

}  // namespace sublet::cli
