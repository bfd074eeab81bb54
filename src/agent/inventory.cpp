// inventory.cpp: what this machine has and how much of it is lent.
#include "agent/inventory.hpp"

#include <algorithm>

namespace sublet::agent {

namespace {

constexpr std::uint64_t kMebibyte = 1ULL << 20U;

std::uint64_t part_floor(std::uint64_t whole, std::uint32_t permille, std::uint64_t step) {
    return whole / 1'000 * std::min(permille, 1'000U) / step * step;
}

}  // namespace

Inventory inventory_of(const runtime::Hardware& hardware) {
    Inventory out;
    out.cpu_milli = std::uint64_t{hardware.cpus} * 1'000;
    out.memory_bytes = hardware.memory_bytes;
    out.storage_bytes = hardware.disk_free_bytes;
    for (const runtime::Gpu& gpu : hardware.gpus) {
        out.gpus.push_back({gpu.id, {gpu.vendor, gpu.model, gpu.memory_bytes, gpu.interface}});
    }
    return out;
}

market::Capacity capacity_of(const Inventory& inventory, const Share& share) {
    market::Capacity out;
    out.cpu_milli = std::min(part_floor(inventory.cpu_milli, share.cpu_permille, 10), market::kMaxCpuMilli);
    out.memory_bytes =
        std::min(part_floor(inventory.memory_bytes, share.memory_permille, kMebibyte), market::kMaxMemoryBytes);
    out.storage_bytes =
        std::min(part_floor(inventory.storage_bytes, share.storage_permille, kMebibyte), market::kMaxStorageBytes);
    for (const GpuDevice& device : inventory.gpus) {
        const auto same = std::ranges::find(out.gpus, device.model, &market::GpuStock::model);
        if (!share.gpus || device.model.model.empty()) {
            continue;  // a card that nobody can ask for by name is not on offer
        }
        if (same == out.gpus.end()) {
            out.gpus.push_back({device.model, 1});
        } else {
            same->units += 1;
        }
    }
    return out;
}

}  // namespace sublet::agent
