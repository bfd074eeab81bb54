// docker_json_test.cpp: what is asked of the engine for each container, and what is read from its answers.
#include "runtime/docker_json.hpp"

#include <gtest/gtest.h>
#include <linux/netlink.h>
#include <sys/socket.h>

#include <algorithm>
#include <set>

#include "runtime/firewall.hpp"
#include "runtime/hardware.hpp"
#include "runtime/json_view.hpp"
#include "runtime/seccomp.hpp"

namespace sublet::runtime {
namespace {

const NameScope kPodman{.instance = "t", .podman = true};

ContainerSpec good_spec() {
    ContainerSpec spec;
    spec.lease = "7";
    spec.service = "web";
    spec.revision = "abc";
    spec.image = "redis:8.2.2";
    spec.cpu_milli = 500;
    spec.memory_bytes = 64U << 20U;
    spec.ports = {{.container_port = 80},
                  {.container_port = 53, .host_port = 5353, .udp = true, .host_address = "0.0.0.0"}};
    spec.mounts = {{.volume = "web-data", .path = "/data"}};
    return spec;
}

TEST(Seccomp, TakesAwayForEverybodyAndKeepsTheRest) {
    const auto hardened = hardened_seccomp(R"({"defaultAction":"SCMP_ACT_ERRNO","syscalls":[
        {"names":["read","unshare","clone","clone3"],"action":"SCMP_ACT_ALLOW","includes":{},"args":[]},
        {"names":["keyctl"],"action":"SCMP_ACT_ALLOW"},
        {"names":["setns"],"action":"SCMP_ACT_ALLOW","includes":{"caps":["CAP_SYS_ADMIN"]}}]})");
    ASSERT_TRUE(hardened);
    const Json rules = Json::parse(*hardened)["syscalls"];
    EXPECT_EQ(rules[0]["names"], Json::array({"read"}));
    EXPECT_EQ(rules[1]["names"], Json::array({"setns"}));
    EXPECT_EQ(rules[2]["errnoRet"], 1);
    EXPECT_NE(std::ranges::find(rules[2]["names"], "unshare"), rules[2]["names"].end());
    EXPECT_EQ(rules[3]["names"], Json::array({"clone3"}));
    EXPECT_EQ(rules.back()["args"][0]["value"], 0x7e020000U);
    for (const char* bad : {"", "{}", "[]", R"({"defaultAction":"SCMP_ACT_ALLOW","syscalls":[]})",
                            R"({"defaultAction":"SCMP_ACT_ERRNO","syscalls":[{}]})"}) {
        EXPECT_FALSE(hardened_seccomp(bad)) << bad;
    }
}

// What a rule says of socket(family, …, protocol): every rule that holds must say the same.
std::set<std::string> answers_to_socket(const Json& rules, int family, int protocol) {
    std::set<std::string> out;
    for (const Json& rule : rules) {
        const auto holds = [&](const Json& condition) {
            const int given = condition["index"] == 0 ? family : protocol;
            const int value = condition["value"];
            const std::string op = condition["op"];
            return op == "SCMP_CMP_EQ" ? given == value : given != value;
        };
        if (rule["names"] == Json::array({"socket"}) && std::ranges::all_of(rule["args"], holds)) {
            out.insert(rule["action"].get<std::string>());
        }
    }
    return out;
}

TEST(Seccomp, SocketsOfFourFamiliesAlone) {
    const auto hardened = hardened_seccomp(R"({"defaultAction":"SCMP_ACT_ERRNO","syscalls":[
        {"names":["socket"],"action":"SCMP_ACT_ALLOW","excludes":{"caps":["CAP_AUDIT_WRITE"]}},
        {"names":["socketcall","socketpair"],"action":"SCMP_ACT_ALLOW"}]})");
    ASSERT_TRUE(hardened);
    const Json rules = Json::parse(*hardened)["syscalls"];
    EXPECT_EQ(rules[0]["names"], Json::array({"socketpair"}));
    const std::set<std::string> refused;  // by default
    for (int family = 0; family < 64; ++family) {
        const bool may = family == AF_UNIX || family == AF_INET || family == AF_INET6 || family == AF_NETLINK;
        EXPECT_EQ(answers_to_socket(rules, family, 0), may ? std::set<std::string>{"SCMP_ACT_ALLOW"} : refused)
            << family;
    }
    const auto multiplexed =
        std::ranges::find(rules, Json::array({"socketcall"}), [](const Json& rule) { return rule["names"]; });
    ASSERT_NE(multiplexed, rules.end());
    EXPECT_EQ((*multiplexed)["action"], "SCMP_ACT_ERRNO");
    EXPECT_FALSE(multiplexed->contains("args"));
    EXPECT_EQ(answers_to_socket(rules, AF_NETLINK, NETLINK_AUDIT), std::set<std::string>{"SCMP_ACT_ERRNO"});
}

