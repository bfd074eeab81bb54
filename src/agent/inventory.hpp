// inventory.hpp: what this machine has and how much of it is lent.
// Spec: docs/spec/market.md (offers).
#pragma once

#include <string>
#include <vector>

#include "modules/market/resources.hpp"
#include "runtime/hardware.hpp"

namespace sublet::agent {

// One card. `id` is what the runtime's ContainerSpec::gpus takes.
struct GpuDevice {
    std::string id;
    market::GpuModel model;
};

struct Inventory {
    std::uint64_t cpu_milli = 0;
    std::uint64_t memory_bytes = 0;
    std::uint64_t storage_bytes = 0;  // free where the engine keeps its data
    std::vector<GpuDevice> gpus;
};

Inventory inventory_of(const runtime::Hardware& hardware);

// The lent share of each; the rest stays with the owner. 0..1000 thousandths.
struct Share {
    std::uint32_t cpu_permille = 800;
    std::uint32_t memory_permille = 750;
    std::uint32_t storage_permille = 500;
    bool gpus = true;
};

// What an offer says: rounded down to whole 10 milli-cores and MiB.
market::Capacity capacity_of(const Inventory& inventory, const Share& share);

}  // namespace sublet::agent
