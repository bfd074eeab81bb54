// preflight_test.cpp: the reader of Blender's findings: what it takes, each thing it refuses, and its limits.
#include <gtest/gtest.h>

#include "jobs/preflight.hpp"

namespace sublet::jobs {
namespace {

constexpr std::string_view kPlain =
    R"({"version":1,"facts":{"engine":"CYCLES","width":64,"height":36,"frame_start":-5,"frame_end":24},)"
    R"("findings":[{"severity":"note","rule":"packed","what":"a","where":"b","fix":""},)"
    R"({"severity":"error","rule":"missing","what":"c","where":"d","fix":"e"}],"left_out":0,"packed":false})";

Bytes with(std::string_view part, std::string_view instead) {
    Bytes out{kPlain};
    return out.replace(out.find(part), part.size(), instead);
}

Bytes with_findings(std::size_t count, std::string_view what) {
    Bytes list;
    for (std::size_t at = 0; at < count; ++at) {
        list += at == 0 ? "" : ",";
        list += R"({"severity":"note","rule":"r","what":")" + Bytes{what} + R"(","where":"","fix":""})";
    }
    return R"({"version":1,"facts":{},"left_out":0,"packed":true,"findings":[)" + list + "]}";
}

TEST(PreflightReport, IsRead) {
    const Result<Preflight> read = read_preflight(kPlain);
    ASSERT_TRUE(read) << read.error().message;
    EXPECT_EQ(read->facts.engine, "CYCLES");
    EXPECT_EQ(read->facts.frame_start, -5);
    EXPECT_EQ(read->facts.samples, 0U);
    EXPECT_TRUE(read->facts.plain);
    const Result<Preflight> more =
        read_preflight(with(R"("height":36)", R"("height":36,"fps_milli":23976,"plain":false)"));
    ASSERT_TRUE(more) << more.error().message;
    EXPECT_EQ(more->facts.fps_milli, 23'976U);
    EXPECT_FALSE(more->facts.plain);
    EXPECT_EQ(*read_preflight(to_json(*more)), *more);
    ASSERT_EQ(read->findings.size(), 2U);
    EXPECT_EQ(read->findings[0], (PreflightFinding{Severity::kError, "missing", "c", "d", "e"})) << "errors come first";
    EXPECT_EQ(read->count(Severity::kError), 1U);
    EXPECT_EQ(read->count(Severity::kWarning), 0U);
    EXPECT_EQ(*read_preflight(to_json(*read)), *read) << "and reads the same again";
}

TEST(PreflightReport, RefusesAnythingElse) {
    struct Refused {
        const char* why;
        Bytes text;
    };
    const std::string late_control =
        "a\xc2\x9b"
        "2J";
    const std::vector<Refused> rows{
        {"nothing", ""},
        {"no object", "[]"},
        {"cut off", Bytes{kPlain.substr(0, kPlain.size() - 1)}},
        {"more behind it", Bytes{kPlain} + "{}"},
        {"another version", with(R"("version":1)", R"("version":2)")},
        {"no version", with(R"("version":1,)", "")},
        {"a key twice", with(R"("version":1)", R"("version":1,"version":1)")},
        {"a finding's key twice", with(R"("what":"c")", R"("what":"c","what":"c")")},
        {"a key that nobody knows", with(R"("version":1)", R"("version":1,"more":1)")},
        {"a fact that nobody knows", with(R"("engine")", R"("motor")")},
        {"facts that are a list", with(R"("facts":{"engine":"CYCLES","width":64,"height":36,"frame_start":-5,)"
                                       R"("frame_end":24})",
                                       R"("facts":[])")},
        {"another severity", with(R"("severity":"note")", R"("severity":"fatal")")},
        {"no rule", with(R"("rule":"packed")", R"("rule":"")")},
        {"nothing said", with(R"("what":"c")", R"("what":"")")},
        {"a number for a text", with(R"("what":"c")", R"("what":7)")},
        {"a line's end in a text", with(R"("what":"c")", R"("what":"c\n")")},
        {"an escape to the terminal", with(R"("what":"c")", R"("what":"\u001b[2J")")},
        {"a late control character", with(R"("what":"c")", R"("what":")" + late_control + R"(")")},
        {"no UTF-8", with(R"("what":"c")", "\"what\":\"\xff\"")},
        {"half a surrogate", with(R"("what":"c")", R"("what":"\ud800")")},
        {"a rule too long", with(R"("rule":"packed")", R"("rule":")" + Bytes(33, 'r') + R"(")")},
        {"less than no pixels", with(R"("width":64)", R"("width":-1)")},
        {"half a pixel", with(R"("width":64)", R"("width":0.5)")},
        {"too many pixels", with(R"("width":64)", R"("width":131073)")},
        {"a frame beyond Blender's", with(R"("frame_end":24)", R"("frame_end":1048575)")},
        {"a frame beyond any number", with(R"("frame_end":24)", R"("frame_end":18446744073709551615)")},
        {"a frame far below", with(R"("frame_start":-5)", R"("frame_start":-1048575)")},
        {"a thousand frames a second and more", with(R"("width":64)", R"("fps_milli":1000001)")},
        {"plain, perhaps", with(R"("width":64)", R"("plain":1)")},
        {"packed with an error", with(R"("packed":false)", R"("packed":true)")},
        {"packed, perhaps", with(R"("packed":false)", R"("packed":"yes")")},
        {"too deep", with(R"("width":64)", R"("width":[[[]]])")},
        {"deep without end", Bytes(100'000, '[')},
    };
    for (const Refused& row : rows) {
        const Result<Preflight> read = read_preflight(row.text);
        ASSERT_FALSE(read) << row.why;
        EXPECT_EQ(read.error().code, Code::kParse) << row.why;
    }
}

TEST(PreflightReport, HasLimits) {
    EXPECT_TRUE(read_preflight(with_findings(kMaxPreflightFindings, "x")));
    EXPECT_FALSE(read_preflight(with_findings(kMaxPreflightFindings + 1, "x")));
    EXPECT_TRUE(read_preflight(with_findings(1, Bytes(kMaxPreflightTextBytes, 'x'))));
    EXPECT_FALSE(read_preflight(with_findings(1, Bytes(kMaxPreflightTextBytes + 1, 'x'))));
    const Result<Preflight> large = read_preflight(Bytes(kMaxPreflightBytes + 1, ' '));
    ASSERT_FALSE(large);
    EXPECT_EQ(large.error().code, Code::kTooLarge);
}

TEST(PreflightReport, MakesALineOfAnything) {
    EXPECT_EQ(one_line("a\nb\x1b[2J\x7f"), "a?b?[2J?");
    EXPECT_EQ(one_line("a\xc2\x9b"
                       "b"),
              "a?b");
    EXPECT_EQ(one_line("gr\xc3\xbcn"), "gr\xc3\xbcn");
    EXPECT_EQ(one_line("\xff"), "\xef\xbf\xbd");
    EXPECT_LE(one_line(Bytes(1U << 20U, '\xff')).size(), kMaxPreflightTextBytes);
}

TEST(PreflightPlan, SaysWhatIsAsked) {
    const PreflightPlan plan{"/a/b.blend", {"PNG", 4, 50}, -1, 6, 1U << 30U};
    EXPECT_EQ(
        plan_json(plan),
        R"({"audit":false,"audit_optional":false,"first":-1,"format":"PNG","last":6,"memory_bytes":1073741824,"part":false,"samples":4,)"
        R"("scale":50,"scene":"/a/b.blend"})");
    const std::string script = preflight_script();
    for (const char* part : {"PLAN[\"first\"]", "def look_at_files", "use_scripts=False", "findings.json",
                             "def in_the_way(scene, part=False)", "path guiding learns", "def look_at_audit"}) {
        EXPECT_NE(script.find(part), std::string::npos) << part;
    }
    EXPECT_EQ(script.find("def render_crops"), std::string::npos) << "what renders is not what looks";
}

}  // namespace
}  // namespace sublet::jobs