TEST(CreateBody, HardensAndLimits) {
    const auto body = create_body(kPodman, good_spec());
    ASSERT_TRUE(body);
    const Json& host = at(*body, {"HostConfig"});
    EXPECT_EQ(host["CapDrop"], Json::array({"ALL"}));
    EXPECT_EQ(host["SecurityOpt"], Json::array({"no-new-privileges"}));
    EXPECT_EQ(host["Privileged"], false);
    EXPECT_EQ(host["Memory"], 64U << 20U);
    EXPECT_EQ(host["MemorySwap"], host["Memory"]);
    EXPECT_EQ(host["NanoCpus"], 500'000'000U);
    EXPECT_EQ(host["PidsLimit"], kDefaultPidsMax);
    EXPECT_EQ(host["Ulimits"][0]["Hard"], kMaxOpenFiles);
    EXPECT_EQ(host["NetworkMode"], "sublet_t_7");
    EXPECT_EQ(host["Mounts"][0]["Type"], "volume");
    EXPECT_EQ(host["Mounts"][0]["Source"], "sublet_t_7_web-data");
    EXPECT_EQ(host["PortBindings"]["80/tcp"][0]["HostPort"], "");
    EXPECT_EQ(host["PortBindings"]["53/udp"][0]["HostPort"], "5353");
    EXPECT_FALSE(host.contains("Binds"));
    EXPECT_FALSE(body->contains("Cmd"));
    EXPECT_EQ((*body)["Labels"][std::string(kLabelSpec)], "abc");
    EXPECT_EQ((*body)["NetworkingConfig"]["EndpointsConfig"]["sublet_t_7"]["Aliases"], Json::array({"web"}));
    for (const auto& capability : host["CapAdd"]) {
        EXPECT_NE(capability, "NET_RAW");
        EXPECT_NE(capability, "SYS_ADMIN");
    }
}

TEST(CreateBody, TheCallersLabelsCannotTakeOurs) {
    auto spec = good_spec();
    spec.labels[std::string(kLabelInstance)] = "somebody else";
    const auto body = create_body(kPodman, spec);
    ASSERT_TRUE(body);
    EXPECT_EQ((*body)["Labels"][std::string(kLabelInstance)], "t");
}

TEST(CreateBody, RefusesBadFields) {
    struct Row {
        const char* what;
        void (*spoil)(ContainerSpec&);
    };
    const Row rows[] = {
        {"lease upper case", [](ContainerSpec& s) { s.lease = "A"; }},
        {"lease empty", [](ContainerSpec& s) { s.lease = ""; }},
        {"lease path", [](ContainerSpec& s) { s.lease = "../x"; }},
        {"service too long", [](ContainerSpec& s) { s.service = std::string(kMaxKeyLength + 1, 'a'); }},
        {"no cpu", [](ContainerSpec& s) { s.cpu_milli = 0; }},
        {"no memory", [](ContainerSpec& s) { s.memory_bytes = 0; }},
        {"no image", [](ContainerSpec& s) { s.image = ""; }},
        {"host path as a volume", [](ContainerSpec& s) { s.mounts[0].volume = "/etc"; }},
        {"mount on root", [](ContainerSpec& s) { s.mounts[0].path = "/"; }},
        {"mount relative", [](ContainerSpec& s) { s.mounts[0].path = "data"; }},
        {"mount with dots", [](ContainerSpec& s) { s.mounts[0].path = "/data/../etc"; }},
        {"zero byte", [](ContainerSpec& s) { s.env = {std::string("A=\0b", 4)}; }},
        {"many variables", [](ContainerSpec& s) { s.env.assign(257, "A=b"); }},
    };
    for (const auto& row : rows) {
        auto spec = good_spec();
        row.spoil(spec);
        const auto body = create_body(kPodman, spec);
        ASSERT_FALSE(body) << row.what;
        EXPECT_EQ(body.error().code, Code::kBadField) << row.what;
    }
}

