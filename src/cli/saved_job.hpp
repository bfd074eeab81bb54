// saved_job.hpp: what only the creator of a job has, kept in the home folder so that it can be brought to workers at
// any time and its results fetched after a restart: package, input, where results go. Spec: docs/spec/worker.md.
#pragma once

#include <filesystem>
#include <map>
#include <optional>
#include <set>

#include "base/units.hpp"
#include "crypto/address.hpp"
#include "jobs/frame.hpp"
#include "jobs/package.hpp"
#include "jobs/still.hpp"

namespace sublet::cli {

// What is made of a job's results once they are all here.
struct Finish {
    std::string video;            // a file, absolute; empty: none
    std::uint64_t fps_milli = 0;  // thousandths of frames a second; 0: not known
    std::string picture;          // of an image in parts: PNG or JPEG; empty: OpenEXR alone
    std::string scene;            // the scene's name in the input
    bool report = false;          // report.json and report.html
    bool operator==(const Finish&) const = default;
};

// What a creator shows one by one, from the end: each hashes to the one before (T23).
struct SeedChain {
    Hash secret{};  // the last that is shown
    std::uint32_t elements = 0;
    bool operator==(const SeedChain&) const = default;
};

struct SavedJob {
    std::string chain_id;
    JobId id;                                // zero: not on the ledger yet
    std::filesystem::path out;               // where results go
    Bytes package;                           // its JSON
    std::optional<jobs::Still> still;        // the results are parts of one image
    std::optional<jobs::FrameShape> frames;  // the results are frames of a scene: what each must be
    Finish finish;
    std::optional<SeedChain> chain;  // of a job whose results are audited
    std::filesystem::path folder;

    [[nodiscard]] std::filesystem::path input() const { return folder / "input.tar"; }
};

// A folder for a job that is not on the ledger yet, under what its package hashes to. `input`: an archive that is moved
// there; empty: none.
Result<SavedJob> save_job(const std::filesystem::path& home, SavedJob job, const std::filesystem::path& input);
// The ledger has it under this id.
Result<SavedJob> name_job(const std::filesystem::path& home, SavedJob job, JobId id);
Result<> forget_job(const SavedJob& job);
// By id; where a crash came before it was named, by what the ledger's job hashes to. Errors: kNotFound.
Result<SavedJob> load_job(const std::filesystem::path& home, const std::string& chain_id, JobId id,
                          const Hash& content);

// A task's result that is in `out`. A task that was rejected has a later attempt's.
struct Fetched {
    std::uint32_t attempt = 0;
    bool apart = false;  // in a folder of its own, because other tasks' files have the same names
};
using FetchedTasks = std::map<std::uint32_t, Fetched>;

// Each line of the file is a task's number, its attempt and 1 where it lies apart; later lines hold.
Result<FetchedTasks> fetched_tasks(const SavedJob& job);
Result<> note_fetched(const SavedJob& job, std::uint32_t task, Fetched fetched);

// Providers that were brought something of it: who is asked to delete it.
Result<std::set<Address>> noted_holders(const SavedJob& job);
Result<> note_holder(const SavedJob& job, const Address& owner);

}  // namespace sublet::cli
