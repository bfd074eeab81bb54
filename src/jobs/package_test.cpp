// package_test.cpp: the canonical document, one row per rule of a package, one per way to misspell one.
#include "jobs/package.hpp"

#include <gtest/gtest.h>
#include <rapidcheck.h>

#include <functional>

#include "crypto/sha256.hpp"

namespace sublet::jobs {
namespace {

Package sample() {
    Package out;
    out.image = "registry.example/blender@sha256:00";
    out.command = {"/bin/sh", "-c", "render \"$TASK\"\n"};
    out.env = {"QUALITY=high", "_EMPTY="};
    out.first = -5;
    out.step = 2;
    out.tasks = 100;
    out.input = Input{.bytes = 10'240, .sha256 = crypto::sha256("input")};
    out.audit = AuditTerms{.size = {640, 360}, .crops = {}, .map = NoiseMap{3, 1, {0, 255, 7}}};
    out.salt = Bytes(32, '\xAB');
    return out;
}

std::string with(std::string text, std::string_view old, std::string_view fresh) {
    const std::size_t at = text.find(old);
    EXPECT_NE(at, std::string::npos) << old;
    return text.replace(at, old.size(), fresh);
}

// Readable, so that a change of the encoding shows up in review.
constexpr std::string_view kGolden =
    R"({"audit":{"crops":8,"height":360,"map":{"columns":3,"rows":1,"weights":"00ff07"},"side":32,"width":640},)"
    R"("command":["/bin/sh","-c",)"
    R"("render \"$TASK\"\n"],"cpu_milli":1000,"env":["QUALITY=high","_EMPTY="],"first":-5,)"
    R"("image":"registry.example/blender@sha256:00","input":{"bytes":10240,)"
    R"("sha256":"c96c6d5be8d08a12e7b5cdc1b207fa6b2430974c86803d8891675e76fd992c20"},"kind":"batch",)"
    R"("memory_bytes":536870912,"output_max_bytes":67108864,)"
    R"("salt":"abababababababababababababababababababababababababababababababab","session":false,"step":2,"tasks":100})";

TEST(Package, HasOneSpelling) {
    const auto text = to_json(sample());
    ASSERT_TRUE(text) << text.error().message;
    EXPECT_EQ(*text, kGolden);
    const auto back = package_from_json(kGolden);
    ASSERT_TRUE(back) << back.error().message;
    EXPECT_EQ(*back, sample());
    EXPECT_EQ(content_of(kGolden), crypto::sha256(kGolden));
}

TEST(Package, WithoutInput) {
    Package package = sample();
    package.input.reset();
    const auto text = to_json(package);
    ASSERT_TRUE(text);
    EXPECT_NE(text->find(R"("input":null)"), std::string::npos);
    EXPECT_EQ(package_from_json(*text).value(), package);
}

TEST(Package, WithoutAuditAndWithoutMap) {
    Package package = sample();
    package.audit->map.reset();
    const auto uniform = to_json(package);
    ASSERT_TRUE(uniform);
    EXPECT_TRUE(uniform->starts_with(R"({"audit":{"crops":8,"height":360,"map":null,"side":32,"width":640},)"))
        << *uniform;
    EXPECT_EQ(package_from_json(*uniform).value(), package);
    package.audit.reset();
    const auto none = to_json(package);
    ASSERT_TRUE(none);
    EXPECT_TRUE(none->starts_with(R"({"audit":null,)")) << *none;
    EXPECT_EQ(package_from_json(*none).value(), package);
}

TEST(Package, TaskValues) {
    Package package = sample();
    EXPECT_EQ(task_value(package, 0), "-5");
    EXPECT_EQ(task_value(package, 99), "193");
    package.tasks = kMaxTasks;
    package.first = kMaxFirst;
    package.step = kMaxStep;
    EXPECT_EQ(task_value(package, kMaxTasks - 1), "100999000000");
    package.first = -kMaxFirst;
    package.step = -kMaxStep;
    EXPECT_EQ(task_value(package, kMaxTasks - 1), "-100999000000");
}

struct RuleRow {
    std::string field;  // "": it passes
    std::function<void(Package&)> change;
};

std::vector<RuleRow> text_rows() {
    return {
        {"", [](Package& p) { p.kind = "a-kind-of-16-byt"; }},
        {"kind", [](Package& p) { p.kind = "a-kind-of-17-byte"; }},
        {"kind", [](Package& p) { p.kind.clear(); }},
        {"kind", [](Package& p) { p.kind = "Batch"; }},
        {"", [](Package& p) { p.image.assign(512, '~'); }},
        {"image", [](Package& p) { p.image.assign(513, 'i'); }},
        {"image", [](Package& p) { p.image.clear(); }},
        {"image", [](Package& p) { p.image = "an image"; }},
        {"image", [](Package& p) { p.image = "im\xC3\xA4ge"; }},
        {"image", [](Package& p) { p.image = "image\x7F"; }},
        {"", [](Package& p) { p.command.assign(256, "x"); }},
        {"command", [](Package& p) { p.command.assign(257, "x"); }},
        {"command", [](Package& p) { p.command.clear(); }},
        {"command", [](Package& p) { p.command[0].clear(); }},
        {"", [](Package& p) { p.command[1].clear(); }},
        {"", [](Package& p) { p.command = {"x", std::string(65'535, 'y')}; }},
        {"command", [](Package& p) { p.command = {"x", std::string(65'536, 'y')}; }},
        {"command[1]", [](Package& p) { p.command[1] = std::string{"a\0b", 3}; }},
        {"command[2]", [](Package& p) { p.command[2] = "\xFF"; }},
        {"", [](Package& p) { p.command[2] = "\xC3\xA4 \xE2\x82\xAC \x01\x7F <&>/\\\""; }},
        {"env", [](Package& p) { p.env.assign(257, "A=b"); }},
        {"env[0]", [](Package& p) { p.env[0] = "NAME"; }},
        {"env[0]", [](Package& p) { p.env[0] = "=value"; }},
        {"env[0]", [](Package& p) { p.env[0] = "1NAME=value"; }},
        {"env[0]", [](Package& p) { p.env[0] = "MY-NAME=value"; }},
        {"env[0]", [](Package& p) { p.env[0] = ""; }},
        {"", [](Package& p) { p.env[0] = "n_1=a=b"; }},
        {"env[1]", [](Package& p) { p.env[1] = "TASK=1"; }},
        {"env[1]", [](Package& p) { p.env[1] = "TASK_INDEX=1"; }},
        {"env[1]", [](Package& p) { p.env[1] = "JOB="; }},
        {"", [](Package& p) { p.env[1] = "JOBS=4"; }},
        {"env[1]", [](Package& p) { p.env[1] = "QUALITY=low"; }},
        {"env[1]", [](Package& p) { p.env[1] = std::string{"A=\0", 3}; }},
        {"env[1]", [](Package& p) { p.env[1] = "A=\xC3"; }},
    };
}

std::vector<RuleRow> number_rows() {
    return {
        {"cpu_milli", [](Package& p) { p.cpu_milli = 9; }},
        {"", [](Package& p) { p.cpu_milli = 10; }},
        {"", [](Package& p) { p.cpu_milli = 1'024'000; }},
        {"cpu_milli", [](Package& p) { p.cpu_milli = 1'024'001; }},
        {"memory_bytes", [](Package& p) { p.memory_bytes = (16ULL << 20U) - 1; }},
        {"", [](Package& p) { p.memory_bytes = 16ULL << 20U; }},
        {"", [](Package& p) { p.memory_bytes = 16ULL << 40U; }},
        {"memory_bytes", [](Package& p) { p.memory_bytes = (16ULL << 40U) + 1; }},
        {"output_max_bytes", [](Package& p) { p.output_max_bytes = 0; }},
        {"", [](Package& p) { p.output_max_bytes = 1; }},
        {"", [](Package& p) { p.output_max_bytes = 64ULL << 30U; }},
        {"output_max_bytes", [](Package& p) { p.output_max_bytes = (64ULL << 30U) + 1; }},
        {"", [](Package& p) { p.first = -1'000'000'000; }},
        {"first", [](Package& p) { p.first = -1'000'000'001; }},
        {"", [](Package& p) { p.first = 1'000'000'000; }},
        {"first", [](Package& p) { p.first = 1'000'000'001; }},
        {"first", [](Package& p) { p.first = INT64_MIN; }},
        {"step", [](Package& p) { p.step = 0; }},
        {"", [](Package& p) { p.step = -1'000'000; }},
        {"step", [](Package& p) { p.step = -1'000'001; }},
        {"", [](Package& p) { p.step = 1'000'000; }},
        {"step", [](Package& p) { p.step = 1'000'001; }},
        {"tasks", [](Package& p) { p.tasks = 0; }},
        {"", [](Package& p) { p.tasks = 100'000; }},
        {"tasks", [](Package& p) { p.tasks = 100'001; }},
        {"", [](Package& p) { p.session = true; }},
        {"input.bytes", [](Package& p) { p.input->bytes = 0; }},
        {"", [](Package& p) { p.input->bytes = kMaxInputBytes; }},
        {"input.bytes", [](Package& p) { p.input->bytes = kMaxInputBytes + 1; }},
        {"audit", [](Package& p) { p.audit->crops.count = 0; }},
        {"", [](Package& p) { p.audit->crops = {64, 256}; }},
        {"audit", [](Package& p) { p.audit->crops.count = 65; }},
        {"audit", [](Package& p) { p.audit->crops.side = 7; }},
        {"", [](Package& p) { p.audit->crops = {1, 8}; }},
        {"audit", [](Package& p) { p.audit->size = {0, 1}; }},
        {"audit", [](Package& p) { p.audit->size = {1, 65'537}; }},
        {"", [](Package& p) { p.audit->size = {65'536, 1}; }},
        {"audit", [](Package& p) { p.audit->crops.side = 257; }},
        {"audit.map", [](Package& p) { p.audit->map->weights = {0, 0, 0}; }},
        {"audit.map", [](Package& p) { p.audit->map->weights.pop_back(); }},
        {"audit.map", [](Package& p) { p.audit->map = NoiseMap{}; }},
        {"", [](Package& p) { p.audit->map = NoiseMap{64, 64, std::vector<std::uint8_t>(4'096, 1)}; }},
        {"audit.map", [](Package& p) { p.audit->map = NoiseMap{65, 1, std::vector<std::uint8_t>(65, 1)}; }},
        {"salt", [](Package& p) { p.salt.pop_back(); }},
        {"salt", [](Package& p) { p.salt += 'x'; }},
    };
}

TEST(Package, EveryRule) {
    std::vector<RuleRow> rows = text_rows();
    for (RuleRow& row : number_rows()) {
        rows.push_back(std::move(row));
    }
    for (std::size_t i = 0; i < rows.size(); ++i) {
        Package package = sample();
        rows[i].change(package);
        const auto text = to_json(package);
        if (rows[i].field.empty()) {
            ASSERT_TRUE(text) << "row " << i << ": " << text.error().message;
            EXPECT_EQ(package_from_json(*text).value(), package) << "row " << i;
        } else {
            ASSERT_FALSE(text) << "row " << i << ", " << rows[i].field;
            EXPECT_EQ(text.error().code, Code::kBadField);
            EXPECT_TRUE(text.error().message.starts_with(rows[i].field + ": ")) << i << ": " << text.error().message;
        }
    }
}

TEST(Package, DocumentsAreBounded) {
    Package package = sample();
    package.env.clear();
    package.env.push_back("A=");
    const std::size_t room = kMaxPackageBytes - to_json(package)->size();
    package.env[0] += std::string(room, 'x');
    const auto largest = to_json(package);
    ASSERT_TRUE(largest) << largest.error().message;
    EXPECT_EQ(largest->size(), kMaxPackageBytes);
    EXPECT_EQ(package_from_json(*largest).value(), package);
    package.env[0] += 'x';
    EXPECT_EQ(to_json(package).error().code, Code::kTooLarge);
    EXPECT_EQ(package_from_json(with(*largest, "A=", "A=x")).error().code, Code::kTooLarge);
}

TEST(Package, OtherSpellingsAreRefused) {
    struct Spelling {
        std::string text;
        Code code;
        std::string says;
    };
    const std::string good{kGolden};
    const Spelling rows[] = {
        {"", Code::kParse, "not valid JSON"},
        {"[]", Code::kParse, "not a JSON object"},
        {"null", Code::kParse, "not a JSON object"},
        {good.substr(0, good.size() - 1), Code::kParse, "not valid JSON"},
        {good + "x", Code::kParse, "not valid JSON"},
        {good + "\n", Code::kParse, "canonical spelling"},
        {good + std::string(1, '\0'), Code::kParse, "canonical spelling"},
        {"\xEF\xBB\xBF" + good, Code::kParse, "from byte 0 on"},
        {with(good, ",\"env\"", ", \"env\""), Code::kParse, "canonical spelling"},
        {with(good, R"("session":false,"step":2)", R"("step":2,"session":false)"), Code::kParse, "canonical spelling"},
        {with(good, "high", "hi\\u0067h"), Code::kParse, "canonical spelling"},
        {with(good, "/bin", "\\/bin"), Code::kParse, "canonical spelling"},
        {with(good, "salt\":\"ab", "salt\":\"AB"), Code::kParse, "canonical spelling"},
        {with(good, "\"first\":-5", "\"first\":-0"), Code::kParse, "canonical spelling"},
        {with(good, "\"tasks\":100", "\"tasks\":0100"), Code::kParse, "not valid JSON"},
        {with(good, "\"tasks\":100", "\"tasks\":1e2"), Code::kParse, "tasks: must be"},
        {with(good, "\"tasks\":100", "\"tasks\":100.0"), Code::kParse, "tasks: must be"},
        {with(good, "\"tasks\":100", "\"tasks\":-1"), Code::kParse, "tasks: must be"},
        {with(good, "\"tasks\":100", "\"tasks\":\"100\""), Code::kParse, "tasks: must be"},
        {with(good, "\"tasks\":100", "\"tasks\":4294967396"), Code::kBadField, "tasks: "},
        {with(good, "\"cpu_milli\":1000", "\"cpu_milli\":4294968296"), Code::kBadField, "cpu_milli: "},
        {with(good, "\"first\":-5", "\"first\":18446744073709551611"), Code::kBadField, "first: "},
        {with(good, "\"first\":-5", "\"first\":99999999999999999999"), Code::kParse, "first: must be"},
        {with(good, "\"step\":2", "\"step\":true"), Code::kParse, "step: must be"},
        {with(good, "\"session\":false", "\"session\":0"), Code::kParse, "session: must be"},
        {with(good, "\"kind\":\"batch\"", "\"kind\":null"), Code::kParse, "kind: must be"},
        {with(good, "\"-c\"", "7"), Code::kParse, "command[1]: must be"},
        {with(good, "[\"QUALITY=high\",\"_EMPTY=\"]", "{}"), Code::kParse, "env: must be"},
        {with(good, "\"-c\"", "[[[[]]]]"), Code::kParse, "nested too deeply"},
        {with(good, R"("side":32)", R"("side":-1)"), Code::kParse, "audit.side: must be"},
        {with(good, R"("crops":8)", R"("crops":4294967304)"), Code::kBadField, "audit: "},
        {with(good, R"("columns":3,)", ""), Code::kParse, "audit.map.columns: is missing"},
        {with(good, R"("columns":3,)", R"("columns":3,"columns":3,)"), Code::kParse,
         "audit.map.columns: is there twice"},
        {with(good, R"("crops":8)", R"("crops":8,"seed":1)"), Code::kParse, "audit.seed: is not expected"},
        {with(good, "00ff07", "00FF07"), Code::kParse, ""},
        {with(good, "00ff07", "00ff0"), Code::kParse, "audit.map.weights: must be"},
        {with(good, "00ff07", "00ff"), Code::kBadField, "audit.map: "},
        {with(good, "\"00ff07\"", "[[1]]"), Code::kParse, "nested too deeply"},
        {with(good, R"({"crops":8)", R"([{"crops":8)"), Code::kParse, "not valid JSON"},
        {with(good, "\"bytes\":10240", "\"bytes\":null"), Code::kParse, "input.bytes: must be"},
        {with(good, "\"bytes\":10240,", ""), Code::kParse, "input.bytes: is missing"},
        {with(good, "\"bytes\":10240,", "\"bytes\":10240,\"name\":1,"), Code::kParse, "input.name: is not expected"},
        {with(good, "\"bytes\":10240,", "\"bytes\":10240,\"bytes\":10240,"), Code::kParse,
         "input.bytes: is there twice"},
        {with(good, "\"sha256\":\"c9", "\"sha256\":\"zz"), Code::kParse, "input.sha256: must be"},
        {with(good, "\"sha256\":\"c9", "\"sha256\":\""), Code::kParse, "input.sha256: must be"},
        {with(good, "\"salt\":\"ab", "\"salt\":\""), Code::kParse, "salt: must be"},
        {with(good, "\"step\":2,", ""), Code::kParse, "step: is missing"},
        {with(good, "\"step\":2", "\"step\":2,\"stop\":2"), Code::kParse, "stop: is not expected"},
        {with(good, "\"step\":2", "\"step\":2,\"step\":2"), Code::kParse, "step: is there twice"},
        {with(good, "high", "\xFF"), Code::kParse, "not valid JSON"},
        {with(good, "-c", "\\u0000"), Code::kBadField, "command[1]: "},
        {with(good, "-c", "\\ud800"), Code::kParse, "not valid JSON"},
        {std::string(200'000, '['), Code::kParse, "not valid JSON"},
        {std::string(100'000, '[') + std::string(100'000, ']'), Code::kParse, "nested too deeply"},
    };
    for (const Spelling& row : rows) {
        const auto package = package_from_json(row.text);
        ASSERT_FALSE(package) << row.text.substr(0, 600);
        EXPECT_EQ(package.error().code, row.code) << row.says << " / " << package.error().message;
        EXPECT_NE(package.error().message.find(row.says), std::string::npos)
            << row.says << " / " << package.error().message;
    }
}

TEST(Package, WhateverIsWrittenReadsTheSame) {
    const bool ok = rc::check("package_from_json(to_json(p)) == p; a changed byte is another package or none", [] {
        const auto ascii = rc::gen::container<std::string>(rc::gen::inRange<char>(1, 127));
        Package package = sample();
        for (const std::string& item : *rc::gen::container<std::vector<std::string>>(ascii)) {
            package.command.push_back(item);
            package.env.push_back("V" + std::to_string(package.env.size()) + "=" + item);
        }
        package.first = *rc::gen::inRange<std::int64_t>(-kMaxFirst, kMaxFirst + 1);
        package.tasks = *rc::gen::inRange<std::uint32_t>(1, kMaxTasks + 1);
        package.session = *rc::gen::arbitrary<bool>();
        const auto text = to_json(package);
        RC_ASSERT(text.has_value());
        const auto back = package_from_json(*text);
        RC_ASSERT(back.has_value());
        RC_ASSERT(*back == package);
        Bytes bent = *text;
        const auto at = *rc::gen::inRange<std::size_t>(0, bent.size());
        bent[at] = static_cast<char>(bent[at] ^ *rc::gen::inRange(1, 256));
        if (const auto other = package_from_json(bent)) {
            RC_ASSERT(*to_json(*other) == bent);
            RC_ASSERT(*other != package);
        }
    });
    EXPECT_TRUE(ok);
}

}  // namespace
}  // namespace sublet::jobs
