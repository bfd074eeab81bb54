// log_format.hpp: how the lines of the log look: for people, or one JSON object a line for machines.
#pragma once

#include <string>

#include "base/result.hpp"
#include "net/log.hpp"

namespace sublet::cli {

// Logs go to standard error: standard output is for answers. SUBLET_LOG: trace, debug, info (the default), warn, err,
// off.
void log_to_stderr();
// "human" or "json"; empty leaves it. Errors: kUsage.
Result<> set_log_format(const std::string& format);
bool json_logs();
// For machines only: people are told on standard output.
void log_start(const std::string& component, const std::string& message, const net::LogFields& fields);

}  // namespace sublet::cli
