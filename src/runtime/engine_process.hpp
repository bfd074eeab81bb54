// engine_process.hpp: finds the socket of a container engine, or runs one of our own (`podman system service`) as a
// child.
#pragma once

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "net/host.hpp"
#include "net/http.hpp"
#include "runtime/process.hpp"

namespace sublet::runtime {

inline constexpr std::size_t kMaxSocketPath = 107;  // sockaddr_un
inline constexpr std::uint64_t kEngineStartMs = 20'000;
inline constexpr std::uint64_t kEngineRestartPauseMs = 1'000;

struct EngineOptions {
    std::string socket;                  // path or unix:// URL; not empty: this one and no other
    std::filesystem::path state_folder;  // for our own service: configuration, socket, log; absolute
    bool start = true;                   // may start a service of our own
    bool own = false;                    // only a service of our own, even where a socket answers
    std::string registries_conf;         // for our own service: file that names registry mirrors; empty: the machine's
    std::string name = "engine";         // of its socket and log in the folder
    int network = -1;                    // as ProcessRequest's
    std::vector<std::string> env;        // more for our own service
};

// Where the engine answers. Owns the service when it is ours: stops it when destroyed, and it dies with us.
class EngineProcess {
public:
    // Order: options.socket, CONTAINER_HOST, DOCKER_HOST, /run/podman/podman.sock, /run/docker.sock, else our own.
    // Errors: kNotFound (no socket answers, and no podman to start), kTimeout (ours does not come up: quotes its log),
    // kBadField (a socket path that is too long).
    static net::Task<Result<std::unique_ptr<EngineProcess>>> find(net::Transport& transport, net::Clock& clock,
                                                                  EngineOptions options);
    EngineProcess(const EngineProcess&) = delete;
    EngineProcess& operator=(const EngineProcess&) = delete;
    ~EngineProcess();

    [[nodiscard]] const net::Endpoint& endpoint() const { return endpoint_; }
    [[nodiscard]] bool ours() const { return ours_; }
    [[nodiscard]] const std::string& found_by() const { return found_by_; }  // for people: "DOCKER_HOST", …
    // Starts our service again if it has died; call it when the engine does not answer, and now and then.
    net::Task<Result<>> ensure();
    // Containers run on; only the service ends.
    void stop();

private:
    EngineProcess(net::Transport& transport, net::Clock& clock, EngineOptions options);
    net::Task<Result<>> launch();

    net::Transport& transport_;
    net::Clock& clock_;
    EngineOptions options_;
    net::Endpoint endpoint_;
    std::string found_by_;
    bool ours_ = false;
    Child child_;
};

struct SocketCandidate {
    std::string path, found_by;
};
// The places to look at, in order; reads the environment.
std::vector<SocketCandidate> socket_candidates(const EngineOptions& options);

// What our own service is configured with; `seccomp` is the profile of its containers, empty for its own.
std::string own_containers_conf(const std::filesystem::path& seccomp);

}  // namespace sublet::runtime
