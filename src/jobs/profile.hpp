// profile.hpp: how Blender is run where pixels are compared: its command, what a kind of processor makes of Cycles, and
// the one profile that every machine can have. Spec: docs/spec/verification.md (profiles).
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.hpp"

namespace sublet::jobs {

// Which of its kernels Cycles 3.4 takes on a processor: they round differently. Each machine can run those below too.
enum class InstructionClass : std::uint8_t { kSse2, kSse3, kSse41, kAvx, kAvx2 };
inline constexpr InstructionClass kPinnedClass = InstructionClass::kSse2;  // of arbitration, with one thread
std::string_view class_name(InstructionClass instructions);                // "sse2", "sse3", "sse4.1", "avx", "avx2"
// Errors: kBadField.
Result<InstructionClass> parse_class(std::string_view name);

// Of the first processor that the text of /proc/cpuinfo describes, or of this machine. Errors: kIo; kUnsupported (no
// x86-64 processor: Cycles has one kernel elsewhere, and nothing was measured there).
Result<InstructionClass> class_of_cpuinfo(BytesView text);
Result<InstructionClass> instruction_class();

// "NAME=1" for each kernel above the class: with these a machine of a higher class renders as one of this class does.
std::vector<std::string> class_env(InstructionClass instructions);

// What a worker's container runs; `scene`: the file's name below /task/in/scene. Needs: threads is at least 1.
std::vector<std::string> render_command(std::string_view scene, unsigned threads);
// That the command is render_command of some scene and some number of threads.
bool is_known_command(const std::vector<std::string>& command);
// A known command with one thread: then Cycles gives the same bits on all machines of a class.
std::vector<std::string> pinned(std::vector<std::string> command);

}  // namespace sublet::jobs
