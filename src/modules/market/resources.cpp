// resources.cpp: rates, fitting, and the bounds of resources.
// Deterministic. Spec: docs/spec/market.md (resources, rates).
#include "modules/market/resources.hpp"

namespace sublet::market {
namespace {

constexpr std::uint64_t kGib = 1ULL << 30U;
constexpr std::uint64_t kMinMemoryBytes = 1ULL << 20U;
constexpr std::string_view kRamClass = "ram";

static_assert(kMaxCount * kMaxUnits * kMaxStorageBytes * kMaxVolumes < (1ULL << 60U), "sums of a group fit");

bool gpus_fit(const std::vector<ResourceUnit>& units, const Capacity& free, std::uint64_t wanted) {
    if (wanted == 0) {
        return true;
    }
    if (free.gpus.empty() || free.gpus.front().units < wanted) {
        return false;
    }
    for (const ResourceUnit& unit : units) {
        bool any = unit.gpu_units == 0 || unit.gpu_any_of.empty();
        for (const GpuModel& need : unit.gpu_any_of) {
            any = any || gpu_matches(need, free.gpus.front().model);
        }
        if (!any) {
            return false;
        }
    }
    return true;
}

Result<> check_volumes(const ResourceUnit& unit) {
    if (unit.volumes.size() > kMaxVolumes) {
        return fail(Code::kBadField, "a unit has at most 4 volumes");
    }
    for (const Volume& volume : unit.volumes) {
        if (volume.bytes == 0 || volume.bytes > kMaxStorageBytes || volume.name.size() > kMaxNameBytes ||
            volume.storage_class.size() > kMaxNameBytes) {
            return fail(Code::kOutOfRange, "volume '" + volume.name.substr(0, kMaxNameBytes) + "': 1 byte to 32 TiB");
        }
    }
    return {};
}

}  // namespace

Demand demand_of(const std::vector<ResourceUnit>& units) {
    Demand all;
    for (const ResourceUnit& unit : units) {
        all.cpu_milli += unit.cpu_milli * unit.count;
        all.memory_bytes += unit.memory_bytes * unit.count;
        all.gpus += unit.gpu_units * unit.count;
        for (const Volume& volume : unit.volumes) {
            (volume.storage_class == kRamClass ? all.memory_bytes : all.storage_bytes) += volume.bytes * unit.count;
        }
    }
    return all;
}

Rate rate_ceil(const std::vector<ResourceUnit>& units, const PriceVector& price) {
    return rate_ceil(demand_of(units), price);
}

Rate rate_ceil(const Demand& all, const PriceVector& price) {
    // Per replica set: milli-cores × 2^30, bytes × 1000 and GPUs × 1000 × 2^30 share the divisor 1000 × 2^30.
    const u128 scaled = u128{all.cpu_milli} * kGib * price.cpu_core + u128{all.memory_bytes} * 1000 * price.memory_gib +
                        u128{all.storage_bytes} * 1000 * price.storage_gib + u128{all.gpus} * 1000 * kGib * price.gpu;
    const u128 divisor = u128{1000} * kGib;
    const u128 rate = (scaled + divisor - 1) / divisor;
    if (rate > ~std::uint64_t{0}) {
        return Rate{~std::uint64_t{0}};
    }
    return Rate{rate == 0 ? 1 : static_cast<std::uint64_t>(rate)};
}
static_assert(kMaxUnitPrice <= (1ULL << 50U), "(2^60 bytes × 1000 × 2^50) × 3 stays below 2^128");

bool gpu_matches(const GpuModel& need, const GpuModel& have) {
    return (need.vendor.empty() || need.vendor == have.vendor) && (need.model.empty() || need.model == have.model) &&
           (need.ram_bytes == 0 || need.ram_bytes == have.ram_bytes) &&
           (need.interface.empty() || need.interface == have.interface);
}

bool fits(const std::vector<ResourceUnit>& units, const Capacity& free) {
    const Demand all = demand_of(units);
    return all.cpu_milli <= free.cpu_milli && all.memory_bytes <= free.memory_bytes &&
           all.storage_bytes <= free.storage_bytes && gpus_fit(units, free, all.gpus);
}

void take(const std::vector<ResourceUnit>& units, Capacity& free) {
    SUBLET_ASSERT(fits(units, free));
    const Demand all = demand_of(units);
    free.cpu_milli -= all.cpu_milli;
    free.memory_bytes -= all.memory_bytes;
    free.storage_bytes -= all.storage_bytes;
    if (all.gpus > 0) {
        free.gpus.front().units -= all.gpus;
    }
}

void give_back(const std::vector<ResourceUnit>& units, Capacity& free) {
    const Demand all = demand_of(units);
    free.cpu_milli += all.cpu_milli;
    free.memory_bytes += all.memory_bytes;
    free.storage_bytes += all.storage_bytes;
    if (all.gpus > 0) {
        SUBLET_ASSERT(!free.gpus.empty());
        free.gpus.front().units += all.gpus;
    }
}

Result<> check_units(const std::vector<ResourceUnit>& units) {
    if (units.empty() || units.size() > kMaxUnits) {
        return fail(Code::kBadField, "a group has 1 to 20 resource units");
    }
    for (const ResourceUnit& unit : units) {
        if (unit.count == 0 || unit.count > kMaxCount) {
            return fail(Code::kOutOfRange, "count: 1 to 50 replicas");
        }
        if (unit.cpu_milli < 10 || unit.cpu_milli > kMaxCpuMilli) {
            return fail(Code::kOutOfRange, "cpu: 10 to 384,000 milli-cores");
        }
        if (unit.memory_bytes < kMinMemoryBytes || unit.memory_bytes > kMaxMemoryBytes) {
            return fail(Code::kOutOfRange, "memory: 1 MiB to 2 TiB");
        }
        if (unit.gpu_units > kMaxGpuUnits || unit.gpu_any_of.size() > kMaxGpuModels) {
            return fail(Code::kOutOfRange, "gpu: at most 24 units and 8 models");
        }
        if (unit.max_rate.is_zero() || unit.max_rate.value() > kMaxUnitPrice || unit.endpoints > 64) {
            return fail(Code::kOutOfRange, "max_rate: 1 to 2^50 nano-ucredit per second; at most 64 endpoints");
        }
        TRY_OK(check_volumes(unit));
    }
    return {};
}

Result<> check_capacity(const Capacity& capacity) {
    if (capacity.cpu_milli == 0 || capacity.cpu_milli > kMaxCpuMilli || capacity.memory_bytes == 0 ||
        capacity.memory_bytes > kMaxMemoryBytes || capacity.storage_bytes > kMaxStorageBytes) {
        return fail(Code::kOutOfRange, "capacity: up to 384 cores, 2 TiB of memory and 32 TiB of storage");
    }
    if (capacity.gpus.size() > 1) {
        return fail(Code::kBadField, "capacity: GPUs of one model per offer");
    }
    for (const GpuStock& stock : capacity.gpus) {
        if (stock.units == 0 || stock.units > kMaxGpuUnits || stock.model.vendor.empty() ||
            stock.model.vendor.size() > kMaxNameBytes || stock.model.model.size() > kMaxNameBytes) {
            return fail(Code::kBadField, "capacity: 1 to 24 GPUs with vendor and model");
        }
    }
    return {};
}

Result<> check_price(const PriceVector& price) {
    for (const std::uint64_t each : {price.cpu_core, price.memory_gib, price.storage_gib, price.gpu}) {
        if (each > kMaxUnitPrice) {
            return fail(Code::kOutOfRange, "price: at most 2^50 nano-ucredit per second and unit");
        }
    }
    return {};
}

}  // namespace sublet::market
