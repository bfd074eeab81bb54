// unpack.cpp: an archive from a stranger becomes a folder. Every entry that libarchive reads is written again as pack()
// would, and those bytes must be the archive's own before anything of the entry touches the disk: whatever else a tar
// file can say (links, owners, extensions, padding, what follows the end) differs there.
// Spec: docs/spec/jobs.md (archives).
#include <archive.h>
#include <archive_entry.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <memory>
#include <vector>

#include "jobs/archive.hpp"
#include "jobs/tar.hpp"

namespace sublet::jobs {
namespace {

struct FreeReader {
    void operator()(archive* reader) const { archive_read_free(reader); }
};

std::unexpected<Error> hostile(const std::string& path, const std::string& what) {
    return fail(Code::kParse, (path.empty() ? "the archive" : printable(path.substr(0, 200))) + " " + what);
}

// What is written again, held against the archive.
class Comparison {
public:
    Comparison(int file, std::string what) : file_(file), what_(std::move(what)) {}

    Result<> next(BytesView bytes) {
        while (!bytes.empty()) {
            const ssize_t got = ::pread(file_, piece_.data(), std::min(bytes.size(), piece_.size()), at_);
            if (got < 0 && errno == EINTR) {
                continue;
            }
            if (got < 0) {
                return system_error("reading", what_);
            }
            const auto size = static_cast<std::size_t>(got);
            if (size == 0 || std::memcmp(bytes.data(), piece_.data(), size) != 0) {
                return differs();
            }
            bytes.remove_prefix(size);
            at_ += got;
        }
        return {};
    }
    // Nothing follows.
    Result<> end() {
        char one = 0;
        const ssize_t got = ::pread(file_, &one, 1, at_);
        return got == 0 ? Result<>{} : Result<>{differs()};
    }

private:
    std::unexpected<Error> differs() const {
        return hostile("", "is not in the form in which folders are packed, from block " + std::to_string(at_ / 512) +
                               " on; pack the folder again");
    }

    int file_;
    std::string what_;
    off_t at_ = 0;
    std::vector<char> piece_ = std::vector<char>(kPieceBytes);
};

Result<Member> member_of(archive_entry* entry) {
    const char* const name = archive_entry_pathname(entry);
    if (name == nullptr) {
        return hostile("", "has an entry without a name");
    }
    Member out{.path = name};
    const auto type = archive_entry_filetype(entry);
    out.folder = type == AE_IFDIR;
    if (archive_entry_hardlink(entry) != nullptr || (type != AE_IFREG && !out.folder)) {
        return hostile(out.path, "is a link or a device; an archive holds files and folders");
    }
    if (archive_entry_sparse_count(entry) > 0) {
        return hostile(out.path, "has holes; an archive holds files whole");
    }
    const la_int64_t bytes = archive_entry_size(entry);
    if (bytes < 0 || (out.folder && bytes != 0)) {
        return hostile(out.path, "has a size that cannot be");
    }
    if (out.folder && out.path.ends_with('/')) {
        out.path.pop_back();
    }
    out.bytes = static_cast<std::uint64_t>(bytes);
    out.executable = !out.folder && (archive_entry_perm(entry) & S_IXUSR) != 0;
    return out;
}

class Unpacker {
public:
    Unpacker(int file, int top, std::string what, const ArchiveLimits& limits)
        : file_(file),
          top_(top),
          budget_(limits),
          comparison_(file, std::move(what)),
          writer_([this](BytesView bytes) { return comparison_.next(bytes); }, 0),
          reader_(archive_read_new()) {}

