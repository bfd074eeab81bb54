// pack.cpp: a folder becomes an archive: list it, write what was listed, list it again; two lists that differ are a
// folder that changed. Spec: docs/spec/jobs.md (archives).
#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <memory>
#include <vector>

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "crypto/sha256.hpp"
#include "jobs/archive.hpp"
#include "jobs/tar.hpp"

namespace sublet::jobs {
namespace {

namespace fs = std::filesystem;

// What a file system tells of a file; differs once anybody has touched it.
struct Trace {
    dev_t device = 0;
    ino_t number = 0;
    mode_t mode = 0;
    off_t bytes = 0;
    std::int64_t modified_s = 0, modified_ns = 0;
    std::int64_t changed_s = 0, changed_ns = 0;
    bool operator==(const Trace&) const = default;
};

Trace trace_of(const struct stat& status) {
    return {status.st_dev,         status.st_ino,          status.st_mode,        status.st_size,
            status.st_mtim.tv_sec, status.st_mtim.tv_nsec, status.st_ctim.tv_sec, status.st_ctim.tv_nsec};
}

struct Listed {
    Member member;
    Trace trace;
    bool operator==(const Listed& other) const {
        return member.path == other.member.path && trace == other.trace;  // the rest follows from the trace
    }
};

std::unexpected<Error> changed(const std::string& path) {
    return fail(Code::kConflict, printable(path) + " changed while it was packed; pack it when nothing writes to it");
}

const char* name_of_type(mode_t mode) {
    switch (mode & S_IFMT) {
        case S_IFLNK:
            return "a symbolic link; put what it points to in its place, or remove it";
        case S_IFSOCK:
            return "a socket; remove it";
        case S_IFIFO:
            return "a named pipe; remove it";
        default:
            return "a device; remove it";
    }
}

class Lister {
public:
    explicit Lister(const ArchiveLimits& limits) : budget_(limits) {}

    Result<std::vector<Listed>> list(int top, const std::string& folder) {
        TRY_OK(walk(top, "", folder));
        std::ranges::sort(found_, {}, [](const Listed& each) -> const std::string& { return each.member.path; });
        return std::move(found_);
    }

private:
    struct Close {
        void operator()(DIR* stream) const { ::closedir(stream); }
    };

    Result<> walk(int folder_number, const std::string& above, const std::string& what) {
        // A stream of its own, from the start: the descriptor is read twice, once per list.
        const int again = ::openat(folder_number, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        const std::unique_ptr<DIR, Close> stream{again < 0 ? nullptr : ::fdopendir(again)};
        if (!stream) {
            auto out = system_error("opening", printable(what));
            if (again >= 0) {
                ::close(again);
            }
            return out;
        }
        while (true) {
            errno = 0;
            const dirent* const next = ::readdir(stream.get());
            if (next == nullptr && errno != 0) {
                return system_error("listing", printable(what));
            }
            if (next == nullptr) {
                return {};
            }
            const std::string name = next->d_name;
            if (name != "." && name != "..") {
                TRY_OK(take(folder_number, name, above.empty() ? name : above + "/" + name));
            }
        }
    }

    Result<> take(int folder_number, const std::string& name, const std::string& path) {
        struct stat status{};
        if (::fstatat(folder_number, name.c_str(), &status, AT_SYMLINK_NOFOLLOW) != 0) {
            return errno == ENOENT ? Result<>{changed(path)} : Result<>{system_error("looking at", printable(path))};
        }
        Listed listed{.member = {.path = path}, .trace = trace_of(status)};
        listed.member.folder = S_ISDIR(status.st_mode);
        if (S_ISREG(status.st_mode)) {
            listed.member.bytes = static_cast<std::uint64_t>(status.st_size);
            listed.member.executable = (status.st_mode & S_IXUSR) != 0;
        } else if (!listed.member.folder) {
            return fail(Code::kUnsupported, printable(path) + " is " + name_of_type(status.st_mode));
        }
        TRY_OK(budget_.take(listed.member, Code::kBadField));
        const bool folder = listed.member.folder;
        found_.push_back(std::move(listed));
        if (!folder) {
            return {};
        }
        const Descriptor below{::openat(folder_number, name.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)};
        if (!below.valid()) {
            return system_error("opening", printable(path));
        }
        return walk(below.number(), path, path);
    }

    Budget budget_;
    std::vector<Listed> found_;
};

// The file beside the archive that becomes it, or goes away.
class Beside {
public:
    explicit Beside(const fs::path& archive)
        : archive_(archive),
          name_(((archive.has_parent_path() ? archive.parent_path() : fs::path(".")) /
                 (".new-" + archive.filename().string() + "-XXXXXX"))
                    .string()),
          file_(::mkostemp(name_.data(), O_CLOEXEC)) {}
    ~Beside() {
        if (file_.valid() && !kept_) {
            ::unlink(name_.c_str());
        }
    }
    Beside(const Beside&) = delete;
    Beside& operator=(const Beside&) = delete;

