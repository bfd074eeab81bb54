// manifest.hpp: what a deployment file says, as plain values: the manifest for the provider and the groups for the
// ledger. Spec: docs/spec/deployment-files.md.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/bytes.hpp"
#include "base/units.hpp"
#include "sdl/finding.hpp"
#include "sdl/lifecycle.hpp"
#include "sdl/resources.hpp"

namespace sublet::sdl {

// Declared limits. A file or manifest that exceeds one is refused, never cut.
inline constexpr std::size_t kMaxFileBytes = 1U << 20U;
inline constexpr std::size_t kMaxManifestBytes = 1U << 20U;
inline constexpr std::size_t kMaxGroups = 20;
inline constexpr std::size_t kMaxServices = 128;  // in one file
inline constexpr std::size_t kMaxListItems = 1024;
inline constexpr std::size_t kMaxTextBytes = 128U * 1024U;  // one string of a manifest (an env value, a script)

struct HttpOptions {
    std::uint32_t max_body_size = 1048576;  // bytes
    std::uint32_t read_timeout_ms = 60000;
    std::uint32_t send_timeout_ms = 60000;
    std::uint32_t next_tries = 3;
    std::uint32_t next_timeout_ms = 0;
    std::vector<std::string> next_cases{"error", "timeout"};
    std::uint32_t proxy_buffer_size = 0;  // bytes; 0: not given
    ForeignNumber foreign_next_tries;
    ForeignNumber foreign_next_timeout;
    bool operator==(const HttpOptions&) const = default;
};

struct Expose {
    std::uint16_t port = 0;           // inside the container
    std::uint16_t external_port = 0;  // 0: the same as port
    std::string proto = "TCP";        // "TCP" or "UDP"
    bool global = false;              // reachable from the internet; else only from to_service
    std::string to_service;           // "" unless exposed to one service of the lease
    std::vector<std::string> hosts;   // host names for HTTP ingress
    std::string ip;                   // name of a leased IP endpoint, or ""
    std::uint32_t endpoint_sequence_number = 0;
    HttpOptions http_options;
    bool operator==(const Expose&) const = default;

    [[nodiscard]] std::uint16_t outside_port() const { return external_port == 0 ? port : external_port; }
    // Served through the HTTP front on port 80 rather than on a port of its own.
    [[nodiscard]] bool is_http_ingress() const { return global && proto == "TCP" && outside_port() == 80; }
};

struct Mount {
    std::string volume;  // a Storage::name of the same service
    std::string path;    // absolute
    bool read_only = false;
    bool operator==(const Mount&) const = default;
};

struct Params {
    bool given = false;
    std::vector<Mount> mounts;
    bool permissions_given = false;
    std::vector<std::string> permissions_read;
    std::string tee;  // "", "cpu", "cpu-gpu"
    bool operator==(const Params&) const = default;
};

struct Credentials {
    std::string host;
    std::string email;
    std::string username;
    std::string password;  // secret: never logged
    bool operator==(const Credentials&) const = default;
};

struct Service {
    std::string name;
    std::string image;
    std::vector<std::string> command;  // replaces the image's entry point when not empty
    std::vector<std::string> args;     // replaces the image's arguments when not empty
    std::vector<std::string> env;      // "K=V", or "K" alone for an empty value
    std::uint32_t count = 1;           // replicas
    Resources resources;
    std::vector<Expose> expose;
    Params params;
    std::optional<Credentials> credentials;
    ForeignNumber foreign_count;
    Lifecycle lifecycle;
    bool operator==(const Service&) const = default;
};

struct ManifestGroup {
    std::string name;
    std::vector<Service> services;  // by name
    bool operator==(const ManifestGroup&) const = default;
};

struct Manifest {
    std::vector<ManifestGroup> groups;  // by name
    bool operator==(const Manifest&) const = default;
};

struct ResourceUnit {
    Resources resources;
    std::uint32_t count = 0;
    std::string denom;                  // as written: uact, uakt (per 6-second block) or ucredit (per second)
    std::string price_amount;           // as written, 18 decimals
    Rate max_rate;                      // the same for ONE replica in nano-ucredit per second, rounded up
    std::vector<std::string> services;  // who uses this unit; for people, not part of any hash
    ForeignNumber foreign_count;
};

// What the ledger learns of one placement.
struct Group {
    std::string name;
    std::vector<Attribute> attributes;  // by key: all must be offered
    std::vector<std::string> signed_by_all_of;
    std::vector<std::string> signed_by_any_of;
    std::vector<ResourceUnit> units;
};

struct Deployment {
    std::string version;  // "2.0" or "2.1"
    Manifest manifest;
    std::vector<Group> groups;
    Bytes canonical_json;  // what the provider receives, byte for byte
    Hash hash{};           // SHA-256 of it; goes (blinded) on the ledger
    std::optional<std::uint64_t> reclamation_window_s;
    std::vector<Note> notes;
};

}  // namespace sublet::sdl
