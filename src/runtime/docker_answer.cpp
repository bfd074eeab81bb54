// docker_answer.cpp: reads what engines answer: states, statistics, events, times and their words when they refuse.
#include <charconv>
#include <ctime>

#include "runtime/docker_json.hpp"

namespace sublet::runtime {
namespace {

constexpr std::size_t kMaxWordsBytes = 600;

void read_ports(const Json& ports, ContainerState& state) {
    if (!ports.is_object()) {
        return;
    }
    for (const auto& [key, bindings] : ports.items()) {
        PortBinding port;
        port.udp = key.ends_with("/udp");
        std::from_chars(key.data(), key.data() + key.size(), port.container_port);
        if (!bindings.is_array()) {
            continue;  // exposed by the image, published nowhere
        }
        for (const auto& binding : bindings) {
            const std::string host_port = text_at(binding, {"HostPort"});
            port.host_address = text_at(binding, {"HostIp"});
            port.host_port = 0;
            std::from_chars(host_port.data(), host_port.data() + host_port.size(), port.host_port);
            state.ports.push_back(port);
        }
    }
}

Phase phase_of(std::string_view status) {
    if (status == "running" || status == "restarting" || status == "stopping") {
        return Phase::kRunning;
    }
    if (status == "paused") {
        return Phase::kPaused;
    }
    if (status == "created" || status == "configured" || status == "initialized") {
        return Phase::kCreated;
    }
    if (status == "exited" || status == "stopped" || status == "dead") {
        return Phase::kExited;
    }
    return Phase::kOther;
}

std::uint32_t small_number(const std::string& text) {
    std::uint32_t value = 0;
    std::from_chars(text.data(), text.data() + text.size(), value);
    return value;
}

std::string label(const std::map<std::string, std::string>& labels, std::string_view name) {
    const auto found = labels.find(std::string(name));
    return found == labels.end() ? std::string() : found->second;
}

}  // namespace

ContainerState container_state(const NameScope& scope, const Json& inspect) {
    ContainerState state;
    state.id = text_at(inspect, {"Id"});
    state.name = text_at(inspect, {"Name"});
    if (state.name.starts_with('/')) {
        state.name.erase(0, 1);
    }
    state.image = text_at(inspect, {"Config", "Image"});
    state.labels = labels_at(inspect, {"Config", "Labels"});
    state.lease = label(state.labels, kLabelLease);
    state.service = label(state.labels, kLabelService);
    state.revision = label(state.labels, kLabelSpec);
    state.replica = small_number(label(state.labels, kLabelReplica));
    state.phase = phase_of(text_at(inspect, {"State", "Status"}));
    if (state.phase == Phase::kExited) {
        state.exit_code = static_cast<int>(number_at(inspect, {"State", "ExitCode"}) & 0xFFFFU);
    }
    state.out_of_memory = flag_at(inspect, {"State", "OOMKilled"});
    state.error = text_at(inspect, {"State", "Error"});
    state.started_unix_ms = unix_ms_from(text_at(inspect, {"State", "StartedAt"}));
    state.finished_unix_ms = unix_ms_from(text_at(inspect, {"State", "FinishedAt"}));
    state.restarts = static_cast<std::uint32_t>(number_at(inspect, {"RestartCount"}));
    state.health = text_at(inspect, {"State", "Health", "Status"});
    if (state.health == "none") {
        state.health.clear();
    }
    state.layer = text_at(inspect, {"GraphDriver", "Data", "UpperDir"});
    const std::string network = network_name(scope, state.lease);
    state.address = text_at(inspect, {"NetworkSettings", "Networks", network.c_str(), "IPAddress"});
    read_ports(at(inspect, {"NetworkSettings", "Ports"}), state);
    return state;
}

EngineInfo engine_info(const Json& version, const Json& info) {
    EngineInfo out;
    out.name = "docker";
    const Json& components = at(version, {"Components"});
    if (components.is_array()) {
        for (const auto& component : components) {
            const std::string name = text_at(component, {"Name"});
            if (name.starts_with("Podman")) {
                out.name = "podman";
            }
            if (name.starts_with("OCI Runtime (")) {
                out.runtime = name.substr(13, name.size() - 14);
            }
        }
    }
    if (out.runtime.empty()) {
        out.runtime = text_at(info, {"DefaultRuntime"});
    }
    out.version = text_at(version, {"Version"});
    out.api_version = text_at(version, {"ApiVersion"});
    out.kernel = text_at(info, {"KernelVersion"});
    out.storage_driver = text_at(info, {"Driver"});
    out.data_root = text_at(info, {"DockerRootDir"});
    out.cgroup_version = text_at(info, {"CgroupVersion"}) == "2" ? 2 : 1;
    out.cpus = static_cast<unsigned>(number_at(info, {"NCPU"}));
    out.memory_bytes = number_at(info, {"MemTotal"});
    out.rootless = flag_at(info, {"Rootless"});
    const Json& options = at(info, {"SecurityOptions"});
    if (options.is_array()) {
        for (const auto& option : options) {
            out.rootless = out.rootless || (option.is_string() && option.get<std::string>() == "name=rootless");
        }
    }
    return out;
}

Stats stats_from(const Json& stats) {
    Stats out;
    out.cpu_ns = number_at(stats, {"cpu_stats", "cpu_usage", "total_usage"});
    out.memory_bytes = number_at(stats, {"memory_stats", "usage"});
    out.memory_limit_bytes = number_at(stats, {"memory_stats", "limit"});
    out.pids = number_at(stats, {"pids_stats", "current"});
    const Json& networks = at(stats, {"networks"});
    if (networks.is_object()) {
        for (const auto& network : networks) {
            out.received_bytes += number_at(network, {"rx_bytes"});
            out.sent_bytes += number_at(network, {"tx_bytes"});
        }
    }
    return out;
}

std::optional<EngineEvent> event_from(const Json& event) {
    if (text_at(event, {"Type"}) != "container") {
        return std::nullopt;
    }
    const auto labels = labels_at(event, {"Actor", "Attributes"});
    EngineEvent out;
    out.action = text_at(event, {"Action"});
    out.id = text_at(event, {"Actor", "ID"});
    out.lease = label(labels, kLabelLease);
    out.service = label(labels, kLabelService);
    out.replica = small_number(label(labels, kLabelReplica));
    out.unix_ms = number_at(event, {"timeNano"}) / 1'000'000U;
    return out;
}

std::uint64_t unix_ms_from(std::string_view rfc3339) {
    const std::string text(rfc3339);
    std::tm time{};
    const char* rest = strptime(text.c_str(), "%Y-%m-%dT%H:%M:%S", &time);
    if (rest == nullptr || time.tm_year < 70) {
        return 0;
    }
    std::uint64_t millis = 0;
    if (*rest == '.') {
        unsigned scale = 100;
        for (++rest; *rest >= '0' && *rest <= '9'; ++rest) {
            millis += static_cast<unsigned>(*rest - '0') * scale;
            scale /= 10;
        }
    }
    std::int64_t offset_s = 0;
    if ((*rest == '+' || *rest == '-') && std::string_view(rest).size() >= 6) {
        const std::int64_t hours = (rest[1] - '0') * 10 + (rest[2] - '0');
        const std::int64_t minutes = (rest[4] - '0') * 10 + (rest[5] - '0');
        offset_s = (hours * 60 + minutes) * (*rest == '+' ? 60 : -60);
    }
    const std::int64_t seconds = timegm(&time) - offset_s;
    return seconds < 0 ? 0 : static_cast<std::uint64_t>(seconds) * 1000U + millis;
}

ImageName split_image(std::string_view image) {
    if (image.find('@') != std::string_view::npos) {
        return {std::string(image), ""};
    }
    const auto colon = image.rfind(':');
    const auto slash = image.rfind('/');
    if (colon == std::string_view::npos || (slash != std::string_view::npos && colon < slash)) {
        return {std::string(image), "latest"};
    }
    return {std::string(image.substr(0, colon)), std::string(image.substr(colon + 1))};
}

std::string canonical_image(std::string_view image) {
    const ImageName split = split_image(image);
    const auto slash = split.name.find('/');
    const std::string first = split.name.substr(0, slash);
    const bool has_host = slash != std::string::npos && (first.find('.') != std::string::npos ||
                                                         first.find(':') != std::string::npos || first == "localhost");
    std::string name = split.name;
    if (!has_host) {
        name = (slash == std::string::npos ? "docker.io/library/" : "docker.io/") + name;
    } else if (first == "docker.io" && split.name.find('/', slash + 1) == std::string::npos) {
        name.insert(slash + 1, "library/");
    }
    return split.tag.empty() ? name : name + ":" + split.tag;
}

std::string registry_host(std::string_view image) {
    const std::string name = canonical_image(image);
    std::string host = name.substr(0, name.find('/'));
    if (host.starts_with('[')) {
        return host.substr(1, host.find(']') - 1);
    }
    return host.substr(0, host.find(':'));
}

std::string engine_words(std::string_view body) {
    const Json said = parse_json(body);
    std::string words = text_at(said, {"message"});
    if (words.empty()) {
        words = text_at(said, {"error"});
    }
    if (words.empty()) {
        words = std::string(body);
    }
    if (words.size() > kMaxWordsBytes) {
        words = words.substr(0, kMaxWordsBytes) + " …";
    }
    return words;
}

}  // namespace sublet::runtime
