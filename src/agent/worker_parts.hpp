// worker_parts.hpp: what a worker keeps of runs of containers, its own tasks' and those of audits.
// Spec: docs/spec/worker.md (sessions).
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "agent/job_store.hpp"
#include "jobs/crops.hpp"
#include "runtime/states.hpp"

namespace sublet::agent {

struct RunBounds {
    std::uint64_t until_ms = 0;  // monotonic
    std::uint64_t output_bytes = 0;
};

struct RunMeasured {  // monotonic: when what a container wrote was last looked at
    std::uint64_t output_ms = 0;
    std::uint64_t scratch_ms = 0;
    std::string layer = {};  // the folder with what it wrote outside of /task/out, once it is known
    bool full = false;       // the disk was so already when it began

    void know(const runtime::ContainerState& state);
};

struct RunEnded {
    int exit_code = 0;
    bool timed_out = false;
    bool too_long = false;  // it timed out long after its predicted time
    std::string trouble;    // the engine's, when it could not run at all
};

// A container that serves many tasks of a job, one after the other.
struct JobSession {
    JobId job;
    std::string profile;  // "": as workers run it; of audits the class of processor
    unsigned number = 0;
    std::string container;
    std::filesystem::path folder;
    std::uint64_t turn = 0;  // tasks that it was given
    bool busy = true;
    std::uint64_t idle_since_ms = 0;
};

// What a session is told besides task and $TASK.
struct TurnWords {
    std::optional<std::uint32_t> share;  // of a probe: one of so many samples
    std::vector<jobs::Crop> crops;       // of an audit; empty: the whole task
};

struct ProbeTurn {
    std::uint32_t share = 1;     // of the samples, one of so many
    std::uint64_t until_ms = 0;  // monotonic
};

struct Redo {
    std::uint64_t until_ms = 0;  // monotonic
    std::string profile = {};    // of the session
    std::vector<jobs::Crop> crops = {};
};

// Attempts of audits have numbers that no attempt of the ledger has. `rank`: 0 for the pinned profile, 1 for another.
inline constexpr std::uint32_t kAuditBit = 1U << 31U;
inline constexpr std::uint32_t kOtherProfileBit = 1U << 30U;
inline AttemptId audit_attempt(JobId job, std::uint32_t task, std::uint32_t attempt, bool pinned) {
    return {job, task, attempt | kAuditBit | (pinned ? 0U : kOtherProfileBit)};
}

}  // namespace sublet::agent