TEST(CreateBody, GraphicsCardsByEngine) {
    auto spec = good_spec();
    spec.gpus = {"GPU-1", "renderD128"};
    const auto podman = create_body(kPodman, spec);
    const auto docker = create_body({.instance = "t"}, spec);
    ASSERT_TRUE(podman && docker);
    EXPECT_EQ((*podman)["HostConfig"]["Devices"][0]["PathOnHost"], "nvidia.com/gpu=GPU-1");
    EXPECT_EQ((*docker)["HostConfig"]["DeviceRequests"][0]["DeviceIDs"], Json::array({"GPU-1"}));
    EXPECT_EQ((*docker)["HostConfig"]["Devices"][0]["PathOnHost"], "/dev/dri/renderD128");
}

TEST(ContainerStateFrom, ReadsPodmansAnswer) {
    const Json inspect = parse_json(R"({"Id":"i","Name":"/sublet_t_7_web_1","RestartCount":2,
        "State":{"Status":"exited","ExitCode":137,"OOMKilled":true,"StartedAt":"2026-11-23T17:07:28.034531994Z",
                 "FinishedAt":"0001-01-01T00:00:00Z","Health":{"Status":""}},
        "Config":{"Image":"redis","Labels":{"sublet.lease":"7","sublet.service":"web","sublet.replica":"1","x":"y"}},
        "NetworkSettings":{"Ports":{"80/tcp":[{"HostIp":"127.0.0.1","HostPort":"34231"}],"99/udp":null},
                           "Networks":{"sublet_t_7":{"IPAddress":"10.89.0.2"}}}})");
    const auto state = container_state(kPodman, inspect);
    EXPECT_EQ(state.name, "sublet_t_7_web_1");
    EXPECT_EQ(state.lease, "7");
    EXPECT_EQ(state.replica, 1U);
    EXPECT_EQ(state.phase, Phase::kExited);
    EXPECT_EQ(state.exit_code, 137);
    EXPECT_TRUE(state.out_of_memory);
    EXPECT_EQ(state.started_unix_ms, 1'795'453'648'034U);
    EXPECT_EQ(state.finished_unix_ms, 0U);
    EXPECT_EQ(state.address, "10.89.0.2");
    ASSERT_EQ(state.ports.size(), 1U);
    EXPECT_EQ(state.ports[0].host_port, 34231);
    EXPECT_EQ(state.labels.at("x"), "y");
}

TEST(Answers, NothingIsTrusted) {
    for (const char* text :
         {"", "null", "[]", "{}", R"({"State":[],"Config":{"Labels":[1]},"NetworkSettings":{"Ports":3}})"}) {
        const Json json = parse_json(text);
        EXPECT_EQ(container_state(kPodman, json).phase, Phase::kOther);
        EXPECT_EQ(stats_from(json).pids, 0U);
        EXPECT_FALSE(event_from(json));
        EXPECT_EQ(engine_info(json, json).name, "docker");
    }
}

TEST(Times, Table) {
    EXPECT_EQ(unix_ms_from("1970-01-01T00:00:01Z"), 1000U);
    EXPECT_EQ(unix_ms_from("1970-01-01T01:00:01.25+01:00"), 1250U);
    EXPECT_EQ(unix_ms_from("0001-01-01T00:00:00Z"), 0U);
    EXPECT_EQ(unix_ms_from("soon"), 0U);
}

TEST(Images, Table) {
    const auto check = [](const char* image, const char* name, const char* tag) {
        const auto split = split_image(image);
        EXPECT_EQ(split.name, name) << image;
        EXPECT_EQ(split.tag, tag) << image;
    };
    check("redis", "redis", "latest");
    check("redis:8.2.2", "redis", "8.2.2");
    check("127.0.0.1:5000/a/b", "127.0.0.1:5000/a/b", "latest");
    check("host:5000/a:1", "host:5000/a", "1");
    check("a@sha256:00ff", "a@sha256:00ff", "");
}

