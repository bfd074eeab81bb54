// lifecycle.hpp: whether a replica may start yet, and whether it is done for good. Pure.
// Spec: docs/spec/compose.md (lifecycle).
#pragma once

#include <string>

#include "agent/plan.hpp"

namespace sublet::agent {

inline constexpr std::uint64_t kImageHealthPatience_ms = 60'000;  // for an image's own check, which engines may not run

// How a container's end is taken by its restart policy; `failures` includes this end.
bool ends_for_good(const sdl::Restart& restart, bool failed, unsigned failures);

// Ended for good, and the manifest has not changed since.
bool is_over(const Replica& replica, const ReplicaMemory* memory);

enum class Wait : std::uint8_t {
    kNone,      // it may start
    kYet,       // something it waits for has not happened yet
    kHopeless,  // … and never will
};
struct Waiting {
    Wait wait = Wait::kNone;
    std::string why;  // "waits for db, which is not healthy yet"
};
// What a service of the lease waits for.
Waiting waiting_of(const Workload& workload, const LeaseMemory& memory, const std::string& service,
                   std::uint64_t now_ms);

// Whether another service waits for this one's health.
bool health_is_wanted(const Workload& workload, const std::string& service);

const ReplicaMemory* memory_of(const LeaseMemory& memory, const Replica& replica);

}  // namespace sublet::agent
