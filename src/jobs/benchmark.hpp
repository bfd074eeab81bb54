// benchmark.hpp: how fast a machine renders, in thousandths of a reference work unit a second: the program that finds
// it, and what follows from what it says. Spec: docs/spec/work.md.
#pragma once

#include <cstdint>
#include <string_view>

#include "base/bytes.hpp"
#include "base/result.hpp"

namespace sublet::jobs {

inline constexpr std::string_view kBlenderEngine = "blender-3.4-cpu";
inline constexpr std::size_t kMaxBenchmarkAnswer = 4'096;
inline constexpr const char* kBenchmarkAnswer = "seconds.json";  // in the output folder, beside the pictures

// Run by Blender with SEED in its environment: three scenes that it makes itself, one picture of each.
std::string_view benchmark_script();

// mRWU a second. Errors: kParse (not what the program writes).
Result<std::uint64_t> benchmark_rate(BytesView answer);

// Seconds of a whole task from two that were cut short: the straight line through them. `samples` of `of` each.
struct Turn {
    double seconds = 0;
    std::uint64_t samples = 0;
    std::uint64_t of = 0;
};
double whole_time(const Turn& few, const Turn& more);
// What a turn of a probe says about its samples: "4 128". Errors: kParse.
Result<Turn> parse_turn(BytesView text, double seconds);
// mRWU of work that took so long on so many cores of such a rate; at least 1, at most job::kMaxWork.
std::uint64_t work_of(double seconds, std::uint64_t rate, unsigned cores);

}  // namespace sublet::jobs