TEST(Images, WholeNames) {
    const auto check = [](const char* image, const char* whole) { EXPECT_EQ(canonical_image(image), whole); };
    check("redis", "docker.io/library/redis:latest");
    check("redis:8.2.2", "docker.io/library/redis:8.2.2");
    check("sublet/web:1", "docker.io/sublet/web:1");
    check("docker.io/redis:7", "docker.io/library/redis:7");
    check("docker.io/library/redis:7", "docker.io/library/redis:7");
    check("localhost/x/redis:1", "localhost/x/redis:1");
    check("ghcr.io/a/b:2", "ghcr.io/a/b:2");
    check("host:5000/a", "host:5000/a:latest");
    check("a/b@sha256:00ff", "docker.io/a/b@sha256:00ff");
}

TEST(Firewall, RulesFollowTheNetworks) {
    const auto none = nft_rules("my-agent", {});
    ASSERT_TRUE(none);
    EXPECT_EQ(*none, "table inet sublet_my_agent\ndelete table inet sublet_my_agent\n");
    const FencedNetwork one{.bridge = "podman1", .subnet = "10.89.0.0/24", .gateway = "10.89.0.1"};
    const FencedNetwork two{.bridge = "podman2", .subnet = "10.89.1.0/24", .gateway = "10.89.1.1"};
    const auto both = nft_rules("a", {two, one});
    ASSERT_TRUE(both);
    EXPECT_EQ(*both, *nft_rules("a", {one, two}));
    EXPECT_NE(both->find("\"podman1\", \"podman2\""), std::string::npos);
    EXPECT_NE(both->find("ip daddr != 10.89.1.1 drop"), std::string::npos);
    EXPECT_NE(both->find("169.254.0.0/16"), std::string::npos);
    for (const FencedNetwork& bad : {FencedNetwork{.bridge = "", .subnet = "10.0.0.0/8", .gateway = "10.0.0.1"},
                                     FencedNetwork{.bridge = "a b", .subnet = "10.0.0.0/8", .gateway = "10.0.0.1"},
                                     FencedNetwork{.bridge = "a", .subnet = "fd00::/64", .gateway = "fd00::1"},
                                     FencedNetwork{.bridge = "a", .subnet = "10.0.0.0/8", .gateway = "x;flush"}}) {
        EXPECT_FALSE(nft_rules("a", {bad}));
    }
}

TEST(Firewall, AChangeKeepsTheCountsOfNetworksThatStay) {
    const FencedNetwork stays{.bridge = "br-1", .subnet = "10.89.0.0/24", .gateway = "10.89.0.1"};
    const FencedNetwork goes{.bridge = "br-2", .subnet = "10.89.1.0/24", .gateway = "10.89.1.1"};
    const auto text = nft_update("a", {stays}, {goes, stays});
    ASSERT_TRUE(text);
    EXPECT_EQ(text->find("delete table"), std::string::npos);
    EXPECT_EQ(text->find("delete set inet sublet_a flows_br_1"), std::string::npos);
    EXPECT_NE(text->find("delete set inet sublet_a flows_br_2"), std::string::npos);
    EXPECT_NE(text->find("tcp dport 25 drop"), std::string::npos);
    EXPECT_NE(text->find("ct count over 2048"), std::string::npos);
    EXPECT_FALSE(
        nft_update("a", {stays}, {FencedNetwork{.bridge = "x;", .subnet = "10.0.0.0/8", .gateway = "1.1.1.1"}}));
}

TEST(Hardware, NamesOfCards) {
    const auto check = [](const char* name, const char* model, const char* interface) {
        EXPECT_EQ(gpu_from_name(name).model, model) << name;
        EXPECT_EQ(gpu_from_name(name).interface, interface) << name;
    };
    check("NVIDIA GeForce RTX 4090", "rtx4090", "pcie");
    check("NVIDIA GeForce RTX 3080 Ti", "rtx3080ti", "pcie");
    check("NVIDIA A100-SXM4-80GB", "a100", "sxm");
    check("Tesla T4", "t4", "pcie");
    check("NVIDIA H100 80GB HBM3", "h100", "pcie");
}

TEST(Hardware, ThisMachineHasSome) {
    const auto hardware = detect_hardware("/nowhere/at/all");
    ASSERT_TRUE(hardware);
    EXPECT_GE(hardware->cpus, 1U);
    EXPECT_GT(hardware->memory_bytes, 0U);
    EXPECT_GT(hardware->disk_bytes, 0U);
}

}  // namespace
}  // namespace sublet::runtime
