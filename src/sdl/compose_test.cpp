// compose_test.cpp: compose files: what each line becomes, what is said about it, and what is refused with which fix.
#include "sdl/compose.hpp"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>

#include <gtest/gtest.h>

#include "sdl/compose_text.hpp"
#include "sdl/explain.hpp"
#include "sdl/sdl.hpp"
#include "sdl/to_ledger.hpp"

namespace sublet::sdl {
namespace {

ComposeWorld world() {
    ComposeWorld out;
    out.environment = {{"FROM_SHELL", "shell"}, {"BOTH", "shell"}, {"EMPTY", ""}};
    out.read_file = [](const std::string& path) -> std::optional<std::string> {
        if (path == ".env") {
            return "# words\nFROM_ENV=dot\nBOTH=dot\nexport QUOTED=\"a b\" # c\nRAW='$x'\nNEXT=${FROM_ENV}-2\n";
        }
        if (path == "web.env") {
            return "A=1\nB=two words # comment\nC=\"line\nbreak\"\nD=${FROM_SHELL}\n\nE\n";
        }
        return std::nullopt;
    };
    return out;
}

FromCompose made(const std::string& text) {
    auto out = from_compose(text, "c.yml", world());
    EXPECT_TRUE(out) << text << (out ? "" : to_text(out.error().front()));
    if (!out) {
        return {};
    }
    // What is printed is what is rented.
    const auto again = parse(out->text, "d.yaml");
    EXPECT_TRUE(again) << out->text << (again ? "" : to_text(again.error().front()));
    EXPECT_TRUE(again && again->hash == out->deployment.hash) << out->text;
    const auto back = manifest_from_json(out->deployment.canonical_json);
    EXPECT_TRUE(back && *back == out->deployment.manifest) << text;
    EXPECT_TRUE(to_group_specs(out->deployment)) << text;
    EXPECT_FALSE(explain(out->deployment).groups.empty());
    return std::move(*out);
}

std::string notes_of(const FromCompose& made) {
    std::string out;
    for (const Note& note : made.deployment.notes) {
        out += to_text("c.yml", note) + "\n";
    }
    return out;
}

// Keys of one service "web"; "db" is beside it, a volume "data" declared.
std::string file_with(const std::string& keys) {
    return "services:\n  web:\n    image: nginx\n" + keys + "  db:\n    image: postgres\nvolumes:\n  data:\n";
}

struct Row {
    const char* keys;
    const char* manifest;  // part of the canonical manifest
    const char* note;      // part of what is said
};

const Row kRows[] = {
    // commands
    {"    command: nginx -g 'daemon off;'\n", R"("args":["nginx","-g","daemon off;"],"command":null)", ""},
    {"    command: [\"a\", \"b c\", 3]\n", R"("args":["a","b c","3"])", ""},
    {"    entrypoint: /bin/sh -c \"echo hi\"\n", R"("command":["/bin/sh","-c","echo hi"])", ""},
    // ports
    {"    ports: [\"8080:80\"]\n", R"("externalPort":8080,"global":true)", ""},
    {"    ports: [\"80\"]\n", R"("externalPort":0,"global":true)", ""},
    {"    ports: [80]\n", R"("port":80,"proto":"TCP")", ""},
    {"    ports: [\"53:53/udp\"]\n", R"("port":53,"proto":"UDP")", ""},
    {"    ports: [\"0.0.0.0:8080:80\"]\n", R"("externalPort":8080,"global":true)", ""},
    {"    ports: [\"[::]:8080:80\"]\n", R"("externalPort":8080,"global":true)", ""},
    {"    ports: [\"127.0.0.1:8080:80\"]\n", R"("global":false,"hosts":null)", "bound to the host's own address"},
    {"    ports: [\"3000-3002:4000-4002\"]\n", R"("externalPort":3002,"global":true)", ""},
    {"    ports: [\"9000-9010:80\"]\n", R"("externalPort":9000)", ""},
    {"    ports: [{target: 80, published: \"8080\", protocol: tcp, mode: host}]\n", R"("externalPort":8080)", ""},
    {"    expose: [\"3000\"]\n", R"("port":3000,"proto":"TCP","service":"db")", ""},
    // environment
    {"    environment: {A: 1, B: true, C: \"x\", D: 1.50}\n", R"("env":["A=1","B=true","C=x","D=1.5"])", ""},
    {"    environment: [A=1, FROM_SHELL, MISSING]\n", R"("env":["A=1","FROM_SHELL=shell"])", ""},
    {"    environment: {FROM_ENV: , LONG: 123456789012345678}\n", R"(["FROM_ENV=dot","LONG=123456789012345678"])", ""},
    {"    env_file: web.env\n", R"("env":["A=1","B=two words","C=line\nbreak","D=shell"])", ""},
    {"    env_file: [web.env]\n    environment: {A: 9}\n", R"("env":["A=9","B=two words")", ""},
    {"    env_file: [{path: nowhere.env, required: false}]\n", "", ""},
    // variables
    {"    environment: [\"A=${FROM_ENV} $FROM_SHELL ${BOTH}\"]\n", R"("A=dot shell shell")", ""},
    {"    environment: [\"A=${NONE:-x}${EMPTY:-y}${EMPTY-z}${NONE-w}\"]\n", R"("A=xyw")", ""},
    {"    environment: [\"A=${NONE:-${FROM_ENV:-q}}${BOTH:+set}${NONE+set}\"]\n", R"("A=dotset")", ""},
    {"    environment: [\"A=$$HOME ${QUOTED} ${RAW} ${NEXT}\"]\n", R"("A=$HOME a b $x dot-2")", ""},
    {"    environment: [\"A=${NONE}\"]\n", R"("A=")", "the variable NONE is not set and becomes empty"},
    // volumes
    {"    volumes: [\"data:/d\"]\n", R"({"mount":"/d","name":"data","readOnly":false})", "gets 1 GiB"},
    {"    volumes: [\"data:/d:ro\"]\n", R"("readOnly":true)", ""},
    {"    volumes: [\"/d\"]\n", R"("mount":"/d","name":"web-1")", "without a name"},
    {"    volumes: [{type: volume, source: data, target: /d, read_only: true}]\n", R"("readOnly":true)", ""},
    {"    volumes: [{type: tmpfs, target: /t, tmpfs: {size: 8m}}]\n", R"({"val":"8388608"})", ""},
    {"    tmpfs: /run:size=4m\n", R"({"val":"4194304"})", ""},
    {"    shm_size: 256m\n", R"("mount":"/dev/shm")", ""},
    {"    volumes: [\"/etc/localtime:/etc/localtime:ro\"]\n", "", "clocks are in UTC"},
    // resources
    {"    deploy: {resources: {limits: {cpus: \"0.25\", memory: 128M}}}\n", R"("units":{"val":"250"})", ""},
    {"    deploy: {resources: {limits: {memory: 128M}}}\n", R"("size":{"val":"134217728"})", ""},
    {"    cpus: 1.5\n    mem_limit: 1g\n", R"("units":{"val":"1500"})", ""},
    {"    deploy: {replicas: 3}\n", R"("count":3)", ""},
    {"    scale: 2\n", R"("count":2)", ""},
    {"    deploy: {resources: {reservations: {devices: [{driver: nvidia, count: 2, capabilities: [gpu]}]}}}\n",
     R"("key":"vendor/nvidia/model/*","value":"true"}],"units":{"val":"2"})", ""},
    {"    gpus: all\n", R"("units":{"val":"1"}},"id")", "read as one"},
    {"    storage_opt: {size: 5G}\n", R"("val":"5368709120")", ""},
    // lifecycle
    {"    depends_on: [db]\n", R"("dependencies":[{"condition":"started","service":"db"}])", ""},
    {"    depends_on: {db: {condition: service_healthy}}\n", R"("condition":"healthy")",
     "has no healthcheck in this file"},
    {"    depends_on: {cache: {condition: service_started, required: false}}\n", "", ""},
    {"    links: [\"db:database\"]\n", R"("aliases":["database"])", ""},
    {"    restart: always\n", R"("image":"nginx","name":"web","resources")", ""},
    {"", R"("restart":{"maxFailures":0,"when":"on-failure"})", ""},
    {"    deploy: {restart_policy: {condition: none, delay: 5s}}\n", R"("when":"no")",
     "restart_policy.delay is ignored"},
    {"    healthcheck: {test: [\"CMD-SHELL\", \"curl -f x || exit 1\"], interval: 1m30s, start_period: 5s}\n",
     R"("interval":90000,"retries":3,"startPeriod":5000,"test":["/bin/sh","-c","curl -f x || exit 1"])", ""},
    {"    container_name: my_web\n", R"("aliases":["my_web"])", ""},
    {"    networks: {front: {aliases: [shop]}}\n", R"("aliases":["shop"])", ""},
    // named and left out
    {"    build: .\n", "", "build is ignored: the image nginx is pulled"},
    {"    user: \"1000\"\n", "", "c.yml:4:5: warning: service \"web\": user is ignored"},
    {"    logging: {driver: none}\n", "", "logging is ignored"},
    {"    network_mode: host\n", "", "only the ports listed are reachable"},
    {"    deploy: {placement: {}}\n", "", "deploy.placement is ignored"},
    {"    x-note: 1\n", "", ""},
};

TEST(Compose, EachKeyBecomesSomethingOrIsNamed) {
    for (const Row& row : kRows) {
        const FromCompose out = made(file_with(row.keys));
        EXPECT_NE(out.deployment.canonical_json.find(row.manifest), std::string::npos)
            << row.keys << out.deployment.canonical_json;
        EXPECT_NE(notes_of(out).find(row.note), std::string::npos) << row.keys << notes_of(out);
    }
}

TEST(Compose, WhatCannotBeHadIsRefusedWithAFix) {
    struct Bad {
        const char* keys;
        const char* message;
        const char* fix;
    };
    const Bad rows[] = {
        {"    volumes: [\"./html:/h\"]\n", "a path of this machine", "write NAME:/h"},
        {"    volumes: [\"/var/run/docker.sock:/var/run/docker.sock\"]\n", "docker.sock", "provider's engine"},
        {"    volumes: [\"C:\\\\x:/h\"]\n", "a path of this machine", "NAME:/h"},
        {"    volumes: [{type: bind, source: ., target: /h}]\n", "a path of this machine", "NAME:/h"},
        {"    volumes: [\"other:/h\"]\n", "not declared", "at the top"},
        {"    volumes: [\"data:/h\", \"/h\"]\n", "two volumes at /h", "remove one"},
        {"    secrets: [a]\n", "secrets cannot be had", "environment variables"},
        {"    configs: [a]\n", "configs cannot be had", "into the image"},
        {"    extends: {service: x}\n", "extends cannot be had", "docker compose config"},
        {"    network_mode: \"service:db\"\n", "the network of another", "by its name"},
        {"    depends_on: [cache]\n", "no service of this file", "add that service"},
        {"    depends_on: {db: {condition: service_completed_successfully}}\n    x: 1\n", "no key of a compose service",
         "spelled"},
        {"    env_file: gone.env\n", "cannot read the file of variables", "beside the compose file"},
        {"    environment: [\"A=${NONE:?give it}\"]\n", "must be set: give it", ".env"},
        {"    environment: [\"A=${\"]\n", "is no variable", "$$"},
        {"    environment: [\"A=$ 5\"]\n", "stands alone", "$$"},
        {"    ports: [\"a:b\"]\n", "cannot be read as a port", "1 to 65535"},
        {"    ports: [\"1-3:5-9\"]\n", "differ in length", "equally long"},
        {"    command: \"a 'b\"\n", "never closed", "list"},
        {"    volumes: [/a, /b, /c, /d]\n", "4 volumes, and 3 fit", "several folders"},
        {"    deploy: {replicas: many}\n", "number of copies", "replicas: 2"},
        {"    cpus: lots\n", "no number of cores", "0.5"},
        {"    mem_limit: lots\n", "no size", "512M"},
        {"    imagee: x\n", "no key of a compose service", "spelled right"},
    };
    for (const Bad& row : rows) {
        const auto out = from_compose(file_with(row.keys), "c.yml", world());
        ASSERT_FALSE(out) << row.keys;
        const bool said = std::ranges::any_of(out.error(), [&](const Finding& finding) {
            return finding.message.find(row.message) != std::string::npos &&
                   finding.fix.find(row.fix) != std::string::npos && finding.line > 0;
        });
        EXPECT_TRUE(said) << row.keys << to_text(out.error().front());
    }
    const auto build = from_compose("services: {a: {build: .}}\n", "c.yml", world());
    ASSERT_FALSE(build);
    EXPECT_NE(build.error().front().fix.find("docker push"), std::string::npos);
    const auto circle =
        from_compose("services: {a: {image: x, depends_on: [b]}, b: {image: x, depends_on: [a]}}\n", "c.yml", world());
    ASSERT_FALSE(circle);
    EXPECT_EQ(circle.error().front().file, "c.yml");
    EXPECT_EQ(circle.error().front().line, 1U);
    for (const char* text :
         {"services: {}\n", "services:\n", "services: []\n", "services: {a: 1}\n", "services: {a: }\n",
          "include: [x]\nservices: {a: {image: x}}\n", "nonsense: 1\nservices: {a: {image: x}}\n",
          "services: {a: {image: x, <<: 5}}\n", "services: {a: {image: x, profiles: [p]}}\n"}) {
        EXPECT_FALSE(from_compose(text, "c.yml", world())) << text;
    }
}

TEST(Compose, MergeKeysTakeInWhatIsMissing) {
    const FromCompose out = made(
        "x-base: &base {image: nginx, environment: &env {A: 1, B: 2}}\nx-more: &more {restart: always}\n"
        "services:\n  a:\n    <<: [*base, *more]\n    environment: {<<: *env, B: 3}\n");
    EXPECT_NE(out.deployment.canonical_json.find(R"("env":["B=3","A=1"])"), std::string::npos)
        << out.deployment.canonical_json;
    EXPECT_EQ(out.deployment.canonical_json.find("restart"), std::string::npos);
}

TEST(Compose, VolumesAreSharedAndNamesAreKept) {
    const FromCompose out = made(
        "services:\n  My_App:\n    image: a\n    volumes: [\"d:/x\"]\n  b:\n    image: b\n    volumes: [\"d:/y:ro\"]\n"
        "    depends_on: [My_App]\nvolumes: {d: {driver_opts: {size: 2g}}}\n");
    const ManifestGroup& group = out.deployment.manifest.groups.at(0);
    EXPECT_EQ(group.services.at(1).name, "my-app");
    EXPECT_EQ(group.services.at(1).lifecycle.aliases, std::vector<std::string>{"My_App"});
    EXPECT_EQ(group.services.at(0).lifecycle.shared, (std::vector<SharedMount>{{"my-app", "d", "/y", true}}));
    EXPECT_EQ(group.services.at(0).resources.storage.size(), 1U);
    EXPECT_EQ(group.services.at(1).resources.storage.at(1).bytes, 2ULL << 30U);
    EXPECT_NE(notes_of(out).find("is called \"my-app\" here"), std::string::npos);
}

TEST(Compose, FoldersOfTheHostMayStartEmpty) {
    const std::string text =
        "services:\n  a:\n    image: x\n    volumes: [\"./data:/var/lib/x\", \"/srv/b:/b:ro\"]\n"
        "  b:\n    image: y\n    volumes: [\"./data:/seen\"]\n";
    EXPECT_FALSE(from_compose(text, "c.yml", world()));
    ComposeWorld lenient = world();
    lenient.empty_folders = true;
    const auto out = from_compose(text, "c.yml", lenient);
    ASSERT_TRUE(out) << to_text(out.error().front());
    const ManifestGroup& group = out->deployment.manifest.groups.at(0);
    EXPECT_EQ(group.services.at(0).resources.storage.size(), 3U);
    EXPECT_EQ(group.services.at(1).lifecycle.shared, (std::vector<SharedMount>{{"a", "var-lib-x", "/seen", false}}));
    EXPECT_NE(notes_of(*out).find("starts empty stands in for it"), std::string::npos);
    for (const char* source : {"./nginx.conf", "/var/run/docker.sock", "/dev/dri", "/etc/ssl"}) {
        const auto file = from_compose(std::string{"services: {a: {image: x, volumes: [\""} + source + ":/x\"]}}\n",
                                       "c.yml", lenient);
        EXPECT_FALSE(file) << source;
    }
}

TEST(Compose, ProfilesAreChosen) {
    const std::string text = "services: {a: {image: x}, b: {image: y, profiles: [debug]}}\n";
    EXPECT_EQ(made(text).deployment.manifest.groups.at(0).services.size(), 1U);
    ComposeWorld chosen = world();
    chosen.environment["COMPOSE_PROFILES"] = "other,debug";
    const auto out = from_compose(text, "c.yml", chosen);
    ASSERT_TRUE(out);
    EXPECT_EQ(out->deployment.manifest.groups.at(0).services.size(), 2U);
}

// Files of the shapes that are published, each with its verdict in its first line.
TEST(Compose, TypicalFilesBecomeSomethingOrAreRefusedHelpfully) {
    std::size_t files = 0;
    const std::filesystem::path folder = std::filesystem::path{SUBLET_SOURCE_DIR} / "test/compose";
    for (const auto& entry : std::filesystem::directory_iterator{folder}) {
        std::ifstream stream{entry.path()};
        const std::string text{std::istreambuf_iterator<char>{stream}, std::istreambuf_iterator<char>{}};
        const std::string verdict = text.substr(2, text.find('\n') - 2);
        ++files;
        if (verdict.starts_with("refused: ")) {
            const auto out = from_compose(text, entry.path().filename(), world());
            ASSERT_FALSE(out) << entry.path();
            std::string all;
            for (const Finding& finding : out.error()) {
                all += to_text(finding) + "\n";
                EXPECT_GT(finding.line, 0U) << entry.path();
                EXPECT_FALSE(finding.fix.empty()) << entry.path();
            }
            const std::string first = verdict.substr(9, verdict.find(';') - 9);
            EXPECT_NE(all.find(first), std::string::npos) << entry.path() << "\n" << all;
            continue;
        }
        const FromCompose out = made(text);
        std::size_t kept = 0;
        for (const Service& service : out.deployment.manifest.groups.at(0).services) {
            kept += static_cast<std::size_t>(std::ranges::count_if(
                service.resources.storage, [](const Storage& storage) { return storage.persistent; }));
        }
        EXPECT_EQ(verdict, "becomes: " + std::to_string(out.deployment.manifest.groups.at(0).services.size()) +
                               " services, " + std::to_string(kept) + " kept volumes")
            << entry.path();
    }
    EXPECT_GE(files, 9U);
}

TEST(Compose, ItsShapeTellsItFromADeploymentFile) {
    struct Shape {
        const char* text;
        bool compose;
    };
    const Shape rows[] = {
        {"services: {a: {image: x}}\n", true},
        {"version: \"3.8\"\nservices: {a: {image: x}}\n", true},
        {"version: \"2.1\"\nservices: {a: {image: x, ports: [\"1\"]}}\n", true},
        {"version: \"2.0\"\nservices: {a: {image: x, env: [A=1]}}\n", false},
        {"version: \"2.0\"\nservices: {}\n", false},
        {"version: \"2.0\"\nservices: {a: {image: x}}\nprofiles: {}\ndeployment: {}\n", false},
        {"version: \"9.9\"\nservices: {a: {image: x}}\ndeployment: {}\n", false},
        {"a: 1\n", false},
        {"[", false},
        {"", false},
    };
    for (const Shape& row : rows) {
        EXPECT_EQ(is_compose(row.text), row.compose) << row.text;
    }
}

TEST(Compose, Values) {
    EXPECT_EQ(read_duration_ms("1h2m3s4ms"), 3'723'004U);
    EXPECT_EQ(read_duration_ms("1.5s"), 1'500U);
    EXPECT_EQ(read_duration_ms("0"), 0U);
    for (const char* text : {"", "5", "s", "5x", "-1s", "1..5s"}) {
        EXPECT_FALSE(read_duration_ms(text)) << text;
    }
    EXPECT_EQ(read_docker_bytes("1.5k"), 1'536U);
    EXPECT_EQ(read_docker_bytes("64MiB"), 64U << 20U);
    EXPECT_EQ(read_docker_bytes("2 gb"), 2ULL << 30U);
    EXPECT_EQ(read_docker_bytes("10"), 10U);
    for (const char* text : {"", "m", "-5m", "5x", "5mm", "99999999999999999999"}) {
        EXPECT_FALSE(read_docker_bytes(text)) << text;
    }
    using Words = std::vector<std::string>;
    EXPECT_EQ(split_command(R"(a "b c" 'd "e' f\ g "" "h\"i\n")"), (Words{"a", "b c", "d \"e", "f g", "", "h\"i\\n"}));
    EXPECT_EQ(split_command("  "), Words{});
    EXPECT_FALSE(split_command("a \"b"));
}

TEST(Compose, HostileFilesEnd) {
    std::string bomb = "x-a: &a [1,1,1,1,1,1,1,1,1,1]\n";
    for (char c = 'b'; c < 'j'; ++c) {
        const std::string before(1, static_cast<char>(c - 1));
        bomb += std::string{"x-"} + c + ": &" + c + " [*" + before;
        for (int i = 0; i < 9; ++i) {
            bomb += ",*" + before;
        }
        bomb += "]\n";
    }
    EXPECT_FALSE(from_compose(bomb + "services: {a: {image: x}}\n", "c.yml", world()));
    std::string nested = "A=";
    for (int i = 0; i < 200; ++i) {
        nested += "${N:-";
    }
    EXPECT_FALSE(
        from_compose(file_with("    environment: [\"" + nested + std::string(200, '}') + "\"]\n"), "c.yml", world()));
    ComposeWorld big = world();
    big.environment["BIG"] = std::string(100'000, 'x');
    EXPECT_FALSE(from_compose(file_with("    environment: [\"A=$BIG$BIG\"]\n"), "c.yml", big));
    std::string merges = "x-a: &a {";
    for (int i = 0; i < 3000; ++i) {
        merges += "k" + std::to_string(i) + ": 1, ";
    }
    EXPECT_FALSE(from_compose(merges + "}\nservices: {a: {<<: *a}}\n", "c.yml", world()));
    EXPECT_FALSE(from_compose(file_with("    ports: [\"1-65535:1-65535\"]\n"), "c.yml", world()));
}

}  // namespace
}  // namespace sublet::sdl
