// grammar_test.cpp: a row per rule of structure and reference: one piece of a good file is broken, one finding names
// the place.
#include <algorithm>

#include <gtest/gtest.h>

#include "sdl/sdl.hpp"
#include "sdl/test_files.hpp"

namespace sublet::sdl {
namespace {

struct Row {
    const char* from;
    const char* to;
    const char* path;
    const char* rule;
};

// The paths are those at which the official schema complains.
constexpr Row kRows[] = {
    {"version: \"2.1\"", "version: \"3.0\"", "/version", "enum"},
    {"version: \"2.1\"", "version: 2.0", "/version", "type"},
    {"version: \"2.1\"\n", "", "", "required"},
    {"version: \"2.1\"", "version: \"2.1\"\nnets: {}", "", "additionalProperties"},
    {"image: postgres", "image: \"\"", "/services/db/image", "minLength"},
    {"    image: postgres\n", "", "/services/db", "required"},
    {"image: postgres", "image: 15", "/services/db/image", "type"},
    {"image: postgres", "image: postgres\n    after: [web]", "/services/db", "additionalProperties"},
    {"- EMPTY", "- KEY2: value", "/services/web/env/1", "type"},
    {"command: [\"sh\", \"-c\"]", "command: sh", "/services/web/command", "type"},
    {"port: 8080", "port: \"8080\"", "/services/web/expose/0/port", "type"},
    {"port: 8080", "port: 0", "/services/web/expose/0/port", "minimum"},
    {"port: 8080", "port: 65536", "/services/web/expose/0/port", "maximum"},
    {"port: 8080", "port: 80.5", "/services/web/expose/0/port", "type"},
    {"      - port: 9000\n        to:", "      - to:", "/services/web/expose/1", "required"},
    {"as: 80\n", "as: 65536\n", "/services/web/expose/0/as", "maximum"},
    {"proto: TCP", "proto: HTTP", "/services/web/expose/0/proto", "enum"},
    {"accept: [www.example.com]", "accept: www.example.com", "/services/web/expose/0/accept", "type"},
    {"max_body_size: 2097152", "max_body_size: 104857601", "/services/web/expose/0/http_options/max_body_size",
     "maximum"},
    {"next_cases: [\"off\"]", "next_cases: [\"off\", error]", "/services/web/expose/0/http_options/next_cases",
     "oneOf"},
    {"next_cases: [\"off\"]", "next_cases: [418]", "/services/web/expose/0/http_options/next_cases/0", "type"},
    {"next_cases: [\"off\"]", "next_cases: [\"418\"]", "/services/web/expose/0/http_options/next_cases/0", "enum"},
    {"read_timeout: 1000", "read_timeout: 60001", "/services/web/expose/0/http_options/read_timeout", "maximum"},
    {"          - global: true\n            ip: front", "          - ip: front", "/services/web/expose/1/to/0", "if"},
    {"ip: front", "ip: back", "/endpoints/back", "required"},
    {"password: secret", "password: short", "/services/web/credentials/password", "minLength"},
    {"      password: secret\n", "", "/services/web/credentials", "required"},
    {"mount: /var/lib/data", "mount: var/lib/data", "/services/db/params/storage/data/mount", "pattern"},
    {"mount: /dev/shm", "mount: /var/lib/data", "/services/db/params/storage/shm/mount", "uniqueItems"},
    {"          mount: /var/lib/data\n          readOnly: false", "          readOnly: false",
     "/services/db/params/storage/data", "required"},
    {"readOnly: false", "readOnly: \"no\"", "/services/db/params/storage/data/readOnly", "type"},
    {"        shm:\n          mount", "        tmp:\n          mount", "/profiles/compute/db/resources/storage",
     "required"},
    {"read: [logs]", "read: [secrets]", "/services/db/params/permissions/read/0", "enum"},
    {"units: 0.5", "units: 0", "/profiles/compute/web/resources/cpu/units", "exclusiveMinimum"},
    {"units: 0.5", "units: -1", "/profiles/compute/web/resources/cpu/units", "exclusiveMinimum"},
    {"units: \"250m\"", "units: \"0m\"", "/profiles/compute/db/resources/cpu/units", "not"},
    {"units: \"250m\"", "units: \"-1\"", "/profiles/compute/db/resources/cpu/units", "pattern"},
    {"units: \"250m\"", "units: true", "/profiles/compute/db/resources/cpu/units", "type"},
    {"size: 512Mi", "size: 512", "/profiles/compute/web/resources/memory/size", "type"},
    {"size: 512Mi", "size: much", "/profiles/compute/web/resources/memory/size", "pattern"},
    {"size: 512Mi", "size: 0Mi", "/profiles/compute/web/resources/memory/size", "pattern"},
    {"        memory:\n          size: 512Mi\n", "", "/profiles/compute/web/resources", "required"},
    {"units: 1\n", "units: 1.5\n", "/profiles/compute/web/resources/gpu/units", "pattern"},
    {"units: 1\n", "units: 0\n", "/profiles/compute/web/resources/gpu/units", "if"},
    {"              nvidia:", "              amd:", "/profiles/compute/web/resources/gpu/attributes/vendor",
     "additionalProperties"},
    {"interface: pcie", "interface: usb", "/profiles/compute/web/resources/gpu/attributes/vendor/nvidia/0/interface",
     "enum"},
    {"- model: h100", "- model: 100", "/profiles/compute/web/resources/gpu/attributes/vendor/nvidia/1/model", "type"},
    {"              persistent: true\n", "", "/profiles/compute/db/resources/storage/1/attributes", "required"},
    {"persistent: true", "persistent: false", "/profiles/compute/db/resources/storage/1/attributes/persistent",
     "const"},
    {"persistent: false", "persistent: true", "/profiles/compute/db/resources/storage/2/attributes", "not"},
    {"- name: shm", "- name: data", "/profiles/compute", "uniqueItems"},
    {"      attributes:\n        region: us-east\n        tier: 3",
     "      attributes:", "/profiles/placement/east/attributes", "type"},
    {"- auditor", "- 1", "/profiles/placement/east/signedBy/anyOf/0", "type"},
    {"denom: uact", "denom: ibc/27394FB092D2", "/profiles/placement/east/pricing/web/denom", "enum"},
    {"amount: 600", "amount: -1", "/profiles/placement/east/pricing/web/amount", "minimum"},
    {"amount: 600", "amount: 0", "/profiles/placement/east/pricing/web/amount", "pattern"},
    {"amount: \"0.5\"", "amount: \".5\"", "/profiles/placement/east/pricing/db/amount", "pattern"},
    {"        web:\n          denom", "        api:\n          denom", "/profiles/placement/east/pricing", "required"},
    {"      profile: db", "      profile: big", "/profiles/compute", "required"},
    {"  db:\n    east:\n      profile: db\n      count: 1", "", "/deployment", "required"},
    {"  db:\n    east:", "  db:\n    west:", "/profiles/placement", "required"},
    {"deployment:\n", "deployment:\n  ghost: {}\n", "/deployment/ghost", "required"},
    {"count: 2", "count: 0", "/deployment/web/east/count", "minimum"},
    {"count: 2", "count: \"2\"", "/deployment/web/east/count", "type"},
    {"    kind: ip", "    kind: port", "/endpoints/front/kind", "enum"},
    {"  front:\n", "  spare: {kind: ip}\n  front:\n", "/endpoints/spare", "additionalProperties"},
    {"  front:\n", "  Front: {kind: ip}\n  front:\n", "/endpoints", "additionalProperties"},
    {"min_window: 2m", "min_window: 1h30m", "/reclamation/min_window", "pattern"},
    {"min_window: 2m", "min_window: 0s", "/reclamation/min_window", "pattern"},
    // what only we ask
    {"- EMPTY", "- 1KEY=x", "/services/web", "manifest"},
    {"mount: /var/lib/data", "mount: /var/../etc", "/services/db", "manifest"},
    {"accept: [www.example.com]", "accept: [WWW.example.com]", "/services/web", "manifest"},
    {"image: postgres", "image: post gres", "/services/db", "manifest"},
};

TEST(Grammar, TheFullFileIsFine) {
    const auto deployment = parse(kFullFile, "full.yaml");
    ASSERT_TRUE(deployment) << to_text(deployment.error().front());
}

TEST(Grammar, EveryRuleNamesItsPlace) {
    for (const Row& row : kRows) {
        const auto deployment = parse(with(row.from, row.to), "full.yaml");
        ASSERT_FALSE(deployment) << row.from << " → " << row.to;
        std::string all;
        for (const Finding& finding : deployment.error()) {
            all += to_text(finding) + "\n";
            EXPECT_GT(finding.line, 0U) << to_text(finding);
            EXPECT_FALSE(finding.fix.empty()) << to_text(finding);
        }
        EXPECT_TRUE(std::ranges::any_of(
            deployment.error(),
            [&](const Finding& finding) { return finding.path == row.path && finding.rule == row.rule; }))
            << row.from << " → " << row.to << "\nwant " << row.path << " [" << row.rule << "], got:\n"
            << all;
    }
}

TEST(Grammar, ReportsEverythingInTheOrderOfTheFile) {
    std::string text = with("image: postgres", "image: 15");
    text.replace(text.find("count: 2"), 8, "count: 0");
    text.replace(text.find("port: 8080"), 10, "port: 0   ");
    const auto deployment = parse(text, "full.yaml");
    ASSERT_FALSE(deployment);
    ASSERT_EQ(deployment.error().size(), 3U);
    EXPECT_EQ(
        to_text(deployment.error()[0]),
        "full.yaml:11:15: \"port\" is out of range: 0 (at /services/web/expose/0/port) [minimum] fix: use 1 to 65535");
    EXPECT_EQ(deployment.error()[1].path, "/services/db/image");
    EXPECT_EQ(deployment.error()[2].path, "/deployment/web/east/count");
}

TEST(Grammar, FixesPointAtTheLikelyWord) {
    const auto typo = parse(with("image: postgres", "image: postgres\n    enviroment: []"), "f");
    ASSERT_FALSE(typo);
    const auto slip = parse(with("expose:\n      - port: 5432", "expsoe:\n      - port: 5432"), "f");
    ASSERT_FALSE(slip);
    EXPECT_EQ(slip.error().front().fix, "did you mean \"expose\"?");
    const auto compose = parse_official(with("image: postgres", "image: postgres\n    volumes: []"), "f");
    ASSERT_FALSE(compose);
    EXPECT_NE(compose.error().front().fix.find("params.storage"), std::string::npos);
}

TEST(Grammar, OwnDenominationIsNotOfficial) {
    std::string text(kFullFile);
    for (std::size_t at = text.find("uact"); at != std::string::npos; at = text.find("uact", at)) {
        text.replace(at, 4, "ucredit");
    }
    const auto ours = parse(text, "f");
    ASSERT_TRUE(ours) << to_text(ours.error().front());
    EXPECT_TRUE(ours->notes.empty());
    EXPECT_FALSE(parse_official(text, "f"));
}

}  // namespace
}  // namespace sublet::sdl
