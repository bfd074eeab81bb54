// docker_json.hpp: the Docker Engine API's JSON (v1.40) against our types. Pure functions: no input or output.
#pragma once

#include <string>
#include <string_view>

#include "runtime/json_view.hpp"
#include "runtime/states.hpp"

namespace sublet::runtime {

// Published images change owner and user when they start (redis, postgres), bind port 80 and signal their children;
// nothing else is given. NET_RAW stays out: with it a container could forge addresses.
inline constexpr const char* kKeptCapabilities[] = {"CHOWN",  "DAC_OVERRIDE", "FOWNER",  "FSETID",          "KILL",
                                                    "SETGID", "SETUID",       "SETPCAP", "NET_BIND_SERVICE"};
inline constexpr std::int64_t kMaxOpenFiles = 20'000;  // engines' own defaults are refused on small machines
inline constexpr std::int64_t kMaxProcesses = 32'768;
inline constexpr const char* kMaxLogSize = "10m";  // of each container, kept by the engine

struct NameScope {
    std::string instance;  // of the agent: two agents on one machine do not see each other's objects
    bool podman = false;
};

// Errors: kBadField (names the key and the rule).
Result<> check_key(std::string_view what, std::string_view key);

// "sublet_<instance>_<lease>[_<part>…]": '_' is in no key, so two leases never collide.
std::string network_name(const NameScope& scope, std::string_view lease);
std::string volume_name(const NameScope& scope, std::string_view lease, std::string_view key);
std::string container_name(const NameScope& scope, const ContainerSpec& spec);

// Checks every field of the spec. Errors: kBadField.
Result<Json> create_body(const NameScope& scope, const ContainerSpec& spec);
// From GET /containers/{id}/json.
ContainerState container_state(const NameScope& scope, const Json& inspect);
EngineInfo engine_info(const Json& version, const Json& info);
Stats stats_from(const Json& stats);
std::optional<EngineEvent> event_from(const Json& event);

// RFC 3339 with any fraction and zone → unix ms; 0 for Go's zero time and for what is not a time.
std::uint64_t unix_ms_from(std::string_view rfc3339);

// An image reference as the create call wants it: name and tag apart, "latest" when there is neither tag nor digest.
struct ImageName {
    std::string name, tag;  // a digest stays in the name and the tag is empty
};
ImageName split_image(std::string_view image);

// The whole name as docker reads a short one: "redis" → "docker.io/library/redis:latest". Engines that look a short
// name up take any local image that ends so ("localhost/x/redis"), which would give a tenant somebody else's program.
std::string canonical_image(std::string_view image);

// Where an engine would have it from, without a port: "docker.io", "192.0.2.1", "::1".
std::string registry_host(std::string_view image);

// Podman says {"cause","message"}, docker {"message"}; falls back to the text itself, cut short.
std::string engine_words(std::string_view body);

}  // namespace sublet::runtime
