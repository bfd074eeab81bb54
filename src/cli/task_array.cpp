// task_array.cpp: ranges of tasks and sizes from the command line.
#include "cli/task_array.hpp"

#include <fmt/format.h>

#include <charconv>
#include <optional>

#include "modules/job/job.hpp"
#include "sdl/units.hpp"

namespace sublet::cli {
namespace {

std::optional<std::int64_t> whole(std::string_view text) {
    std::int64_t out = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), out);
    return error == std::errc{} && end == text.data() + text.size() ? std::optional{out} : std::nullopt;
}

}  // namespace

Result<TaskArray> parse_array(const char* option, const std::string& text) {
    const std::size_t colon = text.find(':');
    const std::string range = text.substr(0, colon);
    const std::size_t dash = range.find('-', 1);
    const auto first = whole(range.substr(0, dash));
    const auto last = dash == std::string::npos ? first : whole(range.substr(dash + 1));
    const auto step = colon == std::string::npos ? std::optional<std::int64_t>{1} : whole(text.substr(colon + 1));
    if (!first || !last || !step || *step < 1 || *last < *first) {
        return fail(Code::kUsage,
                    fmt::format("{} {}: write FIRST-LAST or FIRST-LAST:STEP, such as 1-500", option, text));
    }
    const std::uint64_t tasks = static_cast<std::uint64_t>(*last - *first) / static_cast<std::uint64_t>(*step) + 1;
    if (tasks > job::kMaxTasks) {
        return fail(Code::kUsage,
                    fmt::format("{} {}: {} tasks, a job has at most {}", option, text, tasks, job::kMaxTasks));
    }
    return TaskArray{*first, *step, static_cast<std::uint32_t>(tasks)};
}

Result<std::uint64_t> parse_size(const char* option, const std::string& text) {
    const std::optional<sdl::ByteCount> read = sdl::read_bytes(text);
    if (!read || !read->usual_suffix) {
        return fail(Code::kUsage, fmt::format("{} {}: write a size such as 512Mi or 2Gi", option, text));
    }
    return read->bytes;
}

}  // namespace sublet::cli
