// profile.cpp: commands and environments of Blender. Spec: docs/spec/verification.md (profiles).
#include "jobs/profile.hpp"

#include <algorithm>
#include <array>
#include <fstream>
#include <iterator>
#include <set>

#include "base/assert.hpp"

namespace sublet::jobs {
namespace {

struct ClassRow {
    std::string_view name;
    std::string_view off;                    // the variable that switches its kernel off
    std::vector<std::string_view> asks_for;  // words of /proc/cpuinfo, beside those of the classes below
};
const std::array<ClassRow, 5>& classes() {
    static const std::array<ClassRow, 5> rows{
        {{"sse2", "CYCLES_CPU_NO_SSE2", {"sse", "sse2"}},
         {"sse3", "CYCLES_CPU_NO_SSE3", {"pni", "ssse3"}},
         {"sse4.1", "CYCLES_CPU_NO_SSE41", {"sse4_1"}},
         {"avx", "CYCLES_CPU_NO_AVX", {"avx"}},
         {"avx2", "CYCLES_CPU_NO_AVX2", {"avx2", "fma", "f16c", "bmi1", "bmi2"}}}};
    return rows;
}

constexpr std::size_t kMaxCpuinfoBytes = 1U << 16U;  // the first processor's
constexpr std::size_t kThreadsAt = 6;                // in the command
constexpr std::size_t kSceneAt = 7;
constexpr std::string_view kSceneFolder = "/task/in/scene/";

}  // namespace

std::string_view class_name(InstructionClass instructions) {
    return classes().at(static_cast<std::size_t>(instructions)).name;
}

Result<InstructionClass> parse_class(std::string_view name) {
    const auto* const found = std::ranges::find(classes(), name, &ClassRow::name);
    if (found == classes().end()) {
        return fail(Code::kBadField, "there is no class of instructions \"" + std::string{name.substr(0, 20)} +
                                         "\": sse2, sse3, sse4.1, avx, avx2");
    }
    return static_cast<InstructionClass>(found - classes().begin());
}

Result<InstructionClass> class_of_cpuinfo(BytesView text) {
    const std::size_t line = text.find("\nflags");
    const std::size_t colon = line == BytesView::npos ? line : text.find(':', line);
    std::set<std::string_view> words;
    for (std::size_t at = colon; at != BytesView::npos && at < text.size() && text[at] != '\n';) {
        const std::size_t end = std::min(text.find_first_of(" \n", at + 1), text.size());
        words.insert(text.substr(at + 1, end - at - 1));
        at = end;
    }
    std::size_t reached = 0;
    while (reached < classes().size() &&
           std::ranges::all_of(
               classes().at(reached).asks_for, [&](std::string_view word) { return words.contains(word); })) {
        ++reached;
    }
    if (reached == 0) {
        return fail(Code::kUnsupported, "this is no x86-64 processor: there is no class of instructions for it");
    }
    return static_cast<InstructionClass>(reached - 1);
}

Result<InstructionClass> instruction_class() {
    std::ifstream in{"/proc/cpuinfo", std::ios::binary};
    std::string text(kMaxCpuinfoBytes, '\0');
    in.read(text.data(), static_cast<std::streamsize>(text.size()));
    if (in.gcount() == 0) {
        return fail(Code::kIo, "cannot read /proc/cpuinfo");
    }
    text.resize(static_cast<std::size_t>(in.gcount()));
    return class_of_cpuinfo(text);
}

std::vector<std::string> class_env(InstructionClass instructions) {
    std::vector<std::string> out;
    for (std::size_t at = static_cast<std::size_t>(instructions) + 1; at < classes().size(); ++at) {
        out.push_back(std::string{classes().at(at).off} + "=1");
    }
    return out;
}

std::vector<std::string> render_command(std::string_view scene, unsigned threads) {
    SUBLET_ASSERT(threads >= 1);
    return {"blender",
            "-b",
            "--factory-startup",
            "--disable-autoexec",
            "-noaudio",
            "-t",
            std::to_string(threads),
            std::string{kSceneFolder} + std::string{scene},
            "--python-exit-code",
            "1",
            "--python",
            "/task/in/render.py"};
}

bool is_known_command(const std::vector<std::string>& command) {
    if (command.size() <= kSceneAt || !command[kSceneAt].starts_with(kSceneFolder)) {
        return false;
    }
    const std::string& threads = command[kThreadsAt];
    const std::string scene = command[kSceneAt].substr(kSceneFolder.size());
    const bool number = !threads.empty() && threads.size() <= 4 && threads[0] != '0' &&
                        std::ranges::all_of(threads, [](char c) { return c >= '0' && c <= '9'; });
    return number && !scene.empty() && scene.find('/') == std::string::npos &&
           command == render_command(scene, static_cast<unsigned>(std::stoul(threads)));
}

std::vector<std::string> pinned(std::vector<std::string> command) {
    SUBLET_ASSERT(is_known_command(command));
    command[kThreadsAt] = "1";
    return command;
}

}  // namespace sublet::jobs
