// docker_real_test.cpp: the whole room against a real engine of its own: limits, names, ports, logs, freezing, the
// fence, and that nothing is left behind. Skipped with a word where podman, busybox-static or root is missing.
#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>

#include "net/quiet.hpp"
#include "net/run.hpp"
#include "runtime/docker.hpp"
#include "runtime/doctor.hpp"
#include "runtime/engine_process.hpp"

namespace sublet::runtime {
namespace {

constexpr std::uint16_t kServicePort = 8080;
constexpr std::uint64_t kMemory = 48ULL << 20U;

class RealEngine : public testing::Test {
protected:
    static void SetUpTestSuite() {
        if (::getuid() != 0 || find_program("podman").empty() || find_program("nft").empty() ||
            !std::filesystem::exists("/bin/busybox")) {
            return;
        }
        world = std::make_unique<World>();
    }
    static void TearDownTestSuite() { world.reset(); }
    void SetUp() override {
        if (world == nullptr) {
            GTEST_SKIP() << "needs root, podman, nftables and busybox-static";
        }
        ASSERT_TRUE(world->runtime) << world->why;
    }

    struct World {
        net::Loop loop;
        std::unique_ptr<net::Transport> transport = net::system_transport(loop);
        std::unique_ptr<net::Clock> clock = net::system_clock();
        std::string instance = "test-" + std::to_string(::getpid());
        std::filesystem::path folder = std::filesystem::temp_directory_path() / ("sublet-" + instance);
        std::string image = "localhost/sublet-" + instance + ":1";
        std::unique_ptr<Firewall> firewall = nft_firewall(instance);
        std::unique_ptr<EngineProcess> engine;
        std::unique_ptr<Runtime> runtime;
        std::string why;

        World() {
            EngineOptions options{.state_folder = folder, .own = true};
            auto found = net::run(loop, EngineProcess::find(*transport, *clock, std::move(options)));
            if (!found) {
                why = found.error().message;
                return;
            }
            engine = std::move(*found);
            auto archive = busybox_archive("/bin/busybox");
            Bytes content = archive ? std::move(*archive) : Bytes();
            auto imported = net::run(loop, import_image(*transport, engine->endpoint(), image, std::move(content)));
            if (!imported) {
                why = imported.error().message;
                return;
            }
            DockerOptions access{.endpoint = engine->endpoint(), .instance = instance};
            runtime = docker_runtime(*transport, *clock, *firewall, std::move(access));
        }

        ~World() {
            if (runtime) {
                for (const auto& container : net::run(loop, runtime->list()).value_or(std::vector<ContainerState>{})) {
                    (void)net::run(loop, runtime->remove(container.id));
                }
                for (const auto& network :
                     net::run(loop, runtime->list_networks()).value_or(std::vector<NetworkState>{})) {
                    (void)net::run(loop, runtime->remove_network(network.lease));
                }
                for (const auto& volume :
                     net::run(loop, runtime->list_volumes()).value_or(std::vector<VolumeState>{})) {
                    (void)net::run(loop, runtime->remove_volume(volume.lease, volume.key));
                }
                (void)net::run(loop, remove_image(*transport, engine->endpoint(), image));
            }
            if (engine) {
                engine->stop();
            }
            std::error_code ignored;
            std::filesystem::remove_all(folder, ignored);
        }
    };

    static ContainerSpec spec_of(const std::string& lease, const std::string& service, const std::string& script) {
        ContainerSpec spec;
        spec.lease = lease;
        spec.service = service;
        spec.revision = "1";
        spec.image = world->image;
        spec.entrypoint = {"/bin/sh", "-c"};
        spec.args = {script};
        spec.cpu_milli = 250;
        spec.memory_bytes = kMemory;
        spec.pids_max = 32;
        return spec;
    }

    template <class T>
    static T run(Task<T> task) {
        return net::run(world->loop, std::move(task));
    }

    // Creates the network and the container and starts it; gives the id.
    static std::string up(ContainerSpec spec) {
        auto network = run(world->runtime->ensure_network(spec.lease));
        EXPECT_TRUE(network) << (network ? "" : network.error().message);
        auto id = run(world->runtime->create(std::move(spec)));
        EXPECT_TRUE(id) << (id ? "" : id.error().message);
        auto started = run(world->runtime->start(id.value_or("")));
        EXPECT_TRUE(started) << (started ? "" : started.error().message);
        return id.value_or("");
    }

