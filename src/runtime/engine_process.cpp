// engine_process.cpp: probing sockets, and starting podman's service with a configuration that works where defaults do
// not.
#include "runtime/engine_process.hpp"
#include "net/quiet.hpp"

#include <cstdlib>
#include <fstream>
#include <sstream>

#include "runtime/seccomp.hpp"

namespace sublet::runtime {
namespace {

constexpr std::uint64_t kProbeMs = 3'000;
constexpr std::uint64_t kPollMs = 50;
constexpr std::size_t kLogTailBytes = 600;

std::string path_of(std::string text) {
    if (text.starts_with("unix://")) {
        text.erase(0, 7);
    }
    return text;
}

net::Endpoint at_socket(const std::string& path) {
    net::Endpoint endpoint;
    endpoint.unix_path = path;
    return endpoint;
}

net::Task<bool> answers(net::Transport& transport, std::string path) {
    std::error_code missing;
    if (!std::filesystem::exists(path, missing)) {
        co_return false;
    }
    net::Endpoint endpoint = at_socket(path);
    net::Request request;
    request.target = "/_ping";
    request.headers["host"] = "engine";
    auto response = co_await transport.send(std::move(endpoint), std::move(request), kProbeMs);
    co_return response && response->status == 200;
}

std::string log_tail(const std::filesystem::path& path) {
    std::ifstream file(path);
    std::stringstream text;
    text << file.rdbuf();
    const std::string all = text.str();
    return all.size() > kLogTailBytes ? all.substr(all.size() - kLogTailBytes) : all;
}

// A file that says so already stays as it is: another service of ours may be reading it.
Result<> write_text(const std::filesystem::path& path, const std::string& text) {
    std::stringstream there;
    there << std::ifstream(path).rdbuf();
    if (there.str() == text) {
        return {};
    }
    std::ofstream file(path, std::ios::trunc);
    file << text;
    file.close();
    if (!file) {
        return fail(Code::kIo, "cannot write " + path.string());
    }
    return {};
}

// The profile of our containers, or nothing where the machine has none to begin with.
Result<std::filesystem::path> write_seccomp(const std::filesystem::path& folder) {
    const std::filesystem::path published = published_seccomp();
    if (published.empty()) {
        return std::filesystem::path{};
    }
    std::ifstream file(published);
    std::stringstream text;
    text << file.rdbuf();
    TRY(profile, hardened_seccomp(text.str()));
    const std::filesystem::path out = folder / "seccomp.json";
    TRY_OK(write_text(out, profile));
    return out;
}

}  // namespace

// Hybrid control groups refuse Debian's default runtime crun, small machines refuse podman's default limits, and there
// may be neither systemd nor its journal.
std::string own_containers_conf(const std::filesystem::path& seccomp) {
    const std::string profile = seccomp.empty() ? "" : "seccomp_profile=\"" + seccomp.string() + "\"\n";
    return "[engine]\nruntime=\"runc\"\ncgroup_manager=\"cgroupfs\"\nevents_logger=\"file\"\n"
           "exit_command_delay=5\n"
           "[containers]\ndefault_ulimits=[\"nofile=20000:20000\",\"nproc=32768:32768\"]\n" +
           profile;
}

std::vector<SocketCandidate> socket_candidates(const EngineOptions& options) {
    if (!options.socket.empty()) {
        return {{path_of(options.socket), "the configured socket"}};
    }
    std::vector<SocketCandidate> out;
    for (const char* name : {"CONTAINER_HOST", "DOCKER_HOST"}) {
        const char* value = std::getenv(name);
        if (value != nullptr && std::string_view(value).starts_with("unix://")) {
            out.push_back({path_of(value), name});
        }
    }
    out.push_back({"/run/podman/podman.sock", "podman's socket"});
    out.push_back({"/run/docker.sock", "docker's socket"});
    return out;
}

EngineProcess::EngineProcess(net::Transport& transport, net::Clock& clock, EngineOptions options)
    : transport_(transport), clock_(clock), options_(std::move(options)) {}

EngineProcess::~EngineProcess() { stop(); }

net::Task<Result<std::unique_ptr<EngineProcess>>> EngineProcess::find(net::Transport& transport, net::Clock& clock,
                                                                      EngineOptions options) {
    std::unique_ptr<EngineProcess> engine(new EngineProcess(transport, clock, std::move(options)));
    const EngineOptions& wanted = engine->options_;
    if (!wanted.own) {
        const auto candidates = socket_candidates(wanted);
        for (const auto& candidate : candidates) {
            std::string path = candidate.path;
            const bool there = co_await answers(transport, std::move(path));
            if (there) {
                engine->endpoint_ = at_socket(candidate.path);
                engine->found_by_ = candidate.found_by;
                co_return engine;
            }
        }
        if (!wanted.socket.empty()) {
            co_return fail(Code::kNotFound, "no container engine answers on " + wanted.socket +
                                                ": start it, or leave the socket out to let one be found");
        }
    }
    if (!wanted.start && !wanted.own) {
        co_return fail(Code::kNotFound, "no container engine answers: start docker, or podman's socket");
    }
    CO_TRY_OK(co_await engine->launch());
    co_return engine;
}

net::Task<Result<>> EngineProcess::launch() {
    if (find_program("podman").empty()) {
        co_return fail(Code::kNotFound,
                       "no container engine answers and podman is not installed: apt-get install podman runc netavark "
                       "aardvark-dns");
    }
    const auto& folder = options_.state_folder;
    const std::string socket = (folder / (options_.name + ".sock")).string();
    if (!folder.is_absolute() || socket.size() > kMaxSocketPath) {
        co_return fail(Code::kBadField,
                       "the engine's folder " + folder.string() +
                           " must be absolute and at most 95 characters long (unix sockets ask for it)");
    }
    std::error_code failed;
    std::filesystem::create_directories(folder, failed);
    std::filesystem::permissions(folder, std::filesystem::perms::owner_all, failed);
    std::filesystem::remove(socket, failed);
    CO_TRY(profile, write_seccomp(folder));
    CO_TRY_OK(write_text(folder / "containers.conf", own_containers_conf(profile)));
    ProcessRequest service;
    service.argv = {"podman", "system", "service", "--time=0", "unix://" + socket};
    service.folder = folder.string();  // container monitors note an end for want of memory in a file where they run
    service.env = {"CONTAINERS_CONF=" + (folder / "containers.conf").string()};
    service.network = options_.network;
    service.env.insert(service.env.end(), options_.env.begin(), options_.env.end());
    if (!options_.registries_conf.empty()) {
        service.env.push_back("CONTAINERS_REGISTRIES_CONF=" + options_.registries_conf);
    }
    const std::filesystem::path log = folder / (options_.name + ".log");
    CO_TRY_OK(child_.start(service, log.string()));
    ours_ = true;
    endpoint_ = at_socket(socket);
    found_by_ = "our own podman service";
    const auto deadline_ms = clock_.monotonic_ms() + kEngineStartMs;
    while (clock_.monotonic_ms() < deadline_ms) {
        std::string path = socket;
        const bool there = co_await answers(transport_, std::move(path));
        if (there) {
            co_return Result<>{};
        }
        if (!child_.running()) {
            co_return fail(Code::kEngine, "podman's service ended with code " + std::to_string(child_.exit_code()) +
                                              ": " + log_tail(log));
        }
        co_await clock_.sleep(kPollMs);
    }
    child_.stop();
    co_return fail(Code::kTimeout, "podman's service did not answer within 20 s: " + log_tail(log));
}

net::Task<Result<>> EngineProcess::ensure() {
    if (!ours_ || child_.running()) {
        co_return Result<>{};
    }
    co_await clock_.sleep(kEngineRestartPauseMs);  // a service that dies at once must not spin
    co_return co_await launch();
}

void EngineProcess::stop() {
    if (!ours_) {
        return;
    }
    child_.stop();
    std::error_code ignored;
    std::filesystem::remove(endpoint_.unix_path, ignored);
}

}  // namespace sublet::runtime
