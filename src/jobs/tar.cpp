// tar.cpp: what packing and unpacking share. libarchive writes GNU tar, whose long names need no character set, so that
// no locale can change a byte. Spec: docs/spec/jobs.md (archives).
#include "jobs/tar.hpp"

#include <archive.h>
#include <archive_entry.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

namespace sublet::jobs {
namespace {

constexpr std::size_t kMaxComponentBytes = 255;  // what Linux's file systems hold

struct FreeEntry {
    void operator()(archive_entry* entry) const { archive_entry_free(entry); }
};

bool is_component(std::string_view name) {
    return !name.empty() && name != "." && name != ".." && name.size() <= kMaxComponentBytes &&
           std::ranges::none_of(name, [](unsigned char c) { return c < 0x20 || c == 0x7F; });
}

// Components, or 0 where one of them breaks the rules.
std::size_t depth_of(std::string_view path) {
    std::size_t depth = 0;
    while (true) {
        const std::size_t slash = path.find('/');
        if (!is_component(path.substr(0, slash))) {
            return 0;
        }
        ++depth;
        if (slash == std::string_view::npos) {
            return depth;
        }
        path.remove_prefix(slash + 1);
    }
}

}  // namespace

Result<> Budget::take(const Member& member, Code bad_name) {
    const std::string name = printable(std::string_view{member.path}.substr(0, 200));
    if (member.path.size() > limits_.max_path_bytes) {
        return fail(Code::kTooLarge,
                    name + "…: a path of more than " + std::to_string(limits_.max_path_bytes) + " bytes; shorten it");
    }
    const std::size_t depth = depth_of(member.path);
    if (depth == 0) {
        return fail(bad_name, name +
                                  ": not a name that an archive holds (relative, no . or .., no control characters, "
                                  "255 bytes between slashes)");
    }
    if (depth > limits_.max_depth) {
        return fail(Code::kTooLarge, name + ": more than " + std::to_string(limits_.max_depth) + " folders deep");
    }
    if (entries_ >= limits_.max_entries) {
        return fail(Code::kTooLarge, "more than " + std::to_string(limits_.max_entries) +
                                         " files and folders, the first too many is " + name);
    }
    if (member.bytes > limits_.max_bytes - bytes_) {
        return fail(Code::kTooLarge, "files of more than " + std::to_string(limits_.max_bytes) +
                                         " bytes together, the first too many is " + name);
    }
    ++entries_;
    bytes_ += member.bytes;
    return {};
}

Descriptor::~Descriptor() {
    if (number_ >= 0) {
        ::close(number_);
    }
}

std::unexpected<Error> system_error(const char* doing, const std::string& what) {
    const int reason = errno;
    return fail(reason == ENOENT ? Code::kNotFound : Code::kIo,
                std::string{doing} + " " + what + ": " + std::strerror(reason));
}

Result<std::size_t> read_piece(int file, char* to, std::size_t size, const std::string& what) {
    while (true) {
        const ssize_t got = ::read(file, to, size);
        if (got >= 0) {
            return static_cast<std::size_t>(got);
        }
        if (errno != EINTR) {
            return system_error("reading", what);
        }
    }
}

Result<> write_piece(int file, BytesView bytes, const std::string& what) {
    while (!bytes.empty()) {
        const ssize_t put = ::write(file, bytes.data(), bytes.size());
        if (put < 0 && errno != EINTR) {
            return system_error("writing", what);
        }
        bytes.remove_prefix(static_cast<std::size_t>(std::max<ssize_t>(put, 0)));
    }
    return {};
}

std::string printable(std::string_view path) {
    std::string out{path};
    std::ranges::replace_if(out, [](char c) { return c < ' ' || c > '~'; }, '?');
    return out;
}

// Closed by hand, because archive_write_free() leaves the buffers of a writer behind whose sink refused.
void TarWriter::Free::operator()(archive* writer) const {
    archive_write_close(writer);
    archive_write_free(writer);
}

TarWriter::TarWriter(Sink sink, std::size_t piece_bytes)
    : sink_(std::move(sink)), piece_bytes_(piece_bytes), writer_(archive_write_new()) {}
// An archive that is given up must not be rounded off: libarchive would fill what is left of an entry with zeros.
TarWriter::~TarWriter() {
    if (sunk_) {
        sunk_ = fail(Code::kCancelled, "writing an archive: given up");
    }
}

long TarWriter::write(archive* writer, void* self, const void* bytes, std::size_t size) {
    auto& own = *static_cast<TarWriter*>(self);
    if (own.sunk_) {
        own.sunk_ = own.sink_(BytesView{static_cast<const char*>(bytes), size});
    }
    if (!own.sunk_) {
        archive_set_error(writer, EIO, "the sink refused");
        return -1;
    }
    return static_cast<long>(size);
}

Result<> TarWriter::answer(long status) {
    if (!sunk_) {
        return sunk_;
    }
    if (status < ARCHIVE_OK) {
        const char* why = archive_error_string(writer_.get());
        return fail(Code::kIo, std::string{"writing an archive: "} + (why == nullptr ? "no reason given" : why));
    }
    return {};
}

Result<> TarWriter::start() {
    if (!writer_) {
        return fail(Code::kIo, "writing an archive: no memory");
    }
    TRY_OK(answer(archive_write_set_format_gnutar(writer_.get())));
    TRY_OK(answer(archive_write_set_bytes_per_block(writer_.get(), static_cast<int>(piece_bytes_))));
    TRY_OK(answer(archive_write_set_bytes_in_last_block(writer_.get(), 1)));  // no padding beyond the two blocks
    return answer(archive_write_open(writer_.get(), this, nullptr, &TarWriter::write, nullptr));
}

Result<> TarWriter::add(const Member& member) {
    const std::unique_ptr<archive_entry, FreeEntry> entry{archive_entry_new()};
    if (!entry) {
        return fail(Code::kIo, "writing an archive: no memory");
    }
    archive_entry_copy_pathname(entry.get(), member.path.c_str());
    archive_entry_set_filetype(entry.get(), member.folder ? AE_IFDIR : AE_IFREG);
    archive_entry_set_perm(entry.get(), member.folder || member.executable ? 0755 : 0644);
    archive_entry_set_size(entry.get(), static_cast<la_int64_t>(member.bytes));
    archive_entry_set_mtime(entry.get(), 0, 0);
    return answer(archive_write_header(writer_.get(), entry.get()));
}

Result<> TarWriter::content(BytesView bytes) {
    while (!bytes.empty()) {
        const la_ssize_t put = archive_write_data(writer_.get(), bytes.data(), bytes.size());
        TRY_OK(answer(put));
        if (put == 0) {
            return fail(Code::kInternal, "writing an archive: more content than its entry says");
        }
        bytes.remove_prefix(static_cast<std::size_t>(put));
    }
    return {};
}

Result<> TarWriter::finish() { return answer(archive_write_close(writer_.get())); }

}  // namespace sublet::jobs
