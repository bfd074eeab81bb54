// compile_test.cpp: what a deployment file compiles to: groups, rates, canonical JSON and its hash; and the way back.
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <sstream>

#include "sdl/akash_record.hpp"
#include "sdl/explain.hpp"
#include "sdl/sdl.hpp"
#include "sdl/test_files.hpp"
#include "sdl/to_ledger.hpp"

namespace sublet::sdl {
namespace {

Deployment full() {
    auto deployment = parse(kFullFile, "full.yaml");
    EXPECT_TRUE(deployment);
    return deployment ? std::move(*deployment) : Deployment{};
}

// Readable, so that a change of the encoding shows up in review.
constexpr std::string_view kGoldenDb =
    R"({"args":null,"command":null,"count":1,"credentials":null,"env":null,"expose":[{"endpointSequenceNumber":0,"externalPort":0,)"
    R"("global":false,"hosts":null,"httpOptions":{"maxBodySize":1048576,"nextCases":["error","timeout"],"nextTimeout":0,)"
    R"("nextTries":3,"readTimeout":60000,"sendTimeout":60000},"ip":"","port":5432,"proto":"UDP","service":"web"}],)"
    R"("image":"postgres","name":"db","params":{"permissions":{"read":["logs"]},"storage":[)"
    R"({"mount":"/var/lib/data","name":"data","readOnly":false},{"mount":"/dev/shm","name":"shm","readOnly":false}]},)"
    R"("resources":{"cpu":{"units":{"val":"250"}},"endpoints":[],"gpu":{"units":{"val":"0"}},"id":1,)"
    R"("memory":{"size":{"val":"1073741824"}},"storage":[{"name":"default","size":{"val":"2147483648"}},)"
    R"({"attributes":[{"key":"class","value":"beta3"},{"key":"persistent","value":"true"}],"name":"data",)"
    R"("size":{"val":"10737418240"}},{"attributes":[{"key":"class","value":"ram"},{"key":"persistent","value":"false"}],)"
    R"("name":"shm","size":{"val":"67108864"}}]}})";

TEST(Compile, CanonicalJson) {
    const Deployment deployment = full();
    EXPECT_TRUE(deployment.canonical_json.starts_with(R"([{"name":"east","services":[)" + std::string(kGoldenDb) + ","))
        << deployment.canonical_json;
    EXPECT_NE(deployment.canonical_json.find(R"("args":["exec nginx \u0026\u0026 \u003cx\u003e"])"), std::string::npos);
    EXPECT_NE(deployment.canonical_json.find(
                  R"("gpu":{"attributes":[{"key":"vendor/nvidia/model/a100/ram/80Gi/interface/pcie","value":"true"},)"
                  R"({"key":"vendor/nvidia/model/h100","value":"true"}],"units":{"val":"1"}})"),
              std::string::npos);
}

TEST(Compile, GroupsAndRates) {
    const Deployment deployment = full();
    ASSERT_EQ(deployment.groups.size(), 1U);
    const Group& group = deployment.groups[0];
    EXPECT_EQ(group.attributes, (std::vector<Attribute>{{"region", "us-east"}, {"tier", "3"}}));
    EXPECT_EQ(group.signed_by_any_of, std::vector<std::string>{"auditor"});
    ASSERT_EQ(group.units.size(), 2U);
    EXPECT_EQ(group.units[0].services, std::vector<std::string>{"db"});
    EXPECT_EQ(group.units[0].max_rate.value(), 83'333'334U);  // 0.5 per 6 s, rounded up
    EXPECT_EQ(group.units[1].count, 2U);
    EXPECT_EQ(group.units[1].max_rate.value(), 100'000'000'000U);
    EXPECT_EQ(group.units[1].price_amount, "600.000000000000000000");
    EXPECT_EQ(group.units[1].resources.endpoints,
              (std::vector<Endpoint>{
                  {EndpointKind::kSharedHttp, 0}, {EndpointKind::kRandomPort, 0}, {EndpointKind::kLeasedIp, 1}}));
    EXPECT_EQ(deployment.reclamation_window_s, 120U);
    ASSERT_EQ(deployment.notes.size(), 1U);
    EXPECT_NE(deployment.notes[0].message.find("6-second block"), std::string::npos);
}

TEST(Compile, ServicesOfOneProfileShareAUnit) {
    std::string text = with("  db:\n    east:\n      profile: db\n      count: 1",
                            "  db:\n    east:\n      profile: web\n      count: 3");
    text.replace(text.find("        data:\n          mount: /var/lib/data\n          readOnly: false\n        shm:\n   "
                           "       mount: /dev/shm\n"),
                 std::string_view("        data:\n          mount: /var/lib/data\n          readOnly: false\n        "
                                  "shm:\n          mount: /dev/shm\n")
                     .size(),
                 "        {}\n");
    const auto deployment = parse(text, "f");
    ASSERT_TRUE(deployment) << to_text(deployment.error().front());
    ASSERT_EQ(deployment->groups[0].units.size(), 1U);
    EXPECT_EQ(deployment->groups[0].units[0].count, 5U);
    EXPECT_EQ(deployment->groups[0].units[0].resources.endpoints.size(), 3U);
    EXPECT_TRUE(check_manifest_against_groups(deployment->manifest, deployment->groups));
}

TEST(Compile, AnUnknownTargetIsANote) {
    const auto deployment = parse(with("- service: web\n    params", "- service: wep\n    params"), "f");
    ASSERT_TRUE(deployment) << to_text(deployment.error().front());
    EXPECT_TRUE(
        std::ranges::any_of(deployment->notes, [](const Note& note) { return note.message.contains("\"wep\""); }));
}

TEST(Manifest, ReadsBackWhatWasWritten) {
    const Deployment deployment = full();
    const auto manifest = manifest_from_json(deployment.canonical_json);
    ASSERT_TRUE(manifest) << manifest.error().message;
    EXPECT_EQ(*manifest, deployment.manifest);
    EXPECT_EQ(canonical_json(*manifest), deployment.canonical_json);
}

TEST(Manifest, RefusesEverythingElse) {
    const Bytes good = full().canonical_json;
    const auto swap = [&good](std::string_view from, std::string_view to) {
        Bytes out = good;
        const std::size_t at = out.find(from);
        EXPECT_NE(at, Bytes::npos) << from;
        return out.replace(at, from.size(), to);
    };
    struct Row {
        Bytes json;
        Code code;
    };
    const Row rows[] = {
        {"", Code::kParse},
        {"{}", Code::kParse},
        {"null", Code::kNotCanonical},
        {"[]", Code::kParse},  // no groups
        {good + " ", Code::kNotCanonical},
        {good.substr(0, good.size() - 1), Code::kParse},
        {swap("\"count\":1", "\"count\":-1"), Code::kParse},
        {swap("\"count\":1", "\"count\":0"), Code::kParse},
        {swap("\"count\":1", "\"count\":1001"), Code::kParse},
        {swap("\"count\":1", "\"count\":1.0"), Code::kParse},
        {swap("\"count\":1,", ""), Code::kParse},
        {swap("\"count\":1,", "\"count\":1,\"count\":1,"), Code::kNotCanonical},
        {swap("\"count\":1,", "\"count\":1,\"counts\":1,"), Code::kNotCanonical},
        {swap("\"val\":\"250\"", "\"val\":\"0250\""), Code::kNotCanonical},
        {swap("\"val\":\"250\"", "\"val\":\"-250\""), Code::kParse},
        {swap("\"val\":\"250\"", "\"val\":\"0\""), Code::kParse},
        {swap("\"port\":5432", "\"port\":65536"), Code::kParse},
        {swap("\"name\":\"db\"", "\"name\":\"web\""), Code::kParse},
        {swap("\"name\":\"db\"", "\"name\":\"-db\""), Code::kParse},
        {swap("/var/lib/data", "/var/../data"), Code::kParse},
        {swap("\\u0026", "&"), Code::kNotCanonical},
        {swap("vendor/nvidia", "vendor:nvidia"), Code::kNotCanonical},
        {Bytes(100'000, '['), Code::kTooLarge},
        {Bytes(kMaxManifestBytes + 1, ' '), Code::kTooLarge},
    };
    for (const Row& row : rows) {
        const auto manifest = manifest_from_json(row.json);
        ASSERT_FALSE(manifest) << row.json.substr(0, 200);
        EXPECT_EQ(manifest.error().code, row.code) << manifest.error().message << "\n" << row.json.substr(0, 300);
    }
}

TEST(Manifest, MustBeTheOneThatIsPaidFor) {
    const Deployment deployment = full();
    const auto specs = to_group_specs(deployment);
    ASSERT_TRUE(specs) << specs.error().message;
    EXPECT_EQ(specs->front().min_notice.value(), 120'000U);
    EXPECT_EQ(specs->front().units[1].gpu_any_of[1].model, "h100");
    const auto both = [&](const Manifest& manifest) {
        const bool groups = check_manifest_against_groups(manifest, deployment.groups).has_value();
        const bool ledger = check_manifest_against_specs(manifest, *specs).has_value();
        EXPECT_EQ(groups, ledger);
        return groups;
    };
    EXPECT_TRUE(both(deployment.manifest));
    const auto changed = [&](auto change) {
        Manifest manifest = deployment.manifest;
        change(manifest.groups[0].services[0]);
        return both(manifest);
    };
    EXPECT_FALSE(changed([](Service& service) { service.resources.cpu_milli += 1; }));
    EXPECT_FALSE(changed([](Service& service) { service.resources.memory_bytes -= 1; }));
    EXPECT_FALSE(changed([](Service& service) { service.resources.storage[1].bytes += 1; }));
    EXPECT_FALSE(changed([](Service& service) { service.resources.storage.pop_back(); }));
    EXPECT_FALSE(changed([](Service& service) { service.resources.gpu.units += 1; }));
    EXPECT_FALSE(changed([](Service& service) { service.resources.endpoints.push_back({}); }));
    EXPECT_FALSE(changed([](Service& service) { service.count += 1; }));
    EXPECT_FALSE(changed([](Service& service) { service.resources.id = 2; }));
    EXPECT_FALSE(changed([](Service& service) { service.resources.id = 0; }));
    EXPECT_TRUE(changed([](Service& service) { service.image = "other"; }));  // the hash sees that
    Manifest renamed = deployment.manifest;
    renamed.groups[0].name = "west";
    EXPECT_FALSE(both(renamed));
    renamed.groups.clear();
    EXPECT_FALSE(both(renamed));
}

TEST(Ledger, LimitsAreNamed) {
    Deployment deployment = full();
    deployment.groups[0].units[0].count = 51;
    const auto specs = to_group_specs(deployment);
    ASSERT_FALSE(specs);
    EXPECT_EQ(specs.error().code, Code::kOutOfRange);
    EXPECT_NE(specs.error().message.find("placement \"east\", service \"db\": count"), std::string::npos)
        << specs.error().message;
}

TEST(Record, HasTheThreeOfficialShapes) {
    const auto record = [](std::string_view text) {
        return nlohmann::json::parse(akash_record("f", parse_official(text, "f")));
    };
    const auto fine = record(kFullFile);
    EXPECT_EQ(fine["status"], "ok");
    EXPECT_EQ(fine["version"].get<std::string>().size(), 64U);
    EXPECT_EQ(fine["groupSpecs"][0]["resources"][0]["price"]["denom"], "uact");
    const auto invalid = record(with("count: 2", "count: 0"));
    EXPECT_EQ(invalid["status"], "invalid");
    EXPECT_EQ(invalid["errors"][0]["path"], "/deployment/web/east/count");
    EXPECT_EQ(record("a: [")["status"], "yaml-error");
}

// Every published file that is at hand: no crash, and what is accepted survives the way to the provider and back.
TEST(Corpus, AcceptedFilesRoundTrip) {
    const char* shared = std::getenv("SUBLET_SHARED");
    if (shared == nullptr || !std::filesystem::exists(std::string(shared) + "/data/sdl")) {
        GTEST_SKIP() << "set SUBLET_SHARED to the folder that holds data/sdl to run the published files";
    }
    std::size_t accepted = 0;
    for (const auto& entry : std::filesystem::recursive_directory_iterator(std::string(shared) + "/data/sdl")) {
        const std::string extension = entry.path().extension();
        if (!entry.is_regular_file() || (extension != ".yaml" && extension != ".yml")) {
            continue;
        }
        std::ostringstream text;
        text << std::ifstream(entry.path()).rdbuf();
        const auto deployment = parse(text.str(), entry.path().filename());
        if (!deployment) {
            continue;
        }
        ++accepted;
        const auto manifest = manifest_from_json(deployment->canonical_json);
        ASSERT_TRUE(manifest) << entry.path() << ": " << manifest.error().message;
        EXPECT_EQ(*manifest, deployment->manifest) << entry.path();
        EXPECT_TRUE(check_manifest_against_groups(*manifest, deployment->groups)) << entry.path();
        EXPECT_FALSE(explain(*deployment).groups.empty());
        const auto specs = to_group_specs(*deployment);
        EXPECT_TRUE(!specs || check_manifest_against_specs(*manifest, *specs)) << entry.path();
    }
    EXPECT_GT(accepted, 0U);
}

}  // namespace
}  // namespace sublet::sdl
