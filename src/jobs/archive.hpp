// archive.hpp: a folder as one file that has the same bytes on every machine: a job's input, a task's result.
// Spec: docs/spec/jobs.md (archives).
//
// The form: GNU tar without compression; regular files and folders alone; every folder below the top one is an entry of
// its own, empty or not (mode 0755), a file has mode 0755 where its owner may execute it, else 0644; owner and group 0
// without names, times 0; entries sorted by the bytes of their paths ("a", "a.txt", "a/b"); two empty blocks at the end
// and nothing after them. A path is relative; its components have 1 to 255 bytes, none is "." or "..", no byte is a
// control character; they need not be UTF-8.
#pragma once

#include <cstdint>
#include <filesystem>

#include "base/bytes.hpp"

namespace sublet::jobs {

struct ArchiveLimits {
    std::uint64_t max_bytes = 0;          // of all files' contents together
    std::uint64_t max_entries = 100'000;  // files and folders; the top folder is none
    std::size_t max_path_bytes = 1'024;
    unsigned max_depth = 64;  // components of a path
};

struct Packed {
    std::uint64_t bytes = 0;    // of the archive
    Hash sha256{};              // of the archive
    std::uint64_t entries = 0;  // files and folders
    bool operator==(const Packed&) const = default;
};

// Writes a new file beside `archive` (mode 0600, synced) and renames it, so that an archive is whole or not there; one
// that is there is replaced. `archive` lies outside of `folder`.
// Errors: kNotFound (no folder), kIo, kTooLarge (a limit), kUnsupported (a link, socket, pipe or device, by its name),
// kBadField (a name that an archive cannot hold), kConflict (something changed while it was packed).
Result<Packed> pack(const std::filesystem::path& folder, const std::filesystem::path& archive,
                    const ArchiveLimits& limits);

// Takes exactly what pack() writes: pack(folder) afterwards gives the same bytes. Nothing outside of `folder` is
// written; the folder must not exist, it is made with mode 0755 and removed again on any error but its own kConflict.
// Errors: kNotFound (no archive), kConflict (the folder is there), kIo, kTooLarge (a limit), kParse (anything else that
// pack() would not have written).
Result<> unpack(const std::filesystem::path& archive, const std::filesystem::path& folder, const ArchiveLimits& limits);

// Errors: kNotFound, kIo.
Result<Hash> file_sha256(const std::filesystem::path& file);

}  // namespace sublet::jobs
