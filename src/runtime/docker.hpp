// docker.hpp: the Runtime over the Docker Engine API (v1.40 or later) on a unix socket: podman's service and docker
// alike.
#pragma once

#include <memory>

#include "net/host.hpp"
#include "net/http.hpp"
#include "runtime/firewall.hpp"
#include "runtime/runtime.hpp"

namespace sublet::runtime {

struct DockerOptions {
    net::Endpoint endpoint;         // unix socket of the engine
    std::string instance;           // whose containers these are: [a-z0-9-], unique on this machine
    bool require_isolation = true;  // no network without the firewall's rules; false: for machines fenced off otherwise
    std::string pull_socket = {};   // of another service of the same engine, which pulls images; empty: the endpoint
};

// `transport`, `clock` and `firewall` outlive it. All calls from one loop; several may be under way at once.
std::unique_ptr<Runtime> docker_runtime(net::Transport& transport, net::Clock& clock, Firewall& firewall,
                                        DockerOptions options);

}  // namespace sublet::runtime
