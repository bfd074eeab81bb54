// crash.cpp: reads SUBLET_CRASH_AT once and counts down.
#include "net/crash.hpp"

#include <atomic>
#include <csignal>
#include <cstdlib>
#include <string>

namespace sublet::net {

namespace {

struct CrashPlan {
    std::string name;
    long left = 0;  // passages
};

CrashPlan read_plan() {
    const char* const text = std::getenv("SUBLET_CRASH_AT");  // NOLINT(concurrency-mt-unsafe): read once, at the start
    if (text == nullptr) {
        return {};
    }
    const std::string whole = text;
    const std::size_t colon = whole.find(':');
    const long count = colon == std::string::npos ? 1 : std::strtol(whole.c_str() + colon + 1, nullptr, 10);
    return {whole.substr(0, colon), count};
}

}  // namespace

void crash_at(std::string_view name) {
    static const CrashPlan plan = read_plan();
    static std::atomic<long> left = plan.left;  // threads pass points at the same time, though none the same one
    if (left > 0 && plan.name == name && --left == 0) {
        std::raise(SIGKILL);
    }
}

}  // namespace sublet::net