    Result<> opened() const {
        return file_.valid() ? Result<>{} : Result<>{system_error("creating a file beside", archive_.string())};
    }
    Result<> write(BytesView bytes) {
        TRY_OK(write_piece(file_.number(), bytes, archive_.string()));
        sha256_.update(bytes);
        bytes_ += bytes.size();
        return {};
    }
    // Once, when all is written.
    Result<Packed> keep(std::uint64_t entries) {
        if (::fsync(file_.number()) != 0) {
            return system_error("syncing", archive_.string());
        }
        if (::rename(name_.c_str(), archive_.c_str()) != 0) {
            return system_error("replacing", archive_.string());
        }
        kept_ = true;
        return Packed{.bytes = bytes_, .sha256 = sha256_.finish(), .entries = entries};
    }

private:
    fs::path archive_;
    std::string name_;
    Descriptor file_;
    crypto::Sha256 sha256_;
    std::uint64_t bytes_ = 0;
    bool kept_ = false;
};

Result<> copy_file(int top, const Listed& listed, std::vector<char>& piece, TarWriter& writer) {
    const std::string& path = listed.member.path;
    const std::string what = printable(path);
    // The path goes through folders only if nobody swapped one for a link since; the trace tells.
    const Descriptor file{::openat(top, path.c_str(), O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC)};
    if (!file.valid()) {
        const bool gone = errno == ENOENT || errno == ELOOP || errno == ENOTDIR;
        return gone ? Result<>{changed(path)} : Result<>{system_error("opening", what)};
    }
    struct stat status{};
    if (::fstat(file.number(), &status) != 0) {
        return system_error("looking at", what);
    }
    if (trace_of(status) != listed.trace) {
        return changed(path);
    }
    for (std::uint64_t left = listed.member.bytes; left > 0;) {
        const std::size_t most = std::min<std::uint64_t>(left, piece.size());
        TRY(got, read_piece(file.number(), piece.data(), most, what));
        if (got == 0) {
            return changed(path);
        }
        TRY_OK(writer.content({piece.data(), got}));
        left -= got;
    }
    return {};
}

}  // namespace

Result<Packed> pack(const fs::path& folder, const fs::path& archive, const ArchiveLimits& limits) {
    const Descriptor top{::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC)};
    if (!top.valid()) {
        return system_error("opening", folder.string());
    }
    TRY(members, Lister{limits}.list(top.number(), folder.string()));
    Beside beside{archive};
    TRY_OK(beside.opened());
    TarWriter writer{[&](BytesView bytes) { return beside.write(bytes); }, kPieceBytes};
    TRY_OK(writer.start());
    std::vector<char> piece(kPieceBytes);
    for (const Listed& listed : members) {
        TRY_OK(writer.add(listed.member));
        if (!listed.member.folder) {
            TRY_OK(copy_file(top.number(), listed, piece, writer));
        }
    }
    TRY_OK(writer.finish());
    // What was added, removed or written to meanwhile shows in a second list, also in a file that was read already.
    const Result<std::vector<Listed>> again = Lister{limits}.list(top.number(), folder.string());
    if (!again || *again != members) {
        if (!again && again.error().code == Code::kIo) {
            return std::unexpected{again.error()};
        }
        return changed(folder.string());
    }
    return beside.keep(members.size());
}

Result<Hash> file_sha256(const fs::path& path) {
    const Descriptor file{::open(path.c_str(), O_RDONLY | O_CLOEXEC)};
    if (!file.valid()) {
        return system_error("opening", path.string());
    }
    crypto::Sha256 sha256;
    std::vector<char> piece(kPieceBytes);
    while (true) {
        TRY(got, read_piece(file.number(), piece.data(), piece.size(), path.string()));
        if (got == 0) {
            return sha256.finish();
        }
        sha256.update({piece.data(), got});
    }
}

}  // namespace sublet::jobs
