// doctor.cpp: the checks, one function each. Whatever is not found is said; nothing here stops a caller.
#include "runtime/doctor.hpp"

#include <arpa/inet.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <fstream>

#include "net/quiet.hpp"
#include "runtime/docker.hpp"
#include "runtime/hardware.hpp"

namespace sublet::runtime {
namespace {

using Findings = std::vector<Finding>;

constexpr const char* kBusybox = "/bin/busybox";
constexpr const char* kProbeLease = "doctor";
constexpr std::uint64_t kProbeWaitMs = 10'000;
constexpr std::uint64_t kProbePollMs = 50;
constexpr std::uint64_t kOldestClockMs = 1'735'689'600'000;  // 2025-01-01: before that the clock was never set
constexpr rlim_t kWantedFiles = 20'000;

// Two doctors at once must not take each other's containers away.
std::string instance_name() { return "doctor-" + std::to_string(::getpid()); }

std::string probe_image() { return "localhost/sublet-" + instance_name() + ":1"; }

std::string gigabytes(std::uint64_t bytes) { return std::to_string(bytes >> 30U) + " GiB"; }

void add(Findings& out, std::string what, Verdict verdict, std::string detail, std::string mend = "") {
    out.push_back({std::move(what), verdict, std::move(detail), std::move(mend)});
}

void check_hardware(Findings& out, const DoctorOptions& options, const std::string& data_root) {
    const auto hardware = detect_hardware(data_root.empty() ? "/var/lib" : data_root);
    if (!hardware) {
        add(out, "hardware", Verdict::kWarn, hardware.error().message);
        return;
    }
    add(out, "processors", Verdict::kOk, std::to_string(hardware->cpus) + " cores, " + hardware->cpu_model);
    add(out, "memory", Verdict::kOk,
        gigabytes(hardware->memory_free_bytes) + " free of " + gigabytes(hardware->memory_bytes));
    const bool room = hardware->disk_free_bytes >= options.disk_min_bytes;
    add(out, "disk", room ? Verdict::kOk : Verdict::kFail,
        gigabytes(hardware->disk_free_bytes) + " free of " + gigabytes(hardware->disk_bytes) + " for containers",
        room ? "" : "podman system prune -a   # frees images that nothing uses");
    std::string cards;
    for (const auto& gpu : hardware->gpus) {
        cards += (cards.empty() ? "" : ", ") + gpu.vendor + " " + gpu.model + " " + gigabytes(gpu.memory_bytes);
    }
    add(out, "graphics cards", Verdict::kOk, cards.empty() ? "none (that is fine)" : cards);
}

void check_machine(Findings& out, net::Clock& clock) {
    rlimit files{};
    getrlimit(RLIMIT_NOFILE, &files);
    const bool enough = files.rlim_max == RLIM_INFINITY || files.rlim_max >= kWantedFiles;
    add(out, "open files", enough ? Verdict::kOk : Verdict::kFail, "limit " + std::to_string(files.rlim_max),
        enough ? "" : "ulimit -Hn 20000   # or LimitNOFILE=20000 in the systemd unit");
    std::ifstream ranges("/etc/subuid");
    std::string first;
    const bool subuid = static_cast<bool>(std::getline(ranges, first));
    add(out, "user namespaces", subuid ? Verdict::kOk : Verdict::kWarn,
        subuid ? "/etc/subuid has " + first : "no ranges in /etc/subuid: containers cannot have users of their own",
        subuid ? ""
               : "apt-get install uidmap && usermod --add-subuids 100000-165535 --add-subgids 100000-165535 $USER");
    const bool set = clock.unix_ms() > kOldestClockMs;
    add(out, "clock", set ? Verdict::kOk : Verdict::kFail, set ? "is set" : "shows a time before 2025",
        set ? "" : "timedatectl set-ntp true");
}

void check_ports(Findings& out, const DoctorOptions& options) {
    for (const auto port : options.ports) {
        const int fd = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
        const int reuse = 1;
        ::setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &reuse, sizeof reuse);
        sockaddr_in address{};
        address.sin_family = AF_INET;
        address.sin_port = htons(port);
        address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        const bool free = ::bind(fd, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0;
        const std::string why = free ? "is free" : std::strerror(errno);
        ::close(fd);
        add(out, "port " + std::to_string(port), free ? Verdict::kOk : Verdict::kFail, why,
            free ? "" : "ss -ltnp 'sport = :" + std::to_string(port) + "'   # shows who has it");
    }
}

net::Task<> check_firewall(Findings& out) {
    auto firewall = nft_firewall(instance_name());
    std::vector<FencedNetwork> probe = {
        {.bridge = "subletdoctor", .subnet = "10.255.254.0/24", .gateway = "10.255.254.1"}};
    auto on = co_await firewall->sync(std::move(probe));
    std::vector<FencedNetwork> none;
    auto off = co_await firewall->sync(std::move(none));
    const bool works = on && off;
    add(out, "firewall", works ? Verdict::kOk : Verdict::kFail,
        works ? "nftables can fence containers off from this machine and its network" : (on ? off : on).error().message,
        works ? "" : "apt-get install nftables   # and run as root");
}

// Runs `busybox echo` with the limits that every lease gets, and reads its output back.
net::Task<Result<std::string>> probe_container(Runtime& runtime, net::Clock& clock) {
    ContainerSpec spec{.lease = kProbeLease, .service = "probe", .revision = "1", .image = probe_image()};
    spec.entrypoint = {"/bin/busybox", "sh", "-c", "echo it runs; id -u"};
    spec.cpu_milli = 100;
    spec.memory_bytes = 32ULL << 20U;
    spec.pids_max = 16;
    auto id = co_await runtime.create(std::move(spec));
    if (!id) {
        co_return std::unexpected{id.error()};
    }
    std::string copy = *id;
    CO_TRY_OK(co_await runtime.start(std::move(copy)));
    for (std::uint64_t waited = 0; waited < kProbeWaitMs; waited += kProbePollMs) {
        copy = *id;
        auto state = co_await runtime.inspect(std::move(copy));
        if (!state) {
            co_return std::unexpected{state.error()};
        }
        if (state->phase == Phase::kExited) {
            auto said = std::make_shared<std::string>();
            LogSink sink = [said](LogLine line) -> Task<Result<>> {
                *said += line.text + " ";
                co_return Result<>{};
            };
            LogOptions all;
            copy = *id;
            CO_TRY_OK(co_await runtime.logs(std::move(copy), all, std::move(sink)));
            if (state->exit_code != 0 || !said->starts_with("it runs")) {
                co_return fail(Code::kEngine, "it ended with " + std::to_string(state->exit_code) + ": " + *said);
            }
            co_return *said;
        }
        co_await clock.sleep(kProbePollMs);
    }
    co_return fail(Code::kTimeout, "a container that only prints a word had not ended after 10 s");
}

net::Task<> clean_up(Runtime& runtime, net::Transport& transport, net::Endpoint engine) {
    auto left = co_await runtime.list();
    if (left) {
        for (const auto& container : *left) {
            std::string id = container.id;
            auto removed = co_await runtime.remove(std::move(id));
            (void)removed;
        }
    }
    std::string lease = kProbeLease;
    auto network = co_await runtime.remove_network(std::move(lease));
    std::string image = probe_image();
    auto gone = co_await remove_image(transport, std::move(engine), std::move(image));
    (void)network;
    (void)gone;
}

net::Task<> check_container(Findings& out, net::Transport& transport, net::Clock& clock, net::Endpoint engine) {
    const std::string what = "running a container";
    auto archive = busybox_archive(kBusybox);
    if (!archive) {
        add(out, what, Verdict::kWarn, "not tried: " + archive.error().message, "apt-get install busybox-static");
        co_return;
    }
    auto firewall = nft_firewall(instance_name());
    DockerOptions options{.endpoint = engine, .instance = instance_name(), .require_isolation = false};
    auto runtime = docker_runtime(transport, clock, *firewall, std::move(options));
    const auto started_ms = clock.monotonic_ms();
    std::string image = probe_image();
    Bytes content = std::move(*archive);
    net::Endpoint where = engine;
    auto done = co_await import_image(transport, std::move(where), std::move(image), std::move(content));
    std::string lease = kProbeLease;
    Result<> network = done;
    if (done) {
        auto made = co_await runtime->ensure_network(std::move(lease));
        network = made ? Result<>{} : Result<>{std::unexpected{made.error()}};
    }
    Result<std::string> ran = fail(Code::kEngine, network ? "" : network.error().message);
    if (network) {
        ran = co_await probe_container(*runtime, clock);
    }
    const auto took_ms = clock.monotonic_ms() - started_ms;
    net::Endpoint last = engine;
    co_await clean_up(*runtime, transport, std::move(last));
    if (ran) {
        add(out, what, Verdict::kOk, "works, " + std::to_string(took_ms) + " ms from an empty image to its output");
    } else {
        add(out, what, Verdict::kFail, ran.error().message,
            "apt-get install runc netavark aardvark-dns conmon   # and see what the engine said");
    }
}

net::Task<> check_engine(Findings& out, net::Transport& transport, net::Clock& clock, DoctorOptions options) {
    EngineOptions wanted = options.engine;
    auto engine = co_await EngineProcess::find(transport, clock, std::move(wanted));
    if (!engine) {
        add(out, "container engine", Verdict::kFail, engine.error().message,
            "apt-get install podman runc netavark aardvark-dns conmon fuse-overlayfs catatonit");
        check_hardware(out, options, "");
        co_return;
    }
    auto firewall = no_firewall();
    DockerOptions access{.endpoint = (*engine)->endpoint(), .instance = instance_name(), .require_isolation = false};
    auto runtime = docker_runtime(transport, clock, *firewall, std::move(access));
    auto info = co_await runtime->info();
    if (!info) {
        add(out, "container engine", Verdict::kFail, info.error().message, "systemctl restart podman.socket");
        check_hardware(out, options, "");
        co_return;
    }
    add(out, "container engine", Verdict::kOk,
        info->name + " " + info->version + " with " + info->runtime + ", " + info->storage_driver + ", by " +
            (*engine)->found_by());
    add(out, "control groups", info->rootless ? Verdict::kWarn : Verdict::kOk,
        "version " + std::to_string(info->cgroup_version) + (info->rootless ? ", rootless: limits may not hold" : ""));
    check_hardware(out, options, info->data_root);
    if (options.run_container) {
        net::Endpoint endpoint = (*engine)->endpoint();
        co_await check_container(out, transport, clock, std::move(endpoint));
    }
}

}  // namespace

std::string_view verdict_name(Verdict verdict) {
    return verdict == Verdict::kOk ? "ok" : verdict == Verdict::kWarn ? "warn" : "fail";
}

net::Task<std::vector<Finding>> examine(net::Transport& transport, net::Clock& clock, DoctorOptions options) {
    Findings out;
    check_machine(out, clock);
    check_ports(out, options);
    co_await check_firewall(out);
    DoctorOptions copy = options;
    co_await check_engine(out, transport, clock, std::move(copy));
    co_return out;
}

}  // namespace sublet::runtime