    static ExecResult shell(const std::string& id, const std::string& script) {
        std::vector<std::string> argv = {"/bin/sh", "-c", script};
        auto result = run(world->runtime->exec(id, std::move(argv)));
        EXPECT_TRUE(result) << (result ? "" : result.error().message);
        return result.value_or(ExecResult{.exit_code = -1});
    }

    // Whether a request from inside does not get through; a tool that breaks is no proof (busybox's `wget -T` crashes).
    static bool blocked(const std::string& id, const std::string& url) {
        const auto result = shell(id, "busybox timeout 2 wget -q -O - " + url);
        EXPECT_NE(result.exit_code, 139) << result.err;
        return result.exit_code != 0;
    }

    static std::vector<std::string> log_of(const std::string& id) {
        auto lines = std::make_shared<std::vector<std::string>>();
        LogSink sink = [lines](LogLine line) -> Task<Result<>> {
            lines->push_back((line.err ? "err " : "out ") + line.text);
            co_return Result<>{};
        };
        EXPECT_TRUE(run(world->runtime->logs(id, LogOptions{}, std::move(sink))));
        return *lines;
    }

    // False where the machine is itself a plain chroot: joining a mount namespace then leads to its outer root.
    bool exec_enters(const std::string& id) { return shell(id, "test ! -e /usr/bin/env").exit_code == 0; }

