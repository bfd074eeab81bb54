// task_array.hpp: which values the tasks of a job have, and sizes, as people write them.
#pragma once

#include <cstdint>
#include <string>

#include "base/result.hpp"

namespace sublet::cli {

struct TaskArray {
    std::int64_t first = 0;
    std::int64_t step = 1;
    std::uint32_t tasks = 1;
};

// "1-500", "1-500:10", "7". Errors: kUsage, naming the option.
Result<TaskArray> parse_array(const char* option, const std::string& text);
// "512Mi", "2Gi". Errors: kUsage, naming the option.
Result<std::uint64_t> parse_size(const char* option, const std::string& text);

}  // namespace sublet::cli
