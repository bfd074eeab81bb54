// kept_job.hpp: what of a job and its attempts a worker has on its disk, as plain values. Spec: docs/spec/worker.md.
#pragma once

#include <filesystem>
#include <vector>

#include "jobs/archive.hpp"
#include "jobs/package.hpp"

namespace sublet::agent {

// A job whose package is here.
struct KeptJob {
    JobId id;
    crypto::Address creator;
    jobs::Package package;
    bool complete = false;  // its input is here and unpacked
};

// The same input of the same creator.
bool same_content(const KeptJob& one, const KeptJob& other);

// One attempt of this worker's.
struct AttemptId {
    JobId job;
    std::uint32_t task = 0;
    std::uint32_t attempt = 0;
    friend auto operator<=>(const AttemptId&, const AttemptId&) = default;
};

// What was committed to; written before the ledger hears of it.
struct Outcome {
    Hash digest{};
    Bytes nonce;
    std::uint64_t bytes = 0;  // of the result's archive
};

// An input's archive that is here from end to end.
struct WholeInput {
    std::filesystem::path folder;  // of its job
    Hash sha256{};
};
// Checks it and unpacks it to the job's in/; any thread. Errors: kBadField (it is not what the package names), kIo, as
// jobs::unpack; whatever is wrong with it, it is thrown away.
Result<> unpack(const WholeInput& input);

// What a task left, and the archive that becomes of it.
struct LeftResult {
    std::filesystem::path folder;
    std::filesystem::path archive;
    jobs::ArchiveLimits limits;
};

struct ProbeFound {
    std::vector<std::uint64_t> work;  // mRWU of each probe task
    Bytes nonce;
};

}  // namespace sublet::agent
