// profile_test.cpp: classes of processors, their environments, and commands that are known or not.
#include "jobs/profile.hpp"

#include <gtest/gtest.h>

#include "jobs/blender.hpp"

namespace sublet::jobs {
namespace {

constexpr std::string_view kOld = "processor\t: 0\nflags\t\t: fpu sse sse2 pni ssse3 sse4_1 sse4_2\nbugs\t: none\n";

TEST(Profile, ClassOfAProcessor) {
    struct Row {
        std::string text;
        std::string_view name;  // "": none
    };
    const std::string old{kOld};
    for (const Row& row : {Row{old, "sse4.1"},
                           {"x\nflags\t: sse sse2\n", "sse2"},
                           {"x\nflags\t: sse sse2 pni\n", "sse2"},
                           {"x\nflags\t: sse2 sse ssse3 pni", "sse3"},
                           {"x\nflags\t: sse sse2 pni ssse3 sse4_1 avx avx2 fma f16c bmi1\n", "avx"},
                           {"x\nflags\t: sse sse2 pni ssse3 sse4_1 avx avx2 fma f16c bmi1 bmi2\n", "avx2"},
                           {"x\nflags\t: sse sse2 pni ssse3 avx avx2 fma f16c bmi1 bmi2\n", "sse3"},
                           {"x\nflags\t: fpu\nother\t: sse sse2\n", ""},
                           {"x\nFeatures\t: fp asimd\n", ""},
                           {"x\nflags", ""},
                           {"", ""}}) {
        const auto found = class_of_cpuinfo(row.text);
        EXPECT_EQ(found ? class_name(*found) : "", row.name) << row.text;
        EXPECT_EQ(found.has_value(), !row.name.empty());
    }
}

TEST(Profile, EnvironmentsSwitchOffWhatIsAbove) {
    using Env = std::vector<std::string>;
    EXPECT_EQ(class_env(InstructionClass::kAvx2), Env{});
    EXPECT_EQ(class_env(InstructionClass::kSse41), (Env{"CYCLES_CPU_NO_AVX=1", "CYCLES_CPU_NO_AVX2=1"}));
    EXPECT_EQ(class_env(kPinnedClass),
              (Env{"CYCLES_CPU_NO_SSE3=1", "CYCLES_CPU_NO_SSE41=1", "CYCLES_CPU_NO_AVX=1", "CYCLES_CPU_NO_AVX2=1"}));
    for (const auto each : {InstructionClass::kSse2, InstructionClass::kSse3, InstructionClass::kAvx2}) {
        EXPECT_EQ(parse_class(class_name(each)), each);
    }
    EXPECT_EQ(parse_class("mmx").error().code, Code::kBadField);
}

TEST(Profile, KnownCommands) {
    const std::vector<std::string> good = render_command("a scene.blend", 8);
    EXPECT_TRUE(is_known_command(good));
    EXPECT_EQ(pinned(good), render_command("a scene.blend", 1));
    const auto changed = [&](std::size_t at, const std::string& to) {
        std::vector<std::string> out = good;
        out.at(at) = to;
        return out;
    };
    EXPECT_TRUE(is_known_command(changed(6, "1")));
    for (const auto& each :
         {changed(6, "0"), changed(6, "-1"), changed(6, "12345"), changed(6, ""), changed(7, "/task/in/scene/"),
          changed(7, "/task/in/scene/a/b"), changed(7, "/task/in/other.blend"), changed(3, "--enable-autoexec"),
          changed(11, "/task/in/scene/render.py"), std::vector<std::string>{"sh", "-c", "true"},
          std::vector<std::string>{}}) {
        EXPECT_FALSE(is_known_command(each)) << (each.empty() ? "" : each[0]);
    }
    std::vector<std::string> longer = good;
    longer.emplace_back("--");
    EXPECT_FALSE(is_known_command(longer));
}

TEST(Profile, OneProgramIsKnown) {
    EXPECT_TRUE(is_known_script(render_script()));
    EXPECT_FALSE(is_known_script(std::string{render_script()} + " "));
    EXPECT_FALSE(is_known_script(""));
}

}  // namespace
}  // namespace sublet::jobs
