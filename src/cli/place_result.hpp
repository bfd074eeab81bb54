// place_result.hpp: puts a task's result, fetched as an archive, into the folder of results.
// Spec: docs/spec/worker.md (results).
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <vector>

#include "base/result.hpp"

namespace sublet::cli {

struct Placing {
    enum class Replaces : std::uint8_t {
        kNothing,  // files with other tasks' names go to a folder of their own, task-N
        kInPlace,  // an earlier attempt's files, which lie in `out`
        kApart,    // an earlier attempt's, which lie in task-N
        kFolder,   // whatever `out` holds: it is this task's alone
    };
    std::filesystem::path out;
    std::uint32_t task = 0;
    std::uint64_t max_bytes = 0;  // of all files
    Replaces replaces = Replaces::kNothing;
    // Looks at what was unpacked, before anything is put in place: the folder, and its files relative to it. Where it
    // fails nothing is placed.
    std::function<Result<>(const std::filesystem::path& unpacked, const std::vector<std::filesystem::path>& files)>
        check = nullptr;
};
struct Placed {
    std::vector<std::filesystem::path> files;  // relative to `out`, sorted
    bool apart = false;                        // in task-N
};

// Files that are there with the same bytes were placed before a crash and stay. Errors: kIo ("cannot write ..."), and
// as jobs::unpack and `check`.
Result<Placed> place_result(const std::filesystem::path& archive, const Placing& placing);

}  // namespace sublet::cli