    Result<> run() {
        archive* const reader = reader_.get();
        if (reader == nullptr || archive_read_support_format_tar(reader) != ARCHIVE_OK ||
            archive_read_open_fd(reader, file_, kPieceBytes) != ARCHIVE_OK) {
            return unreadable();
        }
        TRY_OK(writer_.start());
        while (true) {
            archive_entry* entry = nullptr;
            const int status = archive_read_next_header(reader, &entry);
            if (status == ARCHIVE_EOF) {
                break;
            }
            if (status != ARCHIVE_OK) {  // a warning too: pack() writes nothing to warn of
                return unreadable();
            }
            TRY(member, member_of(entry));
            TRY_OK(budget_.take(member, Code::kParse));
            if (!last_.empty() && member.path <= last_) {
                return hostile(member.path, "is not sorted behind the entry before it, or is there twice");
            }
            TRY_OK(writer_.add(member));
            TRY_OK(member.folder ? make_folder(member) : make_file(member));
            last_ = member.path;
        }
        TRY_OK(writer_.finish());
        return comparison_.end();
    }

private:
    std::unexpected<Error> unreadable() const {
        const char* const why = reader_ ? archive_error_string(reader_.get()) : "no memory";
        return hostile("", std::string{"cannot be read: "} + (why == nullptr ? "no reason given" : printable(why)));
    }

    // Every folder is an entry of its own before what is in it, so a path only leads through what stands here already.
    static std::unexpected<Error> not_made(const std::string& path) {
        if (errno == ENOENT || errno == ENOTDIR || errno == EEXIST) {
            return hostile(path, "is not in a folder that stands before it, or is there twice");
        }
        return system_error("making", printable(path));
    }

    Result<> make_folder(const Member& member) const {
        if (::mkdirat(top_, member.path.c_str(), 0755) != 0) {
            return not_made(member.path);
        }
        // The process's mask took bits away. No entry is a link, so none is followed.
        return ::fchmodat(top_, member.path.c_str(), 0755, 0) == 0
                   ? Result<>{}
                   : Result<>{system_error("setting the mode of", printable(member.path))};
    }

    Result<> make_file(const Member& member) {
        const std::string what = printable(member.path);
        const Descriptor out{
            ::openat(top_, member.path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600)};
        if (!out.valid()) {
            return not_made(member.path);
        }
        for (std::uint64_t left = member.bytes; left > 0;) {
            const la_ssize_t got =
                archive_read_data(reader_.get(), piece_.data(), std::min<std::uint64_t>(left, piece_.size()));
            if (got <= 0) {
                return got < 0 ? unreadable() : hostile(member.path, "is shorter than its entry says");
            }
            const BytesView bytes{piece_.data(), static_cast<std::size_t>(got)};
            TRY_OK(writer_.content(bytes));
            TRY_OK(write_piece(out.number(), bytes, what));
            left -= bytes.size();
        }
        return ::fchmod(out.number(), member.executable ? 0755 : 0644) == 0
                   ? Result<>{}
                   : Result<>{system_error("setting the mode of", what)};
    }

    int file_;
    int top_;
    Budget budget_;
    Comparison comparison_;
    TarWriter writer_;
    std::unique_ptr<archive, FreeReader> reader_;
    std::string last_;
    std::vector<char> piece_ = std::vector<char>(kPieceBytes);
};

Result<> unpack_into(int file, const std::filesystem::path& folder, const std::string& what,
                     const ArchiveLimits& limits) {
    const Descriptor top{::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)};
    if (!top.valid() || ::fchmod(top.number(), 0755) != 0) {
        return system_error("opening", folder.string());
    }
    return Unpacker{file, top.number(), what, limits}.run();
}

}  // namespace

Result<> unpack(const std::filesystem::path& archive, const std::filesystem::path& folder,
                const ArchiveLimits& limits) {
    const Descriptor file{::open(archive.c_str(), O_RDONLY | O_CLOEXEC)};
    if (!file.valid()) {
        return system_error("opening", archive.string());
    }
    if (::mkdir(folder.c_str(), 0755) != 0) {
        return errno == EEXIST ? Result<>{fail(Code::kConflict, folder.string() + " is there already; name a new one")}
                               : Result<>{system_error("making", folder.string())};
    }
    Result<> done = unpack_into(file.number(), folder, archive.string(), limits);
    if (!done) {
        std::error_code ignored;
        std::filesystem::remove_all(folder, ignored);
    }
    return done;
}

}  // namespace sublet::jobs
