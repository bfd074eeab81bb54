// job_files.cpp: files and folders of kept jobs.
#include "agent/job_files.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <fstream>
#include <functional>
#include <vector>

#include "jobs/archive.hpp"

namespace sublet::agent {

namespace fs = std::filesystem;

namespace {

// Files are removed, folders moved.
void empty_out(const fs::path& folder, const std::function<void(const fs::path&)>& move) {
    std::vector<fs::path> inside;
    std::error_code error;
    for (const fs::directory_entry& each : fs::directory_iterator{folder, error}) {
        inside.push_back(each.path());
    }
    for (const fs::path& each : inside) {
        if (fs::symlink_status(each, error).type() == fs::file_type::directory) {
            move(each);
        } else {
            fs::remove(each, error);
        }
    }
}

}  // namespace

std::unexpected<Error> io_error(const fs::path& where, const std::string& what) {
    return fail(Code::kIo, what + " " + where.string() + " failed: is the disk full?");
}

Result<Bytes> read_file(const fs::path& file, std::uint64_t offset, std::uint64_t most) {
    std::ifstream in{file, std::ios::binary};
    if (!in) {
        return fail(Code::kNotFound, "there is no " + file.filename().string());
    }
    in.seekg(static_cast<std::streamoff>(offset));
    Bytes out(most, '\0');
    in.read(out.data(), static_cast<std::streamsize>(most));
    out.resize(static_cast<std::size_t>(in.gcount()));
    return out;
}

Result<> write_file(const fs::path& file, BytesView bytes) {
    const fs::path fresh = file.string() + ".new";
    const int handle = ::open(fresh.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    bool good = handle >= 0;
    while (good && !bytes.empty()) {
        const ssize_t written = ::write(handle, bytes.data(), bytes.size());
        good = written > 0;
        bytes.remove_prefix(good ? static_cast<std::size_t>(written) : 0);
    }
    good = good && ::fdatasync(handle) == 0;
    if (handle >= 0) {
        ::close(handle);
    }
    if (!good || ::rename(fresh.c_str(), file.c_str()) != 0) {
        return io_error(file, "writing");
    }
    return {};
}

std::optional<Bytes> left_file(const fs::path& file, std::size_t most) {
    const int handle = ::open(file.c_str(), O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
    struct stat status{};
    std::optional<Bytes> out;
    if (handle >= 0 && ::fstat(handle, &status) == 0 && S_ISREG(status.st_mode)) {
        out.emplace(most, '\0');
        const off_t from = std::max<off_t>(0, status.st_size - static_cast<off_t>(most));
        const ssize_t got = ::pread(handle, out->data(), most, from);
        out->resize(static_cast<std::size_t>(std::max<ssize_t>(got, 0)));
    }
    if (handle >= 0) {
        ::close(handle);
    }
    return out;
}

Result<> make_folder(const fs::path& folder) {
    std::error_code error;
    fs::create_directories(folder, error);
    return error ? io_error(folder, "making") : Result<>{};
}

// A stranger's folders may be nested deeper than there are files to be opened: each moves up beside the others before
// it is looked into, to where no name is a stranger's.
Result<> remove_tree(const fs::path& folder) {
    constexpr std::size_t kMaxFolders = 10'000'000;
    const fs::path removed = folder.string() + ".removed";
    std::error_code error;
    if (fs::symlink_status(folder, error).type() != fs::file_type::directory) {
        fs::remove(folder, error);
        return error ? io_error(folder, "removing") : Result<>{};
    }
    fs::create_directory(removed, error);
    std::size_t moved = 0;
    const auto move_here = [&](const fs::path& each) {
        std::error_code taken;
        do {  // an earlier run may have been killed here
            fs::rename(each, removed / std::to_string(moved++), taken);
        } while (taken && moved < kMaxFolders && fs::exists(removed / std::to_string(moved - 1)));
        error = taken ? taken : error;
    };
    move_here(folder);
    while (!error && moved < kMaxFolders) {
        std::vector<fs::path> here;
        for (const fs::directory_entry& each : fs::directory_iterator{removed, error}) {
            here.push_back(each.path());
        }
        if (here.empty()) {
            break;
        }
        for (const fs::path& each : here) {
            std::error_code kept;
            empty_out(each, move_here);
            fs::remove(each, kept);
            error = kept ? kept : error;
        }
    }
    fs::remove(removed, error);
    return error ? io_error(folder, "removing") : Result<>{};
}

}  // namespace sublet::agent
