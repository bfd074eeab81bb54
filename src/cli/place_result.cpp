// place_result.cpp: unpacks beside the archive, then moves file by file.
#include "cli/place_result.hpp"

#include <algorithm>

#include "jobs/archive.hpp"

namespace sublet::cli {
namespace {

namespace fs = std::filesystem;

std::vector<fs::path> files_below(const fs::path& folder) {
    std::error_code error;
    std::vector<fs::path> out;
    for (const fs::directory_entry& each : fs::recursive_directory_iterator{folder, error}) {
        if (each.is_regular_file(error)) {
            out.push_back(fs::relative(each.path(), folder));
        }
    }
    std::ranges::sort(out);
    return out;
}

bool same_bytes(const fs::path& one, const fs::path& other) {
    return jobs::file_sha256(one).value_or(Hash{}) == jobs::file_sha256(other).value_or(Hash{});
}

Result<> move_file(const fs::path& from, const fs::path& to) {
    std::error_code error;
    fs::create_directories(to.parent_path(), error);
    fs::rename(from, to, error);
    if (error == std::errc::cross_device_link) {
        fs::copy_file(from, to, fs::copy_options::overwrite_existing, error);
    }
    return error ? fail(Code::kIo, "cannot write " + to.string() + ": " + error.message()) : Result<>{};
}

}  // namespace

Result<Placed> place_result(const fs::path& archive, const Placing& placing) {
    using Replaces = Placing::Replaces;
    const fs::path unpacked = archive.string() + ".d";
    std::error_code error;
    fs::remove_all(unpacked, error);
    TRY_OK(jobs::unpack(archive, unpacked, {.max_bytes = placing.max_bytes}));
    const std::vector<fs::path> files = files_below(unpacked);
    if (const Result<> good = placing.check ? placing.check(unpacked, files) : Result<>{}; !good) {
        fs::remove_all(unpacked, error);
        return std::unexpected{good.error()};
    }
    Placed out;
    out.apart = placing.replaces == Replaces::kApart ||
                (placing.replaces == Replaces::kNothing && std::ranges::any_of(files, [&](const fs::path& each) {
                     return fs::exists(placing.out / each) && !same_bytes(placing.out / each, unpacked / each);
                 }));
    if (placing.replaces == Replaces::kFolder) {
        fs::remove_all(placing.out, error);
    }
    const fs::path folder = out.apart ? fs::path{"task-" + std::to_string(placing.task)} : fs::path{};
    for (const fs::path& each : files) {
        TRY_OK(move_file(unpacked / each, placing.out / folder / each));
        out.files.push_back(folder / each);
    }
    fs::remove_all(unpacked, error);
    return out;
}

}  // namespace sublet::cli
