// hardware.cpp: /proc, statvfs, NVML loaded at run time (so that nothing is linked that most machines lack),
// /sys/class/drm.
#include "runtime/hardware.hpp"

#include <dlfcn.h>
#include <sched.h>
#include <sys/statvfs.h>

#include <algorithm>
#include <cctype>
#include <cerrno>
#include <cstring>
#include <fstream>
#include <memory>
#include <sstream>

namespace sublet::runtime {
namespace {

namespace fs = std::filesystem;

std::string line_of(const fs::path& path) {
    std::ifstream file(path);
    std::string text;
    std::getline(file, text);
    return text;
}

std::uint64_t meminfo_bytes(const std::string& field) {
    std::ifstream file("/proc/meminfo");
    std::string name;
    std::uint64_t kib = 0;
    std::string rest;
    while (file >> name >> kib && std::getline(file, rest)) {
        if (name == field + ":") {
            return kib * 1024U;
        }
    }
    return 0;
}

unsigned count_cpus() {
    cpu_set_t set;
    CPU_ZERO(&set);
    unsigned cpus = sched_getaffinity(0, sizeof set, &set) == 0 ? static_cast<unsigned>(CPU_COUNT(&set)) : 1;
    // A container or a service with a quota has less: "max 100000" or "150000 100000".
    std::ifstream quota("/sys/fs/cgroup/cpu.max");
    std::uint64_t used = 0;
    std::uint64_t period = 0;
    if (quota >> used >> period && period > 0) {
        cpus = std::min(cpus, std::max(1U, static_cast<unsigned>(used / period)));
    }
    return cpus;
}

std::string cpu_model() {
    std::ifstream file("/proc/cpuinfo");
    std::string line;
    while (std::getline(file, line)) {
        const auto colon = line.find(": ");
        if (line.starts_with("model name") && colon != std::string::npos) {
            return line.substr(colon + 2);
        }
    }
    return {};
}

// The few calls of NVML's stable C interface that are needed (nvml.h: every function returns 0 for success).
class Nvml {
public:
    Nvml() : library_(::dlopen("libnvidia-ml.so.1", RTLD_NOW | RTLD_LOCAL), &close) {
        ready_ = library_ != nullptr && call<int()>("nvmlInit_v2");
    }
    ~Nvml() {
        if (ready_) {
            call<int()>("nvmlShutdown");
        }
    }
    Nvml(const Nvml&) = delete;
    Nvml& operator=(const Nvml&) = delete;

    std::vector<Gpu> gpus() {
        std::vector<Gpu> out;
        unsigned count = 0;
        if (!ready_ || !call<int(unsigned*)>("nvmlDeviceGetCount_v2", &count)) {
            return out;
        }
        for (unsigned i = 0; i < std::min(count, kMaxGpus); ++i) {
            void* device = nullptr;
            char name[96] = {};
            char uuid[96] = {};
            struct {
                unsigned long long total, free, used;
            } memory{};
            if (!call<int(unsigned, void**)>("nvmlDeviceGetHandleByIndex_v2", i, &device) ||
                !call<int(void*, char*, unsigned)>("nvmlDeviceGetName", device, name, 95U) ||
                !call<int(void*, char*, unsigned)>("nvmlDeviceGetUUID", device, uuid, 95U)) {
                continue;
            }
            call<int(void*, decltype(memory)*)>("nvmlDeviceGetMemoryInfo", device, &memory);
            Gpu gpu = gpu_from_name(name);
            gpu.id = uuid;
            gpu.memory_bytes = memory.total;
            out.push_back(std::move(gpu));
        }
        return out;
    }

private:
    static void close(void* library) {
        if (library != nullptr) {
            ::dlclose(library);
        }
    }

    template <class Signature, class... Arguments>
    bool call(const char* name, Arguments... arguments) {
        auto* function = reinterpret_cast<Signature*>(::dlsym(library_.get(), name));
        return function != nullptr && function(arguments...) == 0;
    }

    std::unique_ptr<void, void (*)(void*)> library_;
    bool ready_ = false;
};

std::string vendor_name(const std::string& pci) {
    if (pci == "0x1002") {
        return "amd";
    }
    if (pci == "0x8086") {
        return "intel";
    }
    return pci == "0x10de" ? "nvidia" : pci;
}

// Cards whose driver is the kernel's: they are passed in by their render node.
std::vector<Gpu> drm_gpus() {
    std::vector<Gpu> out;
    std::error_code failed;
    for (const auto& entry : fs::directory_iterator("/sys/class/drm", failed)) {
        const std::string name = entry.path().filename().string();
        if (!name.starts_with("renderD") || out.size() >= kMaxGpus) {
            continue;
        }
        Gpu gpu{.id = name, .vendor = vendor_name(line_of(entry.path() / "device/vendor")), .interface = "pcie"};
        const std::string memory = line_of(entry.path() / "device/mem_info_vram_total");
        gpu.memory_bytes = memory.empty() ? 0 : std::strtoull(memory.c_str(), nullptr, 10);
        // Without a number the vendor is a virtual display: nothing that one could lend.
        if (gpu.vendor == "amd" || gpu.vendor == "intel") {
            out.push_back(std::move(gpu));
        }
    }
    std::ranges::sort(out, {}, &Gpu::id);
    return out;
}

}  // namespace

Gpu gpu_from_name(std::string_view marketing_name) {
    Gpu gpu{.vendor = "nvidia"};
    std::string lower;
    for (const char c : marketing_name) {
        lower += static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
    }
    gpu.interface = lower.find("sxm") != std::string::npos ? "sxm" : "pcie";
    for (const char* noise : {"nvidia", "geforce", "tesla", "quadro", "graphics"}) {
        const auto place = lower.find(noise);
        if (place != std::string::npos) {
            lower.erase(place, std::strlen(noise));
        }
    }
    // "a100-sxm4-80gb": the model ends at the first dash or at the memory's size; "rtx 4090", "rtx 3080 ti" are one
    // word.
    lower.erase(std::min(lower.find('-'), lower.size()));
    std::istringstream words(lower);
    std::string word;
    while (words >> word && !word.ends_with("gb")) {
        std::erase_if(word, [](char c) { return std::isalnum(static_cast<unsigned char>(c)) == 0; });
        gpu.model += word;
    }
    if (gpu.model.ends_with("pcie")) {
        gpu.model.erase(gpu.model.size() - 4);
    }
    return gpu;
}

Result<Hardware> detect_hardware(const std::filesystem::path& data) {
    Hardware out;
    out.cpus = count_cpus();
    out.cpu_model = cpu_model();
    out.memory_bytes = meminfo_bytes("MemTotal");
    out.memory_free_bytes = meminfo_bytes("MemAvailable");
    // The folder may not be there yet: its nearest parent is on the same disk.
    fs::path folder = data;
    std::error_code failed;
    while (!folder.empty() && folder != folder.root_path() && !fs::exists(folder, failed)) {
        folder = folder.parent_path();
    }
    struct statvfs disk{};
    if (::statvfs(folder.empty() ? "/" : folder.c_str(), &disk) != 0) {
        return fail(Code::kIo, "cannot read the disk of " + folder.string() + ": " + std::strerror(errno));
    }
    out.disk_bytes = static_cast<std::uint64_t>(disk.f_blocks) * disk.f_frsize;
    out.disk_free_bytes = static_cast<std::uint64_t>(disk.f_bavail) * disk.f_frsize;
    out.gpus = Nvml().gpus();
    const auto others = drm_gpus();
    out.gpus.insert(out.gpus.end(), others.begin(), others.end());
    return out;
}

}  // namespace sublet::runtime
