// package.hpp: what a job's content hash stands for: the container, its command and its limits, as one canonical JSON
// document. Spec: docs/spec/jobs.md (packages).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/bytes.hpp"
#include "jobs/crops.hpp"
#include "modules/job/job.hpp"

namespace sublet::jobs {

// Declared limits. What exceeds one is refused, never cut.
inline constexpr std::size_t kMaxPackageBytes = 256U * 1024U;  // of the document
inline constexpr std::size_t kMaxKindBytes = job::kMaxKindBytes;
inline constexpr std::size_t kMaxImageBytes = 512;
inline constexpr std::size_t kMaxCommandItems = 256;
inline constexpr std::size_t kMaxCommandBytes = 64U * 1024U;  // of all items together
inline constexpr std::size_t kMaxEnvItems = 256;
inline constexpr std::uint32_t kMinCpuMilli = 10;
inline constexpr std::uint32_t kMaxCpuMilli = 1'024'000;
inline constexpr std::uint64_t kMinMemoryBytes = 16ULL << 20U;
inline constexpr std::uint64_t kMaxMemoryBytes = 16ULL << 40U;
inline constexpr std::uint64_t kMaxOutputBytes = 64ULL << 30U;
inline constexpr std::uint64_t kMaxInputBytes = 1ULL << 40U;
inline constexpr std::int64_t kMaxFirst = 1'000'000'000;  // either side of 0
inline constexpr std::int64_t kMaxStep = 1'000'000;       // either side of 0
inline constexpr std::uint32_t kMaxTasks = job::kMaxTasks;
inline constexpr std::size_t kSaltBytes = 32;

// An archive (archive.hpp) that every task finds unpacked at /task/in, read-only.
struct Input {
    std::uint64_t bytes = 0;  // of the archive: 1 to kMaxInputBytes
    Hash sha256{};            // of the archive
    bool operator==(const Input&) const = default;
};

// How results are audited: in the package, so that a worker knows it before it claims and nobody can change it after.
struct AuditTerms {
    PictureSize size;  // of the whole picture: an auditor chooses crops before it has seen any
    CropRule crops;
    std::optional<NoiseMap> map;  // null in the document where there is none: all crops are uniform
    bool operator==(const AuditTerms&) const = default;
};

// All text is UTF-8 without NUL.
struct Package {
    std::string kind = "batch";        // as on the ledger: 1 to 16 of a-z 0-9 -
    std::string image;                 // container image reference: 1 to 512 printable ASCII characters, no spaces
    std::vector<std::string> command;  // argv: 1 to 256 items, 64 KiB together; the first is not empty
    std::vector<std::string> env;      // "NAME=value", each NAME once: a letter or _, then letters, digits, _
    std::uint32_t cpu_milli = 1000;    // 10 to 1,024,000
    std::uint64_t memory_bytes = 512ULL << 20U;     // 16 MiB to 16 TiB
    std::uint64_t output_max_bytes = 64ULL << 20U;  // of what a task may leave in /task/out: 1 byte to 64 GiB
    std::int64_t first = 0;                         // $TASK of task 0: -1e9 to 1e9
    std::int64_t step = 1;                          // $TASK = first + index * step: -1e6 to 1e6, not 0
    std::uint32_t tasks = 1;                        // 1 to 100,000
    bool session = false;                           // one container serves many tasks
    std::optional<Input> input;                     // null in the document where there is none
    std::optional<AuditTerms> audit;                // null where nobody renders crops again
    Bytes salt;                                     // 32 random bytes: nobody can guess what a content hash stands for
    bool operator==(const Package&) const = default;
};

// The document: every key, sorted, no spaces, hashes and salt in lower-case hex. kBadField names the field that breaks
// a rule above (TASK, TASK_INDEX and JOB in env are the worker's to set); kTooLarge: more than kMaxPackageBytes.
Result<Bytes> to_json(const Package& package);

// Succeeds exactly where to_json() of what it answers is `json` again. kTooLarge; kParse: no JSON, a key that is
// unknown, missing or there twice, a wrong type, another spelling of the same; kBadField as above.
Result<Package> package_from_json(BytesView json);

// What goes on the ledger: SHA-256 of the document.
Hash content_of(BytesView json);

// The text of $TASK. `index` is less than package.tasks.
std::string task_value(const Package& package, std::uint32_t index);

// Whole cores of a task, at least one.
std::uint32_t cores_of(const Package& package);

}  // namespace sublet::jobs
