// left.cpp: fuzz target: what a task's program leaves for its worker (exit code, samples, times of the benchmark), and
// what a creator keeps of a render, become bounded values or are refused.
#include <cmath>

#include "fuzz.hpp"
#include "jobs/benchmark.hpp"
#include "jobs/frame.hpp"
#include "jobs/session.hpp"
#include "jobs/still.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace sublet;
    const BytesView text = fuzz::view_of_input(data, size);
    if (const auto code = jobs::parse_exit_code(text)) {
        fuzz::require(*code >= 0 && *code <= 255, "an exit code is one of a process");
        fuzz::require(jobs::parse_exit_code(std::to_string(*code)).value_or(-1) == *code, "it has one meaning");
    }
    if (const auto turn = jobs::parse_turn(text, 2.0)) {
        fuzz::require(turn->samples >= 1 && turn->samples <= turn->of, "samples are among those of the whole");
        const double whole = jobs::whole_time({1.0, 1, turn->of}, *turn);
        fuzz::require(std::isfinite(whole) && whole >= 2.0, "a whole task takes no less than a part");
        fuzz::require(jobs::work_of(whole, 1'000, 1) >= 1, "work is at least 1");
    }
    if (const auto rate = jobs::benchmark_rate(text)) {
        fuzz::require(*rate >= 1 && *rate < 1ULL << 40U, "a rate is bounded");
    }
    if (const auto still = jobs::still_from_json(text)) {
        fuzz::require(still->parts() >= 1 && still->parts() <= jobs::kMaxStillParts, "parts are bounded");
        const auto again = jobs::still_from_json(jobs::still_json(*still));
        fuzz::require(again && *again == *still, "what was read is read again");
    }
    if (const auto shape = jobs::frame_shape_from_json(text)) {
        const auto again = jobs::frame_shape_from_json(jobs::frame_shape_json(*shape));
        fuzz::require(again && again->width == shape->width && again->height == shape->height, "a shape is read again");
    }
    return 0;
}
