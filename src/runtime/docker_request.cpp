// docker_request.cpp: builds create requests with the limits and the hardening that every container gets.
#include "runtime/docker_json.hpp"

#include <algorithm>

namespace sublet::runtime {
namespace {

constexpr std::size_t kMaxListed = 256;            // args, env, mounts … of one container
constexpr std::size_t kMaxTextBytes = 64U << 10U;  // one argument or variable

bool is_key_char(char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-'; }

Result<> check_list(std::string_view what, const std::vector<std::string>& list) {
    if (list.size() > kMaxListed) {
        return fail(Code::kBadField, std::string(what) + ": more than " + std::to_string(kMaxListed) + " entries");
    }
    for (const auto& text : list) {
        if (text.size() > kMaxTextBytes || text.find('\0') != std::string::npos) {
            return fail(Code::kBadField, std::string(what) + ": an entry is too long or holds a zero byte");
        }
    }
    return {};
}

Result<> check_path(std::string_view path) {
    if (path.size() < 2 || path.size() > 1024 || path[0] != '/' || path.find('\0') != std::string_view::npos ||
        (std::string(path) + "/").find("/../") != std::string::npos) {
        return fail(Code::kBadField, "mount '" + std::string(path) + "': give an absolute path below / without '..'");
    }
    return {};
}

Result<> check_spec(const ContainerSpec& spec) {
    TRY_OK(check_key("lease", spec.lease));
    TRY_OK(check_key("service", spec.service));
    TRY_OK(check_list("entrypoint", spec.entrypoint.value_or(std::vector<std::string>{})));
    TRY_OK(check_list("args", spec.args.value_or(std::vector<std::string>{})));
    TRY_OK(check_list("env", spec.env));
    TRY_OK(check_list("aliases", spec.aliases));
    if (spec.image.empty() || spec.image.size() > 512) {
        return fail(Code::kBadField, "image: the name is empty or longer than 512 characters");
    }
    if (spec.cpu_milli == 0 || spec.memory_bytes == 0 || spec.pids_max == 0) {
        return fail(Code::kBadField, "service '" + spec.service + "': cpu, memory and pids must have a limit");
    }
    if (spec.mounts.size() + spec.host_mounts.size() + spec.ram_disks.size() > kMaxListed ||
        spec.ports.size() > kMaxListed) {
        return fail(Code::kBadField, "service '" + spec.service + "': too many mounts or ports");
    }
    for (const auto& mount : spec.mounts) {
        TRY_OK(check_key("volume", mount.volume));
        TRY_OK(check_path(mount.path));
    }
    for (const auto& disk : spec.ram_disks) {
        TRY_OK(check_path(disk.path));
    }
    for (const auto& mount : spec.host_mounts) {
        TRY_OK(check_path(mount.source));
        TRY_OK(check_path(mount.path));
    }
    return spec.work_folder.empty() ? Result<>{} : check_path(spec.work_folder);
}

std::string port_key(const PortBinding& port) {
    return std::to_string(port.container_port) + (port.udp ? "/udp" : "/tcp");
}

Json gpu_requests(const NameScope& scope, const ContainerSpec& spec, Json& devices) {
    Json uuids = Json::array();
    for (const auto& gpu : spec.gpus) {
        if (gpu.starts_with("renderD") || gpu.starts_with("card")) {
            const std::string path = "/dev/dri/" + gpu;
            devices.push_back({{"PathOnHost", path}, {"PathInContainer", path}, {"CgroupPermissions", "rw"}});
        } else if (scope.podman) {  // podman takes CDI names as devices
            const std::string name = "nvidia.com/gpu=" + gpu;
            devices.push_back({{"PathOnHost", name}, {"PathInContainer", name}, {"CgroupPermissions", "rw"}});
        } else {
            uuids.push_back(gpu);
        }
    }
    Json requests = Json::array();
    if (!uuids.empty()) {
        const Json capabilities = Json::array({Json::array({"gpu"})});
        requests.push_back({{"Driver", "nvidia"}, {"DeviceIDs", uuids}, {"Capabilities", capabilities}});
    }
    return requests;
}

const char* restart_name(Restart restart) {
    switch (restart) {
        case Restart::kNever:
            return "no";
        case Restart::kOnFailure:
            return "on-failure";
        case Restart::kAlways:
            return "always";
    }
    return "no";
}

Json host_config(const NameScope& scope, const ContainerSpec& spec) {
    Json bindings = Json::object();
    for (const auto& port : spec.ports) {
        bindings[port_key(port)].push_back(
            {{"HostIp", port.host_address}, {"HostPort", port.host_port == 0 ? "" : std::to_string(port.host_port)}});
    }
    Json mounts = Json::array();
    for (const auto& mount : spec.mounts) {
        mounts.push_back({{"Type", "volume"},
                          {"Source", volume_name(scope, spec.lease, mount.volume)},
                          {"Target", mount.path},
                          {"ReadOnly", mount.read_only}});
    }
    for (const auto& mount : spec.host_mounts) {
        mounts.push_back(
            {{"Type", "bind"}, {"Source", mount.source}, {"Target", mount.path}, {"ReadOnly", mount.read_only}});
    }
    Json ram = Json::object();
    for (const auto& disk : spec.ram_disks) {
        ram[disk.path] = "mode=1777,size=" + std::to_string(disk.size_bytes);
    }
    Json limits = Json::array();
    limits.push_back({{"Name", "nofile"}, {"Soft", kMaxOpenFiles}, {"Hard", kMaxOpenFiles}});
    limits.push_back({{"Name", "nproc"}, {"Soft", kMaxProcesses}, {"Hard", kMaxProcesses}});
    if (spec.file_bytes_max != 0) {
        limits.push_back({{"Name", "fsize"}, {"Soft", spec.file_bytes_max}, {"Hard", spec.file_bytes_max}});
    }
    Json kept = Json::array();
    for (const char* capability : kKeptCapabilities) {
        kept.push_back(capability);
    }
    Json devices = Json::array();
    Json gpus = gpu_requests(scope, spec, devices);
    Json host = {
        {"NetworkMode", spec.no_network ? std::string{"none"} : network_name(scope, spec.lease)},
        {"PortBindings", bindings},
        {"Mounts", mounts},
        {"Tmpfs", ram},
        {"NanoCpus", static_cast<std::uint64_t>(spec.cpu_milli) * 1'000'000U},
        {"Memory", spec.memory_bytes},
        {"MemorySwap", spec.memory_bytes},  // the sum of both: no swap
        {"ShmSize", spec.shm_bytes},
        {"PidsLimit", spec.pids_max},
        {"Ulimits", limits},
        {"CapDrop", Json::array({"ALL"})},
        {"CapAdd", kept},
        {"SecurityOpt", Json::array({"no-new-privileges"})},
        {"Privileged", false},
        {"RestartPolicy", {{"Name", restart_name(spec.restart)}}},
        {"LogConfig", {{"Type", scope.podman ? "k8s-file" : "json-file"}, {"Config", {{"max-size", kMaxLogSize}}}}},
    };
    if (!devices.empty()) {
        host["Devices"] = devices;
    }
    if (!gpus.empty()) {
        host["DeviceRequests"] = gpus;
    }
    return host;
}

}  // namespace

Result<> check_key(std::string_view what, std::string_view key) {
    if (key.empty() || key.size() > kMaxKeyLength || key[0] == '-' || !std::ranges::all_of(key, is_key_char)) {
        return fail(Code::kBadField, std::string(what) + " '" + std::string(key.substr(0, kMaxKeyLength)) +
                                         "': use 1 to 100 of a-z, 0-9 and '-', not '-' first");
    }
    return {};
}

std::string network_name(const NameScope& scope, std::string_view lease) {
    return "sublet_" + scope.instance + "_" + std::string(lease);
}

std::string volume_name(const NameScope& scope, std::string_view lease, std::string_view key) {
    return network_name(scope, lease) + "_" + std::string(key);
}

std::string container_name(const NameScope& scope, const ContainerSpec& spec) {
    return volume_name(scope, spec.lease, spec.service) + "_" + std::to_string(spec.replica);
}

Result<Json> create_body(const NameScope& scope, const ContainerSpec& spec) {
    TRY_OK(check_spec(spec));
    Json labels = Json::object();
    for (const auto& [name, value] : spec.labels) {
        labels[name] = value;
    }
    labels[std::string(kLabelInstance)] = scope.instance;
    labels[std::string(kLabelLease)] = spec.lease;
    labels[std::string(kLabelService)] = spec.service;
    labels[std::string(kLabelReplica)] = std::to_string(spec.replica);
    labels[std::string(kLabelSpec)] = spec.revision;
    Json aliases = Json::array({spec.service});
    for (const auto& alias : spec.aliases) {
        aliases.push_back(alias);
    }
    Json exposed = Json::object();
    for (const auto& port : spec.ports) {
        exposed[port_key(port)] = Json::object();
    }
    // A host name of more than 63 characters is refused by the kernel's callers; the service name alone is what people
    // expect.
    Json body = {
        {"Image", canonical_image(spec.image)},
        {"Hostname", spec.service.substr(0, 63)},
        {"Env", spec.env},
        {"Labels", labels},
        {"ExposedPorts", exposed},
        {"HostConfig", host_config(scope, spec)},
    };
    if (!spec.no_network) {
        body["NetworkingConfig"] = {{"EndpointsConfig", {{network_name(scope, spec.lease), {{"Aliases", aliases}}}}}};
    }
    if (!spec.work_folder.empty()) {
        body["WorkingDir"] = spec.work_folder;
    }
    if (spec.entrypoint) {
        body["Entrypoint"] = *spec.entrypoint;
    }
    if (spec.args) {
        body["Cmd"] = *spec.args;
    }
    return body;
}

}  // namespace sublet::runtime
