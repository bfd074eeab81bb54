// lifecycle.hpp: when a service starts, when it is started again, how it is asked for its health, and what it shares
// with others of its lease. Akash's manifest has none of it: only a service that uses it carries it, so that all other
// hashes stay as they are. Spec: docs/spec/compose.md (lifecycle).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace sublet::sdl {

inline constexpr std::size_t kMaxAliases = 16;
inline constexpr std::size_t kMaxSharedMounts = 32;
inline constexpr std::uint32_t kMaxHealthMs = 3'600'000;
inline constexpr std::uint32_t kMaxHealthRetries = 1'000;

// What a service waits for before it starts: another service runs, is healthy, or has ended with exit code 0.
enum class After : std::uint8_t { kStarted = 0, kHealthy = 1, kCompleted = 2 };

struct Dependency {
    std::string service;
    After condition = After::kStarted;
    bool operator==(const Dependency&) const = default;
};

// Always is what every service gets that says nothing.
enum class RestartWhen : std::uint8_t { kAlways = 0, kOnFailure = 1, kNever = 2 };

struct Restart {
    RestartWhen when = RestartWhen::kAlways;
    std::uint32_t max_failures = 0;  // of kOnFailure: give up after so many in a row; 0: never
    bool operator==(const Restart&) const = default;
};

struct HealthCheck {
    std::vector<std::string> test;  // a command to run inside; exit code 0 is healthy
    std::uint32_t interval_ms = 30'000;
    std::uint32_t timeout_ms = 30'000;
    std::uint32_t start_period_ms = 0;  // failures this early do not count
    std::uint32_t retries = 3;          // so many failures in a row are unhealthy
    bool operator==(const HealthCheck&) const = default;
};

// A volume of another service of the same group, seen by this one too.
struct SharedMount {
    std::string owner;   // the service whose storage it is; its first replica's volume
    std::string volume;  // a Storage::name of the owner
    std::string path;    // absolute, in this service
    bool read_only = false;
    bool operator==(const SharedMount&) const = default;
};

struct Lifecycle {
    std::vector<Dependency> after;  // by name of the service
    Restart restart;
    std::optional<HealthCheck> health;
    std::vector<std::string> aliases;  // further names that reach it from the services of its lease
    std::vector<SharedMount> shared;   // by path
    bool operator==(const Lifecycle&) const = default;
};

}  // namespace sublet::sdl
