// log.hpp: what a process says while it works: which part says it, in words for people, with named values for machines.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace sublet::net {

enum class LogLevel : std::uint8_t { kDebug, kInfo, kWarning, kError, kCritical };
using LogFields = std::vector<std::pair<std::string, std::string>>;

struct LogLine {
    LogLevel level = LogLevel::kInfo;
    std::string_view component;  // "node", "agent", "engine"
    std::string message;
    LogFields fields;
};

// From any thread. Lines go to the sink; without one, from a warning on, to standard error.
void log(LogLevel level, std::string_view component, std::string message, LogFields fields = {});
// Before the first line; the sink must not throw.
using LogSink = std::function<void(const LogLine&)>;
void set_log_sink(LogSink sink);

}  // namespace sublet::net
