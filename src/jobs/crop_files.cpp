// crop_files.cpp: reads what an audit turn left.
#include "jobs/crop_files.hpp"

#include <algorithm>
#include <charconv>
#include <optional>

#include "crypto/sha256.hpp"
#include "jobs/compare.hpp"

namespace sublet::jobs {
namespace {

namespace fs = std::filesystem;

// Numbers of files by what stands at their end: "crop-0.png", "crop-10.exr".
std::optional<std::size_t> crop_number(const fs::path& file) {
    const std::string name = file.stem().string();
    constexpr std::string_view kPrefix = "crop-";
    std::size_t out = 0;
    const char* end = name.data() + name.size();
    if (!name.starts_with(kPrefix) || std::from_chars(name.data() + kPrefix.size(), end, out).ptr != end) {
        return std::nullopt;
    }
    return out;
}

Result<Pixels> all_of(const fs::path& file) {
    TRY(reader, open_picture(file));
    const PictureSize size = reader->shape().size;
    return reader->read({0, 0, size.width, size.height});
}

}  // namespace

Result<std::vector<fs::path>> crop_files(const fs::path& folder, std::size_t count) {
    std::vector<fs::path> out(count);
    std::error_code error;
    for (const fs::directory_entry& each : fs::directory_iterator{folder, error}) {
        const std::optional<std::size_t> number = crop_number(each.path());
        if (!number || *number >= count || !out[*number].empty()) {
            return fail(Code::kParse, "there is a file that is no crop: " + each.path().filename().string());
        }
        out[*number] = each.path();
    }
    if (std::ranges::any_of(out, &fs::path::empty)) {
        return fail(Code::kParse, "not every crop is there");
    }
    return out;
}

Result<Hash> answer_of_crops(const Hash& seed, const std::vector<fs::path>& files) {
    crypto::Sha256 hasher;
    hasher.update(view_of(seed));
    for (const fs::path& file : files) {
        TRY(pixels, all_of(file));
        Bytes head;
        append_be32(head, pixels.width);
        append_be32(head, pixels.height);
        append_be32(head, static_cast<std::uint32_t>(pixels.channels.size()));
        const auto* bytes = reinterpret_cast<const char*>(pixels.values.data());
        hasher.update(head).update(BytesView{bytes, pixels.values.size() * sizeof(float)});
    }
    return hasher.finish();
}

bool same_crops(const std::vector<fs::path>& theirs, const std::vector<fs::path>& own) {
    if (theirs.size() != own.size()) {
        return false;
    }
    for (std::size_t i = 0; i < own.size(); ++i) {
        const Result<Pixels> one = all_of(theirs[i]);
        const Result<Pixels> other = all_of(own[i]);
        const bool alike = one && other && one->width == other->width && one->height == other->height &&
                           one->channels == other->channels && one->largest == other->largest;
        if (!alike || compare_tile(*one, *other).verdict != Verdict::kPass) {
            return false;
        }
    }
    return true;
}

Result<fs::path> only_picture(const fs::path& folder) {
    std::vector<fs::path> found;
    std::error_code error;
    for (const fs::directory_entry& each : fs::recursive_directory_iterator{folder, error}) {
        if (each.is_regular_file()) {
            found.push_back(each.path());
        }
    }
    if (found.size() != 1) {
        return fail(Code::kParse,
                    "the result holds " + std::to_string(found.size()) + " files, one picture was asked for");
    }
    return found.front();
}

}  // namespace sublet::jobs
