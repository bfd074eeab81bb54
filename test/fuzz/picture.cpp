// picture.cpp: fuzz target: any file is refused as a picture, or has pixels that are the same however they are read;
// one that can be read is what it is compared with.
#include <unistd.h>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <filesystem>
#include <fstream>

#include "fuzz.hpp"
#include "jobs/compare.hpp"

namespace {

namespace fs = std::filesystem;

// One file for all inputs of this process.
const fs::path& scratch() {
    struct Scratch {
        fs::path file = fs::temp_directory_path() / ("sublet-fuzz-picture-" + std::to_string(::getpid()));
        Scratch() = default;
        Scratch(const Scratch&) = delete;
        Scratch& operator=(const Scratch&) = delete;
        ~Scratch() {
            std::error_code ignored;
            fs::remove(file, ignored);
        }
    };
    static const Scratch one;
    return one.file;
}

bool same(const sublet::jobs::Pixels& a, const sublet::jobs::Pixels& b) {
    return a.values.size() == b.values.size() &&
           std::memcmp(a.values.data(), b.values.data(), a.values.size() * sizeof(float)) == 0;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace sublet;
    std::ofstream{scratch(), std::ios::binary | std::ios::trunc} << fuzz::view_of_input(data, size);
    const auto opened = jobs::open_picture(scratch());
    if (!opened) {
        fuzz::require(jobs::compare_pictures(scratch(), scratch()).verdict == jobs::Verdict::kInconclusive,
                      "what cannot be read says nothing");
        return 0;
    }
    const jobs::PictureSize whole = (*opened)->shape().size;
    const jobs::Crop corner{0, 0, std::min(whole.width, 40U), std::min(whole.height, 40U)};
    const auto first = (*opened)->read(corner);
    if (first) {
        const jobs::Crop last{corner.width - 1, corner.height - 1, 1, 1};
        const auto pixel = (*opened)->read(last);
        fuzz::require(pixel && std::memcmp(pixel->values.data(), first->at(last.x, last.y),
                                           pixel->values.size() * sizeof(float)) == 0,
                      "a pixel is the same alone");
        const auto again = (*opened)->read(corner);
        fuzz::require(again && same(*first, *again), "and the second time");
        fuzz::require(jobs::compare_tile(*first, *first).verdict == jobs::Verdict::kPass, "a tile is itself");
    }
    fuzz::require(!(*opened)->read({whole.width, 0, 1, 1}), "nothing lies beside a picture");
    if (std::uint64_t{whole.width} * whole.height < 1U << 16U) {
        const jobs::Verdict verdict = jobs::compare_pictures(scratch(), scratch()).verdict;
        fuzz::require(verdict == jobs::Verdict::kPass || verdict == jobs::Verdict::kInconclusive,
                      "a picture is itself");
    }
    return 0;
}
