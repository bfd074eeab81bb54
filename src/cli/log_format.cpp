// log_format.cpp: {"time":"2026-01-02T03:04:05.678Z","level":"info","component":"agent","message":"…","fields":{…}}
#include "cli/log_format.hpp"

#include <fmt/chrono.h>
#include <fmt/format.h>
#include <spdlog/sinks/stdout_color_sinks.h>
#include <spdlog/spdlog.h>

#include <chrono>
#include <cstdlib>

#include "cli/context.hpp"

namespace sublet::cli {
namespace {

bool& json_wanted() {
    static bool wanted = false;
    return wanted;
}

spdlog::level::level_enum level_of(net::LogLevel level) {
    switch (level) {
        case net::LogLevel::kDebug:
            return spdlog::level::debug;
        case net::LogLevel::kInfo:
            return spdlog::level::info;
        case net::LogLevel::kWarning:
            return spdlog::level::warn;
        case net::LogLevel::kError:
            return spdlog::level::err;
        case net::LogLevel::kCritical:
            return spdlog::level::critical;
    }
    return spdlog::level::info;
}

std::string json_line(const net::LogLine& line) {
    namespace chrono = std::chrono;
    const auto ms = chrono::duration_cast<chrono::milliseconds>(chrono::system_clock::now().time_since_epoch()).count();
    const auto level = spdlog::level::to_string_view(level_of(line.level));
    std::string out = fmt::format(
        R"({{"time":"{:%Y-%m-%dT%H:%M:%S}.{:03}Z","level":"{}","component":{},"message":{},"fields":{{)",
        fmt::gmtime(static_cast<std::time_t>(ms / 1000)), ms % 1000, std::string_view{level.data(), level.size()},
        json_quoted(line.component), json_quoted(line.message));
    for (const auto& [name, value] : line.fields) {
        out += (out.ends_with('{') ? "" : ",") + json_quoted(name) + ":" + json_quoted(value);
    }
    return out + "}}";
}

void write_line(const net::LogLine& line) {
    const spdlog::level::level_enum level = level_of(line.level);
    if (!spdlog::default_logger_raw()->should_log(level)) {
        return;
    }
    if (json_wanted()) {
        const std::string text = json_line(line) + "\n";
        std::fwrite(text.data(), 1, text.size(), stderr);  // one call: lines of two threads do not mix
        return;
    }
    spdlog::default_logger_raw()->log(level, "{}: {}", line.component, line.message);
}

}  // namespace

void log_to_stderr() {
    static const auto kLogger = spdlog::stderr_color_mt("sublet");
    spdlog::set_default_logger(kLogger);
    const char* level = std::getenv("SUBLET_LOG");
    spdlog::set_level(level == nullptr ? spdlog::level::info : spdlog::level::from_str(level));
    net::set_log_sink(write_line);
}

Result<> set_log_format(const std::string& format) {
    if (format.empty()) {
        return {};
    }
    if (format != "human" && format != "json") {
        return fail(Code::kUsage, "log format '" + format + "': it is human or json");
    }
    json_wanted() = format == "json";
    return {};
}

bool json_logs() { return json_wanted(); }

void log_start(const std::string& component, const std::string& message, const net::LogFields& fields) {
    if (json_logs()) {
        net::log(net::LogLevel::kInfo, component, message, fields);
    }
}

}  // namespace sublet::cli
