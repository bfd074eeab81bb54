// job_measure.cpp: what is below a folder in which a stranger's program still writes. The program may move, remove and
// nest folders while they are looked into: what is gone is passed over, and never ends the count.
#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include <algorithm>
#include <functional>
#include <memory>
#include <string_view>
#include <vector>

#include "agent/job_files.hpp"
#include "agent/job_store.hpp"
#include "jobs/archive.hpp"

namespace sublet::agent {
namespace {

struct Close {
    void operator()(DIR* folder) const { ::closedir(folder); }
};
using Folder = std::unique_ptr<DIR, Close>;

// No link is followed.
Folder open_folder(int above, const char* name) {
    const int handle = ::openat(above, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    DIR* out = handle >= 0 ? ::fdopendir(handle) : nullptr;
    if (out == nullptr && handle >= 0) {
        ::close(handle);
    }
    return Folder{out};
}

// Calls `each` with the open folder that an entry is in and its name, until it answers false. False then, and where
// folders are nested deeper than so: each is an open file.
bool walk(const std::filesystem::path& top, std::size_t depth_max, const std::function<bool(int, const char*)>& each) {
    std::vector<Folder> open;
    const auto enter = [&open](int above, const char* name) {
        if (Folder next = open_folder(above, name)) {
            open.push_back(std::move(next));
        }
    };
    enter(AT_FDCWD, top.c_str());
    while (!open.empty()) {
        DIR* at = open.back().get();
        const dirent* entry = ::readdir(at);
        if (entry == nullptr) {
            open.pop_back();
            continue;
        }
        const std::string_view name{entry->d_name};
        if (name == "." || name == "..") {
            continue;
        }
        if (!each(::dirfd(at), entry->d_name)) {
            return false;
        }
        if (entry->d_type == DT_DIR || entry->d_type == DT_UNKNOWN) {
            if (open.size() >= depth_max) {
                return false;
            }
            enter(::dirfd(at), entry->d_name);
        }
    }
    return true;
}

}  // namespace

std::uint64_t bytes_below(const std::filesystem::path& folder, std::uint64_t most) {
    constexpr std::uint64_t kBlockBytes = 512;
    constexpr jobs::ArchiveLimits kMost{};
    std::uint64_t bytes = 0;
    std::uint64_t entries = 0;
    const bool whole = walk(folder, kMost.max_depth, [&](int above, const char* name) {
        struct stat status{};
        if (::fstatat(above, name, &status, AT_SYMLINK_NOFOLLOW) == 0) {
            bytes += static_cast<std::uint64_t>(status.st_blocks) * kBlockBytes;
        }
        return bytes <= most && ++entries <= kMost.max_entries;
    });
    return whole ? bytes : most + 1;
}

std::uint64_t entries_below(const std::filesystem::path& folder, std::uint64_t most) {
    constexpr std::size_t kMaxDepth = 128;
    std::uint64_t entries = 0;
    const bool whole = walk(folder, kMaxDepth, [&](int, const char*) { return ++entries <= most; });
    return whole ? entries : most + 1;
}

bool nearly_full(const std::filesystem::path& folder) {
    constexpr std::uint64_t kFilesKeptFree = 100'000;  // or a hundredth of a disk that has few
    struct statvfs disk{};
    if (::statvfs(folder.c_str(), &disk) != 0) {
        return false;
    }
    const std::uint64_t files = disk.f_files;  // 0: this disk makes room for them as they come
    return std::uint64_t{disk.f_bavail} * disk.f_frsize < kDiskKeptFree ||
           (files != 0 && disk.f_favail < std::min(kFilesKeptFree, files / 100));
}

}  // namespace sublet::agent
