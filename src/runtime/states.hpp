// states.hpp: what comes back from an engine: a container's state, its statistics, its log, its events. Spec:
// ARCHITECTURE §6.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "net/task.hpp"
#include "runtime/types.hpp"

namespace sublet::runtime {

enum class Phase : std::uint8_t { kCreated, kRunning, kPaused, kExited, kOther };

struct ContainerState {
    std::string id, name, image, lease, service, revision;
    std::uint32_t replica = 0;
    Phase phase = Phase::kOther;
    int exit_code = 0;  // of the last run, when kExited
    bool out_of_memory = false;
    std::string error;                                        // the engine's word on why it did not start
    std::uint64_t started_unix_ms = 0, finished_unix_ms = 0;  // 0: never
    std::uint32_t restarts = 0;
    std::string address;  // on the lease's network; empty while not running
    std::string health;   // "", "starting", "healthy", "unhealthy" (the image's own check)
    std::vector<PortBinding> ports;
    std::map<std::string, std::string> labels;
    std::string layer;  // folder on the engine's machine with what it wrote to its root; empty where none is named
};

struct Stats {
    std::uint64_t cpu_ns = 0, memory_bytes = 0, memory_limit_bytes = 0, pids = 0, received_bytes = 0, sent_bytes = 0;
};

struct LogOptions {
    bool follow = false;
    std::optional<std::uint32_t> tail;  // absent: from the start
    bool timestamps = false;
};

struct LogLine {
    bool err = false;  // of standard error
    std::string time;  // RFC 3339, when asked for
    std::string text;  // without the newline
};
// An error from a sink ends the stream and is returned to the caller: that is how a follower stops.
using LogSink = std::function<Task<Result<>>(LogLine)>;

struct ExecResult {
    int exit_code = 0;
    std::string out, err;  // at most kMaxExecOutputBytes each
};

struct EngineEvent {
    std::string action;  // "start", "die", "oom", "pause", "unpause", "remove", "health_status", …
    std::string id, lease, service;
    std::uint32_t replica = 0;
    std::uint64_t unix_ms = 0;
};
using EventSink = std::function<Task<Result<>>(EngineEvent)>;

}  // namespace sublet::runtime
