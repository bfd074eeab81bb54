// job_files.cpp: files and folders of kept jobs.
#include "agent/job_files.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <fstream>

namespace sublet::agent {

namespace fs = std::filesystem;

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

Result<> make_folder(const fs::path& folder) {
    std::error_code error;
    fs::create_directories(folder, error);
    return error ? io_error(folder, "making") : Result<>{};
}

Result<> remove_tree(const fs::path& folder) {
    std::error_code error;
    fs::remove_all(folder, error);
    return error ? io_error(folder, "removing") : Result<>{};
}

}  // namespace sublet::agent
