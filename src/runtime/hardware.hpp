// hardware.hpp: what this machine has to lend: processors, memory, disk, graphics cards.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "base/result.hpp"

namespace sublet::runtime {

inline constexpr unsigned kMaxGpus = 64;

struct Gpu {
    std::string id;      // what ContainerSpec::gpus takes: an NVML UUID, or a render node's name
    std::string vendor;  // "nvidia", "amd", "intel" or the PCI vendor's number
    std::string model;   // as deployment files write it: "rtx4090", "a100"; empty when not known
    std::uint64_t memory_bytes = 0;
    std::string interface;  // "pcie", "sxm" or empty
};

struct Hardware {
    unsigned cpus = 0;  // that this process may run on, within its control group's quota
    std::string cpu_model;
    std::uint64_t memory_bytes = 0, memory_free_bytes = 0;
    std::uint64_t disk_bytes = 0, disk_free_bytes = 0;  // of the file system that holds `data`
    std::vector<Gpu> gpus;
};

// `data`: the folder whose disk is lent (the engine's data root). Errors: kIo.
Result<Hardware> detect_hardware(const std::filesystem::path& data);

// "NVIDIA GeForce RTX 4090" → "rtx4090", "NVIDIA A100-SXM4-80GB" → "a100" with interface "sxm".
Gpu gpu_from_name(std::string_view marketing_name);

}  // namespace sublet::runtime
