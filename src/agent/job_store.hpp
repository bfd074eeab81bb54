// job_store.hpp: what a worker keeps of jobs on disk: packages and inputs of creators, results of its own. One folder
// for each job below the data folder; nothing of it is needed once the job is over. Spec: docs/spec/worker.md.
#pragma once

#include <filesystem>
#include <map>
#include <optional>
#include <vector>

#include "agent/kept_job.hpp"
#include "agent/swarm_input.hpp"
#include "jobs/archive.hpp"
#include "jobs/package.hpp"
#include "modules/job/task.hpp"

namespace sublet::agent {

inline constexpr std::size_t kMaxJobsKept = 64;
inline constexpr std::uint64_t kMaxJobInputBytes = 16ULL << 30U;
inline constexpr std::uint64_t kMaxKeptInputBytes = 64ULL << 30U;  // of all jobs together
inline constexpr std::uint64_t kDiskKeptFree = 1ULL << 30U;
inline constexpr std::uint64_t kMaxPieceBytes = 2ULL << 20U;  // of an input or a result, in one request
inline constexpr std::size_t kMaxTaskLogBytes = 64U << 10U;   // the end of what a task printed

// Errors: kIo (disk full, not ours), kStoreDamaged, kTooLarge, and what a function names.
class JobStore {
public:
    // Reads what an earlier run left; what cannot be read is removed, for its creator can send it again.
    static Result<JobStore> open(std::filesystem::path folder);

    [[nodiscard]] const KeptJob* find(JobId id) const;
    [[nodiscard]] std::vector<JobId> ids() const;

    // The same again changes nothing. Errors: kConflict (another one is here), kTooLarge, kRefused (kMaxJobsKept,
    // kMaxKeptInputBytes, or the disk has no room for it).
    Result<> put_package(JobId id, const crypto::Address& creator, BytesView json);
    // So much of the input is here.
    [[nodiscard]] std::uint64_t input_bytes(JobId id) const;
    // A piece that goes on where the last one ended. Errors: kConflict (another offset: the message says which),
    // kBadField (an empty one).
    Result<> append_input(JobId id, std::uint64_t offset, BytesView piece);
    // There once the archive is whole and not unpacked: unpack() is slow and may be done by another thread, between
    // hold() and release(); settle() then takes what came of it.
    [[nodiscard]] std::optional<WholeInput> whole_input(JobId id) const;
    Result<> settle(JobId id, Result<> unpacked);
    // The input is to come from this swarm: kept with its key (mode 0600) until drop_swarm() or drop(). Errors:
    // kNotFound, kConflict (another swarm is here, or the input), kRefused (the disk has no room for it).
    Result<> put_swarm(JobId id, const SwarmInput& input);
    [[nodiscard]] std::optional<SwarmInput> swarm_input(JobId id) const;
    // Of the encrypted input, which stays as long as the job so that other workers can have it from here.
    [[nodiscard]] std::filesystem::path swarm_folder(JobId id) const;
    Result<> drop_swarm(JobId id);
    // An archive that is moved here is the whole input.
    Result<> take_input(JobId id, const std::filesystem::path& archive);
    Result<> drop(JobId id);
    // An input that another job of this creator has here whole: true when this one has it now too.
    Result<bool> share_input(JobId id);
    // Its image was not here before, and goes with the last job that wants it.
    Result<> note_pulled(JobId id);
    [[nodiscard]] bool pulled(JobId id) const;
    // Another thread works in the job's folder: where the job is dropped meanwhile, what is left of it goes with
    // release(), and nobody may bring it anew before.
    void hold(JobId id) { ++held_[id]; }
    void release(JobId id);

    [[nodiscard]] std::filesystem::path job_folder(JobId id) const { return folder_of(id); }
    [[nodiscard]] std::filesystem::path input_folder(JobId id) const;
    [[nodiscard]] std::filesystem::path out_folder(const AttemptId& id) const;
    // Of a container that serves many tasks: todo/ and out/, both empty. Dropped with the job at the latest.
    Result<std::filesystem::path> new_session(JobId id, unsigned number);
    Result<> drop_session(JobId id, unsigned number);
    // What it left for this task becomes the attempt's out folder. Errors: kUnsupported (it is no folder).
    Result<> take_over(const AttemptId& id, const std::filesystem::path& left);
    Result<> begin(const AttemptId& id);  // an empty out folder
    // What the task left, to be packed by jobs::pack(), which is slow too. Errors: kNotFound (the job is gone).
    Result<LeftResult> left_result(const AttemptId& id) const;
    // It is packed.
    Result<Outcome> finish(const AttemptId& id, const jobs::Packed& packed, Bytes nonce);
    Result<std::optional<Outcome>> outcome(const AttemptId& id) const;
    // A piece of the result; empty at its end. kNotFound: there is none.
    Result<Bytes> result(const AttemptId& id, std::uint64_t offset, std::uint64_t most) const;
    // What was found of a job that this worker probes; written before the ledger hears of it.
    Result<> put_probe(JobId id, const ProbeFound& found);
    Result<std::optional<ProbeFound>> probe(JobId id) const;
    Result<> put_log(const AttemptId& id, BytesView text);
    Result<Bytes> log(const AttemptId& id) const;

private:
    explicit JobStore(std::filesystem::path folder) : folder_(std::move(folder)) {}
    [[nodiscard]] std::filesystem::path folder_of(JobId id) const;
    [[nodiscard]] std::filesystem::path folder_of(const AttemptId& id) const;
    Result<> adopt(JobId id);
    // An input lies here twice while it is unpacked.
    [[nodiscard]] Result<> check_room(std::uint64_t input_bytes) const;
    // What inputs that are not here yet may still take; this one comes by swarm, whatever is known of it.
    [[nodiscard]] std::uint64_t promised(std::optional<JobId> by_swarm) const;
    [[nodiscard]] Result<> check_room_for_swarm(const KeptJob& job) const;
    Result<> look_for_input(KeptJob& job) const;
    [[nodiscard]] const KeptJob* complete_like(const KeptJob& job) const;
    // True when the encrypted input that another job has of this swarm is this one's too.
    Result<bool> share_swarm(const KeptJob& job, const SwarmInput& input);

    std::filesystem::path folder_;
    std::map<JobId, KeptJob> jobs_;
    std::map<JobId, unsigned> held_;
};

}  // namespace sublet::agent
