// tar.hpp: what packing and unpacking share: the rules of a path, and the one way in which an entry is written.
// Spec: docs/spec/jobs.md (archives).
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "base/bytes.hpp"
#include "jobs/archive.hpp"

struct archive;

namespace sublet::jobs {

inline constexpr std::size_t kPieceBytes = 128U * 1024U;  // of a file, in memory at a time

// One file or folder.
struct Member {
    std::string path;  // relative, without a slash at the end
    bool folder = false;
    bool executable = false;
    std::uint64_t bytes = 0;
};

// What counts against the limits, in the order of the entries.
class Budget {
public:
    explicit Budget(const ArchiveLimits& limits) : limits_(limits) {}
    // kTooLarge, or `bad_name` for a path that no archive holds.
    Result<> take(const Member& member, Code bad_name);
    [[nodiscard]] std::uint64_t entries() const { return entries_; }

private:
    ArchiveLimits limits_;
    std::uint64_t entries_ = 0;
    std::uint64_t bytes_ = 0;
};

// Closes a file descriptor at the end of its scope.
class Descriptor {
public:
    explicit Descriptor(int number) : number_(number) {}
    ~Descriptor();
    Descriptor(const Descriptor&) = delete;
    Descriptor& operator=(const Descriptor&) = delete;
    [[nodiscard]] int number() const { return number_; }
    [[nodiscard]] bool valid() const { return number_ >= 0; }

private:
    int number_;
};

// From errno: kNotFound or kIo.
std::unexpected<Error> system_error(const char* doing, const std::string& what);

// The next bytes of a file, at most `size`; 0 at its end.
Result<std::size_t> read_piece(int file, char* to, std::size_t size, const std::string& what);
Result<> write_piece(int file, BytesView bytes, const std::string& what);

// The path as it may stand in a message: what is not printable ASCII becomes "?".
std::string printable(std::string_view path);

// Turns members and contents into the bytes of the archive, which the sink gets in order.
class TarWriter {
public:
    using Sink = std::function<Result<>(BytesView)>;
    // `piece_bytes`: how many bytes the sink gets at a time; 0: as soon as there are any.
    TarWriter(Sink sink, std::size_t piece_bytes);
    ~TarWriter();
    TarWriter(const TarWriter&) = delete;
    TarWriter& operator=(const TarWriter&) = delete;

    // Each answers the sink's error where that was the reason.
    Result<> start();
    Result<> add(const Member& member);
    Result<> content(BytesView bytes);  // of the member that was added last; together exactly its `bytes`
    Result<> finish();

private:
    struct Free {
        void operator()(archive* writer) const;
    };
    static long write(archive* writer, void* self, const void* bytes, std::size_t size);
    Result<> answer(long status);

    Sink sink_;
    std::size_t piece_bytes_;
    Result<> sunk_;
    std::unique_ptr<archive, Free> writer_;
};

}  // namespace sublet::jobs
