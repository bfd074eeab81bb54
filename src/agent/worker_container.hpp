// worker_container.hpp: containers of tasks, and how a session is told what comes next. Spec: docs/spec/worker.md.
#pragma once

#include <string>

#include "agent/job_store.hpp"
#include "runtime/runtime.hpp"

namespace sublet::agent {

inline constexpr const char* kTooMuch = "it wrote more than the package's output_max_bytes";
// Outside of /task/out: whatever it writes into its container goes with it.
inline constexpr std::uint64_t kMaxScratchBytes = 4ULL << 30U;
inline constexpr const char* kTooMuchScratch = "it wrote more than 4 GiB outside of /task/out";
inline constexpr std::uint64_t kMaxScratchEntries = 200'000;
inline constexpr const char* kDiskFull = "the disk of this worker is nearly full";
inline constexpr const char* kTooManyScratch = "it made more than 200000 files outside of /task/out";

// Images that jobs name: strangers choose them.
inline constexpr std::uint64_t kMaxImageBytes = 32ULL << 30U;  // of the engine's disk, unpacked
inline constexpr std::uint64_t kMaxPull_ms = 3'600'000;

// The engine's name for an attempt's container.
std::string container_key(const AttemptId& id);

// What both kinds of container share: image, command, limits, no network, the input.
runtime::ContainerSpec job_container(const KeptJob& job, const JobStore& store, std::string service);

}  // namespace sublet::agent
