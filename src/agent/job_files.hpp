// job_files.hpp: how the files and folders of kept jobs are read, written and removed.
#pragma once

#include <filesystem>
#include <optional>

#include "base/bytes.hpp"

namespace sublet::agent {

std::unexpected<Error> io_error(const std::filesystem::path& where, const std::string& what);
// At most so many bytes from there on. Errors: kNotFound.
Result<Bytes> read_file(const std::filesystem::path& file, std::uint64_t offset, std::uint64_t most);
// Whole or not at all (mode 0600), and on the disk when it returns. Errors: kIo.
Result<> write_file(const std::filesystem::path& file, BytesView bytes);
Result<> make_folder(const std::filesystem::path& folder);
// Whatever a stranger put there: no link is followed, and it does not matter how deep folders are nested.
Result<> remove_tree(const std::filesystem::path& folder);

// The end of a file that a stranger's program left; nothing where there is no plain file. A link is not followed and a
// pipe not waited for: the program may put either there, at any moment.
std::optional<Bytes> left_file(const std::filesystem::path& file, std::size_t most);
// What everything below a folder takes on the disk; stops counting above `most`, or after so many entries as an archive
// may have, which is too much too. Programs may write there meanwhile.
std::uint64_t bytes_below(const std::filesystem::path& folder, std::uint64_t most);
// Files, folders and whatever else is below it; stops counting above `most`, or where folders are nested deeper than
// 128, which is too much too.
std::uint64_t entries_below(const std::filesystem::path& folder, std::uint64_t most);
// The disk that a folder is on has less than kDiskKeptFree free, or hardly room for a file more. What programs wrote to
// files that they removed and still have open is in no folder, but it is on the disk.
bool nearly_full(const std::filesystem::path& folder);

}  // namespace sublet::agent
