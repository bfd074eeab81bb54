// resources.hpp: what a group asks for and what a machine has: cores, memory, storage, GPUs, and what they cost.
// Deterministic. Spec: docs/spec/market.md (resources, rates).
#pragma once

#include "modules/provider/provider.hpp"

namespace sublet::market {

inline constexpr std::uint64_t kMaxCpuMilli = 384'000;
inline constexpr std::uint64_t kMaxMemoryBytes = 2ULL << 40U;
inline constexpr std::uint64_t kMaxStorageBytes = 32ULL << 40U;
inline constexpr std::uint64_t kMaxGpuUnits = 24;
inline constexpr std::uint64_t kMaxCount = 50;  // replicas of one unit
inline constexpr std::uint64_t kMaxUnitPrice = 1ULL
                                               << 50U;  // nano-ucredit per second and unit: about 1 credit a second
inline constexpr std::size_t kMaxUnits = 20;            // resource units in a group
inline constexpr std::size_t kMaxVolumes = 4;
inline constexpr std::size_t kMaxGpuModels = 8;
inline constexpr std::size_t kMaxNameBytes = 64;

struct Volume {
    std::string name;
    std::uint64_t bytes = 0;
    bool persistent = false;
    std::string storage_class;  // "" (the writable layer), "default", "beta1".."beta3", "ram"
    static constexpr auto fields() {
        using codec::field;
        return codec::list(field(1, "name", &Volume::name), field(2, "bytes", &Volume::bytes),
                           field(3, "persistent", &Volume::persistent),
                           field(4, "storage_class", &Volume::storage_class));
    }
    bool operator==(const Volume&) const = default;
};

// In a need, an empty or zero field means any.
struct GpuModel {
    std::string vendor;
    std::string model;
    std::uint64_t ram_bytes = 0;
    std::string interface;
    static constexpr auto fields() {
        using codec::field;
        return codec::list(field(1, "vendor", &GpuModel::vendor), field(2, "model", &GpuModel::model),
                           field(3, "ram_bytes", &GpuModel::ram_bytes), field(4, "interface", &GpuModel::interface));
    }
    bool operator==(const GpuModel&) const = default;
};

struct GpuStock {
    GpuModel model;
    std::uint64_t units = 0;
    static constexpr auto fields() {
        return codec::list(codec::field(1, "model", &GpuStock::model), codec::field(2, "units", &GpuStock::units));
    }
    bool operator==(const GpuStock&) const = default;
};

// `count` replicas of one shape.
struct ResourceUnit {
    std::uint64_t cpu_milli = 0;
    std::uint64_t memory_bytes = 0;
    std::vector<Volume> volumes;
    std::uint64_t gpu_units = 0;
    std::vector<GpuModel> gpu_any_of;
    std::uint64_t endpoints = 0;  // reachable from outside
    std::uint64_t count = 0;
    Rate max_rate;  // per replica
    static constexpr auto fields() {
        using codec::field;
        return codec::list(
            field(1, "cpu_milli", &ResourceUnit::cpu_milli), field(2, "memory_bytes", &ResourceUnit::memory_bytes),
            field(3, "volumes", &ResourceUnit::volumes), field(4, "gpu_units", &ResourceUnit::gpu_units),
            field(5, "gpu_any_of", &ResourceUnit::gpu_any_of), field(6, "endpoints", &ResourceUnit::endpoints),
            field(7, "count", &ResourceUnit::count), field(8, "max_rate", &ResourceUnit::max_rate));
    }
    bool operator==(const ResourceUnit&) const = default;
};

// A machine's capacity, whole or free.
struct Capacity {
    std::uint64_t cpu_milli = 0;
    std::uint64_t memory_bytes = 0;
    std::uint64_t storage_bytes = 0;  // disk for writable layers and persistent volumes
    std::vector<GpuStock> gpus;
    static constexpr auto fields() {
        using codec::field;
        return codec::list(field(1, "cpu_milli", &Capacity::cpu_milli),
                           field(2, "memory_bytes", &Capacity::memory_bytes),
                           field(3, "storage_bytes", &Capacity::storage_bytes), field(4, "gpus", &Capacity::gpus));
    }
    bool operator==(const Capacity&) const = default;
};

// Nano-ucredit per second for one core, one GiB, one GPU.
struct PriceVector {
    std::uint64_t cpu_core = 0;
    std::uint64_t memory_gib = 0;
    std::uint64_t storage_gib = 0;
    std::uint64_t gpu = 0;
    static constexpr auto fields() {
        using codec::field;
        return codec::list(field(1, "cpu_core", &PriceVector::cpu_core),
                           field(2, "memory_gib", &PriceVector::memory_gib),
                           field(3, "storage_gib", &PriceVector::storage_gib), field(4, "gpu", &PriceVector::gpu));
    }
    bool operator==(const PriceVector&) const = default;
};

// What all replicas of a group take together. RAM volumes count as memory. The bounds of check_units keep every sum
// below 2^60.
struct Demand {
    std::uint64_t cpu_milli = 0;
    std::uint64_t memory_bytes = 0;
    std::uint64_t storage_bytes = 0;
    std::uint64_t gpus = 0;
};
Demand demand_of(const std::vector<ResourceUnit>& units);

// One ceiling over all units and replicas, at least 1 (T6).
Rate rate_ceil(const std::vector<ResourceUnit>& units, const PriceVector& price);
Rate rate_ceil(const Demand& all, const PriceVector& price);

// Of the demand of all units.
bool fits(const std::vector<ResourceUnit>& units, const Capacity& free);
void take(const std::vector<ResourceUnit>& units, Capacity& free);
void give_back(const std::vector<ResourceUnit>& units, Capacity& free);

bool gpu_matches(const GpuModel& need, const GpuModel& have);

Result<> check_units(const std::vector<ResourceUnit>& units);
Result<> check_capacity(const Capacity& capacity);
Result<> check_price(const PriceVector& price);

}  // namespace sublet::market
