// resources.hpp: what one replica of a service asks of a machine.
// Spec: docs/spec/deployment-files.md.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace sublet::sdl {

// A number as Akash's compiler prints it where it is none that can run here: half a thousandth of a core, 10^30 bytes,
// no number at all. Only `parse_official` fills it, only the hash needs it; "" everywhere else.
using ForeignNumber = std::string;

struct Attribute {
    std::string key;
    std::string value;
    auto operator<=>(const Attribute&) const = default;
};

struct Storage {
    std::string name;  // "default" for the unnamed root volume
    std::uint64_t bytes = 0;
    bool persistent = false;            // kept as long as the lease
    std::string class_name;             // "", "default", "beta1".."beta3", "ram" (a tmpfs, counted in memory)
    std::vector<Attribute> attributes;  // the two as written ("class", "persistent"); only the hash needs them
    ForeignNumber foreign_bytes;
    bool operator==(const Storage&) const = default;
};

// One model that would do; several in a list mean any of them.
struct GpuModel {
    std::string vendor;                      // "nvidia"
    std::string model;                       // "*" is any model
    std::string ram;                         // as written ("80Gi"), or ""; the hash needs it
    std::optional<std::uint64_t> ram_bytes;  // the same as a number
    std::string interface;                   // "", "pcie", "sxm"
    bool operator==(const GpuModel&) const = default;
};

struct Gpu {
    std::uint64_t units = 0;
    std::vector<GpuModel> any_of;
    ForeignNumber foreign_units;
    bool operator==(const Gpu&) const = default;
};

// How a port is reached from outside; the numbers are Akash's.
enum class EndpointKind : std::uint8_t { kSharedHttp = 0, kRandomPort = 1, kLeasedIp = 2 };

struct Endpoint {
    EndpointKind kind = EndpointKind::kSharedHttp;
    std::uint32_t sequence_number = 0;  // which leased IP, from 1; else 0
    auto operator<=>(const Endpoint&) const = default;
};

// For ONE replica.
struct Resources {
    std::uint32_t id = 0;  // the resource unit of the group that this belongs to, from 1
    std::uint64_t cpu_milli = 0;
    std::vector<Attribute> cpu_attributes;  // "arch"
    std::uint64_t memory_bytes = 0;
    std::vector<Storage> storage;
    Gpu gpu;
    std::vector<Endpoint> endpoints;
    ForeignNumber foreign_cpu;
    ForeignNumber foreign_memory;
    bool operator==(const Resources&) const = default;
};

}  // namespace sublet::sdl
