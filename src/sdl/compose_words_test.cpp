// compose_words_test.cpp: words of docker compose in deployment files: what each is read as, what is said about it, and
// that no hash changes without them.
#include "sdl/compose_words.hpp"

#include <algorithm>

#include <gtest/gtest.h>

#include "sdl/sdl.hpp"
#include "sdl/test_files.hpp"

namespace sublet::sdl {
namespace {

const Service& service_of(const Deployment& deployment, const std::string& name) {
    static const Service kNone;
    for (const ManifestGroup& group : deployment.manifest.groups) {
        const auto found = std::ranges::find(group.services, name, &Service::name);
        if (found != group.services.end()) {
            return *found;
        }
    }
    ADD_FAILURE() << "no service " << name;
    return kNone;
}

// The words of "db" in the full file, which "web" depends on officially.
Deployment with_words(const std::string& words) {
    const auto parsed = parse(with("    image: postgres\n", "    image: postgres\n" + words), "f.yaml");
    EXPECT_TRUE(parsed) << words << to_text(parsed.error().front());
    return parsed ? *parsed : Deployment{};
}

std::string notes_of(const Deployment& deployment) {
    std::string out;
    for (const Note& note : deployment.notes) {
        out += to_text("f.yaml", note) + "\n";
    }
    return out;
}

struct Row {
    const char* words;
    const char* manifest;  // part of the canonical manifest
    const char* note;      // part of what is said; "": nothing more than without the words
};

const Row kRows[] = {
    {"    restart: always\n", "", ""},
    {"    restart: unless-stopped\n", "", ""},
    {"    restart: \"no\"\n", R"("restart":{"maxFailures":0,"when":"no"})", ""},
    {"    restart: no\n", R"("when":"no")", ""},
    {"    restart: on-failure:5\n", R"("restart":{"maxFailures":5,"when":"on-failure"})", ""},
    {"    healthcheck: {test: [CMD, pg_isready], interval: 2s}\n",
     R"("healthcheck":{"interval":2000,"retries":3,"startPeriod":0,"test":["pg_isready"],"timeout":30000})", ""},
    {"    healthcheck: {test: pg_isready -q, retries: 9}\n", R"("test":["/bin/sh","-c","pg_isready -q"])", ""},
    {"    healthcheck: {disable: true, test: x}\n", "", ""},
    {"    container_name: Postgres_1\n", R"("aliases":["Postgres_1"])", ""},
    {"    volumes: [\"more:/more\"]\n", R"({"mount":"/more","name":"more","readOnly":false})",
     "the volume \"more\" at /more is read as 1 GiB of storage, kept as long as the lease [compose-volume-size]"},
    {"    volumes: [\"more:/more:ro\"]\n", R"({"mount":"/more","name":"more","readOnly":true})", "1 GiB"},
    {"    volumes: [\"/etc/x:/more\"]\n", "", "\"/etc/x\" at /more is ignored: it is a path of the host"},
    {"    volumes: [\"data:/var/lib/data\"]\n", "", "params: mounts one there already"},
    {"    tmpfs: /run\n", R"({"key":"class","value":"ram"})", "the tmpfs at /run is read as 64 MiB of memory"},
    {"    environment: {A: 1, B: x}\n", R"("env":["A=1","B=x"])", "environment is read as env"},
    {"    environment: [A=1]\n", R"("env":["A=1"])", ""},
    {"    entrypoint: run \"a b\" c\n", R"("command":["run","a b","c"])", "entrypoint is read as command"},
    {"    ports: [\"1:2\"]\n", "", "ports is ignored, because expose:"},
    {"    cmd: [x]\n", "", "f.yaml:33:5: warning: service \"db\": cmd is a word of docker compose"},
    {"    build: .\n", "", "push the image"},
    {"    networks: [a]\n", "", "networks is a word of docker compose"},
    {"    labels: {a: b}\n", "", "labels is ignored: labels are for tools beside docker"},
    {"    privileged: true\n", "", "privileged is ignored"},
    {"    depends_on: [nobody]\n", "", "depends_on \"nobody\" is ignored: it is no service of the same placement"},
    {"    depends_on: [db]\n", "", "a service cannot wait for itself"},
};

TEST(ComposeWords, EachIsHonouredOrNamed) {
    for (const Row& row : kRows) {
        const Deployment deployment = with_words(row.words);
        EXPECT_NE(deployment.canonical_json.find(row.manifest), std::string::npos)
            << row.words << deployment.canonical_json;
        EXPECT_NE(notes_of(deployment).find(row.note), std::string::npos) << row.words << notes_of(deployment);
        EXPECT_FALSE(
            parse_official(with("    image: postgres\n", std::string{"    image: postgres\n"} + row.words), "f"))
            << row.words;
        EXPECT_FALSE(parse_strict(with("    image: postgres\n", std::string{"    image: postgres\n"} + row.words), "f"))
            << row.words;
        const auto back = manifest_from_json(deployment.canonical_json);
        ASSERT_TRUE(back) << row.words << back.error().message;
        EXPECT_EQ(canonical_json(*back), deployment.canonical_json) << row.words;
    }
}

TEST(ComposeWords, OrderComesFromDependsOnAndFromDependencies) {
    // The full file's web has dependencies: [db].
    const auto plain = parse(kFullFile, "f");
    ASSERT_TRUE(plain);
    EXPECT_EQ(service_of(*plain, "web").lifecycle.after, (std::vector<Dependency>{{"db", After::kStarted}}));
    const auto official = parse_official(kFullFile, "f");
    ASSERT_TRUE(official);
    EXPECT_TRUE(service_of(*official, "web").lifecycle.after.empty());
    EXPECT_NE(official->hash, plain->hash);
    const auto strict = parse_strict(kFullFile, "f");
    ASSERT_TRUE(strict);
    EXPECT_EQ(official->hash, strict->hash);

    const auto healthy = parse(
        with("    dependencies:\n      - service: db\n", "    depends_on:\n      db: {condition: service_healthy}\n"),
        "f");
    ASSERT_TRUE(healthy) << to_text(healthy.error().front());
    EXPECT_EQ(service_of(*healthy, "web").lifecycle.after, (std::vector<Dependency>{{"db", After::kHealthy}}));

    // A circle by way of depends_on is refused; one that `dependencies` closes is left out.
    const auto circle = parse(with("    image: postgres\n", "    image: postgres\n    depends_on: [web]\n"), "f");
    ASSERT_TRUE(circle) << to_text(circle.error().front());
    EXPECT_NE(notes_of(*circle).find("it closes a circle"), std::string::npos) << notes_of(*circle);
    std::string both = with("    image: postgres\n", "    image: postgres\n    depends_on: [web]\n");
    both.replace(both.find("    dependencies:\n      - service: db\n"), 38, "    depends_on: [db]\n");
    const auto refused = parse(both, "f");
    ASSERT_FALSE(refused);
    EXPECT_NE(refused.error().front().message.find("for itself"), std::string::npos);
}

TEST(ComposeWords, ANamedVolumeOfAnotherServiceIsShared) {
    const auto parsed = parse(
        with("    command: [\"sh\", \"-c\"]\n", "    command: [\"sh\", \"-c\"]\n    volumes: [\"data:/seen:ro\"]\n"),
        "f");
    ASSERT_TRUE(parsed) << to_text(parsed.error().front());
    EXPECT_EQ(service_of(*parsed, "web").lifecycle.shared, (std::vector<SharedMount>{{"db", "data", "/seen", true}}));
    EXPECT_EQ(service_of(*parsed, "web").resources.storage.size(), 1U);  // it is not paid for twice
}

TEST(ComposeWords, AProfileThatOthersUseIsCopiedForAVolume) {
    constexpr std::string_view kSimple = R"(version: "2.0"
services:
  a: {image: x, volumes: ["v:/v"]}
  b: {image: x}
profiles:
  compute:
    p: {resources: {cpu: {units: 1}, memory: {size: 1Mi}, storage: {size: 1Mi}}}
  placement:
    here: {pricing: {p: {denom: ucredit, amount: 1}}}
deployment:
  a: {here: {profile: p, count: 1}}
  b: {here: {profile: p, count: 1}}
)";
    const auto copied = parse(kSimple, "f");
    ASSERT_TRUE(copied) << to_text(copied.error().front());
    EXPECT_EQ(service_of(*copied, "a").resources.storage.size(), 2U);
    EXPECT_EQ(service_of(*copied, "b").resources.storage.size(), 1U);
    EXPECT_EQ(copied->groups[0].units.size(), 2U);
}

TEST(ComposeWords, TopLevelWordsAreNamed) {
    const auto parsed =
        parse(with("version: \"2.1\"\n", "version: \"2.1\"\nnetworks: {}\nvolumes: {a: }\nname: shop\nx-a: 1\n"), "f");
    ASSERT_TRUE(parsed) << to_text(parsed.error().front());
    for (const char* word : {"\"networks\"", "\"volumes\"", "\"name\"", "\"x-a\""}) {
        EXPECT_NE(notes_of(*parsed).find(word), std::string::npos) << word;
    }
}

TEST(ComposeWords, WordsThatMeanNothingAreRefused) {
    struct Bad {
        const char* words;
        const char* says;
    };
    const Bad rows[] = {
        {"    restart: sometimes\n", "no restart policy"},
        {"    restart: on-failure:many\n", "no restart policy"},
        {"    depends_on: {web: {condition: soon}}\n", "no condition"},
        {"    depends_on: 5\n", "list of services"},
        {"    healthcheck: {test: [pg_isready]}\n", "CMD, CMD-SHELL or NONE"},
        {"    healthcheck: {test: x, interval: soon}\n", "no time"},
        {"    healthcheck: x\n", "healthcheck is a map"},
        {"    volumes: [\"data\"]\n", "no absolute path"},
        {"    volumes: [\"a:/b:c:d\"]\n", "too many parts"},
        {"    aliases: [\"a b\"]\n", "cannot be a further name"},
        {"    aliases: [web]\n", "cannot be a further name"},
        {"    dependsOn: [web]\n", "not allowed here"},
    };
    for (const Bad& row : rows) {
        const auto parsed = parse(with("    image: postgres\n", std::string{"    image: postgres\n"} + row.words), "f");
        ASSERT_FALSE(parsed) << row.words;
        EXPECT_NE(to_text(parsed.error().front()).find(row.says), std::string::npos)
            << row.words << to_text(parsed.error().front());
        EXPECT_GT(parsed.error().front().line, 0U) << row.words;
    }
}

}  // namespace
}  // namespace sublet::sdl