    static std::unique_ptr<World> world;
};

std::unique_ptr<RealEngine::World> RealEngine::world;

TEST_F(RealEngine, KnowsItself) {
    auto info = run(world->runtime->info());
    ASSERT_TRUE(info) << info.error().message;
    EXPECT_EQ(info->name, "podman");
    EXPECT_GE(info->cpus, 1U);
    EXPECT_FALSE(run(world->runtime->has_image("localhost/sublet-nothing:1")).value_or(true));
    EXPECT_TRUE(run(world->runtime->has_image(world->image)).value_or(false));
    PullRequest pull{.image = "127.0.0.1:1/nothing/here:1"};
    auto pulled = run(world->runtime->pull(std::move(pull)));
    ASSERT_FALSE(pulled);
    EXPECT_EQ(pulled.error().code, Code::kImage) << pulled.error().message;
}

TEST_F(RealEngine, LifeOfAContainer) {
    auto spec = spec_of("life", "web", "echo hello; echo oops >&2; echo $WORD; httpd -f -p 8080 -h /www");
    spec.env = {"WORD=spoken"};
    spec.ports = {{.container_port = kServicePort}};
    ASSERT_TRUE(run(world->runtime->ensure_volume("life", "data", 1U << 20U)));
    ASSERT_TRUE(run(world->runtime->ensure_volume("life", "data", 1U << 20U)));
    spec.mounts = {{.volume = "data", .path = "/data"}};
    auto copy = spec;
    const std::string id = up(std::move(spec));
    EXPECT_EQ(run(world->runtime->create(std::move(copy))).value_or(""), id);
    EXPECT_TRUE(run(world->runtime->start(id)));
    auto state = run(world->runtime->inspect(id));
    ASSERT_TRUE(state);
    EXPECT_EQ(state->phase, Phase::kRunning);
    EXPECT_EQ(state->lease, "life");
    ASSERT_EQ(state->ports.size(), 1U);
    net::Endpoint published{.host = "127.0.0.1", .port = state->ports[0].host_port};
    net::Request get{.target = "/none"};
    auto page = run(world->transport->send(published, get, 5000));
    for (int i = 0; i < 50 && !page; ++i) {
        run(world->clock->sleep(50));
        page = run(world->transport->send(published, get, 5000));
    }
    ASSERT_TRUE(page) << page.error().message;
    EXPECT_EQ(page->status, 404U);
    const auto log = log_of(id);
    EXPECT_NE(std::ranges::find(log, "out hello"), log.end());
    EXPECT_NE(std::ranges::find(log, "err oops"), log.end());
    EXPECT_NE(std::ranges::find(log, "out spoken"), log.end());
    EXPECT_TRUE(run(world->runtime->pause(id)));
    EXPECT_TRUE(run(world->runtime->pause(id)));
    EXPECT_EQ(run(world->runtime->inspect(id))->phase, Phase::kPaused);
    EXPECT_TRUE(run(world->runtime->unpause(id)));
    EXPECT_TRUE(run(world->runtime->unpause(id)));
    if (!exec_enters(id)) {
        GTEST_SKIP() << "the engine's exec does not enter containers on this machine";
    }
    EXPECT_EQ(shell(id, "echo kept > /data/x; exit 7").exit_code, 7);
    EXPECT_GT(run(world->runtime->stats(id))->memory_bytes, 0U);
    shell(id, "dd if=/dev/zero of=/big bs=1M count=3");
    EXPECT_GE(run(world->runtime->writable_bytes(id)).value_or(0), 3U << 20U);
    EXPECT_TRUE(run(world->runtime->pause(id)));  // also a frozen one can be stopped
    EXPECT_TRUE(run(world->runtime->stop(id, 1)));
    EXPECT_TRUE(run(world->runtime->stop(id, 1)));
    EXPECT_EQ(run(world->runtime->inspect(id))->phase, Phase::kExited);
    EXPECT_TRUE(run(world->runtime->remove(id)));
    EXPECT_TRUE(run(world->runtime->remove(id)));
    const std::string next = up([] {
        auto second = spec_of("life", "web", "cat /data/x; sleep 60");
        second.mounts = {{.volume = "data", .path = "/data"}};
        return second;
    }());
    run(world->clock->sleep(300));
    const auto kept = log_of(next);
    EXPECT_NE(std::ranges::find(kept, "out kept"), kept.end());
}

TEST_F(RealEngine, LimitsHold) {
    const std::string id = up(spec_of("limits", "box", "sleep 60"));
    const auto status =
        shell(id, "grep -E 'NoNewPrivs|Seccomp:|CapEff' /proc/self/status; ulimit -n; ls /sys/class/dmi 2>&1");
    EXPECT_NE(status.out.find("NoNewPrivs:\t1"), std::string::npos) << status.out;
    EXPECT_NE(status.out.find("Seccomp:\t2"), std::string::npos);
    EXPECT_NE(status.out.find("\n20000\n"), std::string::npos);
    const auto net_raw = shell(id, "grep CapBnd /proc/self/status").out;
    ASSERT_GE(net_raw.size(), 6U);
    const auto bound = std::strtoull(net_raw.substr(net_raw.find('\t') + 1).c_str(), nullptr, 16);
    EXPECT_EQ(bound & (1ULL << 13U), 0U) << "NET_RAW";
    EXPECT_EQ(bound & (1ULL << 21U), 0U) << "SYS_ADMIN";
    // More memory than the limit ends the process, not the machine.
    EXPECT_NE(shell(id, "dd if=/dev/zero of=/dev/null bs=200M count=1").exit_code, 0);
    // More processes than the limit are refused; all of them end with the shell.
    const auto forks =
        shell(id,
              "for i in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20 21 22 23 24 25 26 27 28 29 30 "
              "31 32 33 34 35 36; do sleep 3 & done; wait");
    EXPECT_NE(forks.err.find("fork"), std::string::npos) << forks.err;
}

TEST_F(RealEngine, ServicesFindEachOtherAndNobodyElse) {
    const std::string one = up(spec_of("net-a", "one", "sleep 60"));
    if (!exec_enters(one)) {
        GTEST_SKIP() << "the engine's exec does not enter containers on this machine";
    }
    const std::string two = up(spec_of("net-a", "two", "echo ok > /www/i; httpd -f -p 8080 -h /www"));
    const std::string foreign = up(spec_of("net-b", "alone", "echo ok > /www/i; httpd -f -p 8080 -h /www"));
    run(world->clock->sleep(300));
    const auto friendly = shell(one, "busybox timeout 5 wget -q -O - http://two:8080/i");
    EXPECT_EQ(friendly.out, "ok\n") << friendly.err;
    const auto address = run(world->runtime->inspect(foreign))->address;
    ASSERT_FALSE(address.empty());
    EXPECT_TRUE(blocked(one, "http://" + address + ":8080/i")) << "another lease";
    EXPECT_NE(shell(one, "nslookup alone").exit_code, 0);
    const auto networks = run(world->runtime->list_networks());
    ASSERT_TRUE(networks);
    std::string gateway;
    for (const auto& network : *networks) {
        gateway = network.lease == "net-a" ? network.gateway : gateway;
    }
    // A listener of the host on every address, seen from outside the lease only.
    net::Handler handler = [](net::Request) -> Task<net::Response> { co_return net::Response{}; };
    net::ServerOptions open{.address = "0.0.0.0"};
    auto server = net::listen(world->loop, std::move(open), std::move(handler), {}, {});
    ASSERT_TRUE(server);
    const std::string port = std::to_string((*server)->port());
    net::Endpoint self{.host = "127.0.0.1", .port = (*server)->port()};
    net::Request ping;
    EXPECT_TRUE(run(world->transport->send(self, ping, 2000)));
    EXPECT_TRUE(blocked(one, "http://" + gateway + ":" + port + "/")) << "the host";
    EXPECT_TRUE(blocked(one, "http://169.254.169.254/")) << "metadata";
    (*server)->stop();
    EXPECT_TRUE(run(world->runtime->ensure_network("net-a")));
}

TEST_F(RealEngine, ListsAndCleansUp) {
    auto before = run(world->runtime->list());
    ASSERT_TRUE(before);
    for (const auto& container : *before) {
        EXPECT_TRUE(run(world->runtime->remove(container.id)));
    }
    auto networks = run(world->runtime->list_networks());
    ASSERT_TRUE(networks);
    for (const auto& network : *networks) {
        EXPECT_TRUE(run(world->runtime->remove_network(network.lease)));
        EXPECT_TRUE(run(world->runtime->remove_network(network.lease)));
    }
    EXPECT_TRUE(run(world->runtime->list())->empty());
    EXPECT_TRUE(run(world->runtime->list_networks())->empty());
    ProcessRequest list;
    list.argv = {"nft", "list", "tables"};
    auto tables = run(run_process(std::move(list)));
    ASSERT_TRUE(tables);
    std::string table = "sublet_" + world->instance;
    std::ranges::replace(table, '-', '_');
    EXPECT_EQ(tables->out.find(table), std::string::npos) << tables->out;
    EXPECT_TRUE(run(world->runtime->remove_volume("life", "data")));
    EXPECT_TRUE(run(world->runtime->list_volumes())->empty());
}

TEST_F(RealEngine, RulesThatACrashLeftBehindGoAtTheStart) {
    std::string table = "sublet_" + world->instance;
    std::ranges::replace(table, '-', '_');
    ProcessRequest add;
    add.argv = {"nft", "add", "table", "inet", table};
    ASSERT_EQ(run(run_process(std::move(add)))->exit_code, 0);
    EXPECT_TRUE(run(world->runtime->fence_networks()));
    ProcessRequest look;
    look.argv = {"nft", "list", "table", "inet", table};
    EXPECT_NE(run(run_process(std::move(look)))->exit_code, 0);
}

TEST_F(RealEngine, TheServiceCanBeStartedAgain) {
    ASSERT_TRUE(world->engine->ours());
    world->engine->stop();
    EXPECT_FALSE(run(world->runtime->info()));
    ASSERT_TRUE(run(world->engine->ensure()));
    EXPECT_TRUE(run(world->runtime->info()));
}

TEST_F(RealEngine, TheDoctorFindsAHealthyMachine) {
    DoctorOptions options;
    options.engine.socket = world->engine->endpoint().unix_path;
    const auto findings = run(examine(*world->transport, *world->clock, std::move(options)));
    bool ran = false;
    for (const auto& finding : findings) {
        ran = ran || (finding.what == "running a container" && finding.verdict == Verdict::kOk);
        EXPECT_NE(finding.verdict, Verdict::kFail) << finding.what << ": " << finding.detail;
    }
    EXPECT_TRUE(ran);
}

}  // namespace
}  // namespace sublet::runtime
