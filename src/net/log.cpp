// log.cpp: one sink for the process, because a log is one stream.
#include "net/log.hpp"

#include <cstdio>

namespace sublet::net {

namespace {

LogSink& the_sink() {
    static LogSink sink;
    return sink;
}

}  // namespace

void log(LogLevel level, std::string_view component, std::string message, LogFields fields) {
    const LogLine line{level, component, std::move(message), std::move(fields)};
    if (the_sink()) {
        the_sink()(line);
    } else if (line.level >= LogLevel::kWarning) {
        const std::string text = std::string{line.component} + ": " + line.message + "\n";
        std::fputs(text.c_str(), stderr);
    }
}

void set_log_sink(LogSink sink) { the_sink() = std::move(sink); }

}  // namespace sublet::net
