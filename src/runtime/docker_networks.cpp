// docker_networks.cpp: networks with their firewall rules, and volumes.
#include "net/quiet.hpp"
#include "runtime/docker_impl.hpp"

namespace sublet::runtime {
namespace {

constexpr std::string_view kLabelVolume = "sublet.volume";
constexpr std::string_view kLabelSize = "sublet.size";
constexpr std::uint64_t kFenceWaitMs = 5;

NetworkState network_state(const Json& network) {
    NetworkState out;
    out.name = text_at(network, {"Name"});
    out.lease = text_at(network, {"Labels", kLabelLease.data()});
    const Json& ranges = at(network, {"IPAM", "Config"});
    if (ranges.is_array() && !ranges.empty()) {
        out.subnet = text_at(ranges[0], {"Subnet"});
        out.gateway = text_at(ranges[0], {"Gateway"});
    }
    return out;
}

VolumeState volume_state(const Json& volume) {
    return {.name = text_at(volume, {"Name"}),
            .lease = text_at(volume, {"Labels", kLabelLease.data()}),
            .key = text_at(volume, {"Labels", kLabelVolume.data()})};
}

Json ours(const std::string& instance, const std::string& lease) {
    return {{std::string(kLabelInstance), instance}, {std::string(kLabelLease), lease}};
}

}  // namespace

// Podman numbers its bridges and tells only its own API; docker names them after the network.
Task<Result<std::string>> DockerRuntime::bridge_of(Json network) {
    const std::string id = text_at(network, {"Id"});
    const auto known = bridges_.find(id);
    if (known != bridges_.end()) {
        co_return known->second;
    }
    std::string bridge = text_at(network, {"Options", "com.docker.network.bridge.name"});
    if (bridge.empty() && scope_.podman) {
        Call call{
            .method = "GET", .path = "/v4.0.0/libpod/networks/" + text_at(network, {"Name"}) + "/json", .bare = true};
        auto answer = co_await ask(std::move(call));
        if (!answer) {
            co_return std::unexpected{answer.error()};
        }
        bridge = text_at(answer->json, {"network_interface"});
    } else if (bridge.empty()) {
        bridge = "br-" + id.substr(0, 12);
    }
    if (bridges_.size() >= kMaxFirewallNetworks) {
        bridges_.clear();
    }
    bridges_[id] = bridge;
    co_return bridge;
}

// One at a time: a list taken before another network came must not be applied after it.
Task<Result<>> DockerRuntime::fence(bool force) {
    while (fencing_) {
        co_await clock_.sleep(kFenceWaitMs);
    }
    fencing_ = true;
    const auto release = std::shared_ptr<void>(nullptr, [this](void*) { fencing_ = false; });
    std::string path = "/networks";
    auto listed = co_await labelled(std::move(path));
    if (!listed) {
        co_return std::unexpected{listed.error()};
    }
    std::vector<FencedNetwork> networks;
    for (const auto& network : *listed) {
        Json copy = network;
        auto bridge = co_await bridge_of(std::move(copy));
        if (!bridge && bridge.error().code == Code::kNotFound) {
            continue;  // removed meanwhile
        }
        if (!bridge) {
            co_return std::unexpected{bridge.error()};
        }
        const NetworkState state = network_state(network);
        networks.push_back({.bridge = *bridge, .subnet = state.subnet, .gateway = state.gateway});
    }
    const auto now_ms = clock_.monotonic_ms();
    const bool fresh = fenced_at_ms_ && now_ms - *fenced_at_ms_ < kFirewallRefreshMs;
    if (!force && fresh && networks == fenced_) {
        co_return Result<>{};
    }
    std::vector<FencedNetwork> wanted = networks;
    auto done = co_await firewall_.sync(std::move(wanted));
    if (!done && options_.require_isolation) {
        co_return std::unexpected{done.error()};
    }
    fenced_ = std::move(networks);
    fenced_at_ms_ = now_ms;
    co_return Result<>{};
}

Task<Result<NetworkState>> DockerRuntime::ensure_network(std::string lease) {
    CO_TRY_OK(check_key("lease", lease));
    const std::string name = network_name(scope_, lease);
    const std::string path = "/networks/" + name;
    Call look{.method = "GET", .path = path};
    auto found = co_await ask(std::move(look));
    if (!found && found.error().code != Code::kNotFound) {
        co_return std::unexpected{found.error()};
    }
    if (!found) {
        const Json body = {{"Name", name},        {"Driver", "bridge"}, {"CheckDuplicate", true},
                           {"EnableIPv6", false}, {"Internal", false},  {"Labels", ours(options_.instance, lease)}};
        Call create{.method = "POST", .path = "/networks/create", .body = dump(body)};
        auto created = co_await ask(std::move(create));
        if (!created && created.error().code != Code::kConflict) {
            co_return std::unexpected{created.error()};
        }
        Call again{.method = "GET", .path = path};
        found = co_await ask(std::move(again));
        if (!found) {
            co_return std::unexpected{found.error()};
        }
    }
    CO_TRY_OK(co_await fence(false));
    co_return network_state(found->json);
}

Task<Result<>> DockerRuntime::remove_network(std::string lease) {
    CO_TRY_OK(check_key("lease", lease));
    Call call{.method = "DELETE", .path = "/networks/" + network_name(scope_, lease)};
    auto gone = co_await ask(std::move(call));
    if (!gone && gone.error().code != Code::kNotFound) {
        co_return std::unexpected{gone.error()};
    }
    co_return co_await fence(gone.has_value());
}

Task<Result<std::vector<NetworkState>>> DockerRuntime::list_networks() {
    std::string path = "/networks";
    auto listed = co_await labelled(std::move(path));
    if (!listed) {
        co_return std::unexpected{listed.error()};
    }
    std::vector<NetworkState> out;
    for (const auto& network : *listed) {
        out.push_back(network_state(network));
    }
    co_return out;
}

Task<Result<VolumeState>> DockerRuntime::ensure_volume(std::string lease, std::string key, std::uint64_t size_bytes) {
    CO_TRY_OK(check_key("lease", lease));
    CO_TRY_OK(check_key("volume", key));
    const std::string name = volume_name(scope_, lease, key);
    Call look{.method = "GET", .path = "/volumes/" + name};
    auto found = co_await ask(std::move(look));
    if (!found && found.error().code != Code::kNotFound) {
        co_return std::unexpected{found.error()};
    }
    if (found) {
        co_return volume_state(found->json);
    }
    Json labels = ours(options_.instance, lease);
    labels[std::string(kLabelVolume)] = key;
    labels[std::string(kLabelSize)] = std::to_string(size_bytes);
    const Json body = {{"Name", name}, {"Driver", "local"}, {"Labels", labels}};
    Call create{.method = "POST", .path = "/volumes/create", .body = dump(body)};
    auto created = co_await ask(std::move(create));
    if (!created) {
        co_return std::unexpected{created.error()};
    }
    co_return volume_state(created->json);
}

Task<Result<>> DockerRuntime::remove_volume(std::string lease, std::string key) {
    CO_TRY_OK(check_key("lease", lease));
    CO_TRY_OK(check_key("volume", key));
    Call call{.method = "DELETE", .path = "/volumes/" + volume_name(scope_, lease, key)};
    auto gone = co_await ask(std::move(call));
    if (!gone && gone.error().code != Code::kNotFound) {
        co_return std::unexpected{gone.error()};
    }
    co_return Result<>{};
}

Task<Result<std::vector<VolumeState>>> DockerRuntime::list_volumes() {
    std::string path = "/volumes";
    auto listed = co_await labelled(std::move(path));
    if (!listed) {
        co_return std::unexpected{listed.error()};
    }
    std::vector<VolumeState> out;
    for (const auto& volume : at(*listed, {"Volumes"})) {
        out.push_back(volume_state(volume));
    }
    co_return out;
}

}  // namespace sublet::runtime
