// job_files.hpp: how the files and folders of kept jobs are read, written and removed.
#pragma once

#include <filesystem>

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

}  // namespace sublet::agent
