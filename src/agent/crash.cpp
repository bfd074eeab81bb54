// crash.cpp: the names of the agent's crash points.
#include "agent/crash.hpp"

#include <algorithm>
#include <array>

#include "net/crash.hpp"

namespace sublet::agent {

namespace {

constexpr std::array<std::string_view, 12> kPoints = {"before_register",   "after_register",    "before_offer",
                                                      "after_offer",       "manifest_received", "manifest_stored",
                                                      "container_created", "container_started", "before_heartbeat",
                                                      "after_heartbeat",   "before_withdraw",   "after_withdraw"};
static_assert(kPoints.size() == static_cast<std::size_t>(CrashPoint::kAfterWithdraw) + 1);

std::string name_of(std::string_view when, StepKind kind) {
    std::string out = std::string{when} + std::string{to_name(kind)};
    std::ranges::replace(out, ' ', '_');
    return out;
}

}  // namespace

void crash_point(CrashPoint point) { net::crash_at(kPoints[static_cast<std::size_t>(point)]); }
void crash_before(StepKind kind) { net::crash_at(name_of("before_", kind)); }
void crash_after(StepKind kind) { net::crash_at(name_of("after_", kind)); }

std::vector<std::string> crash_points() {
    std::vector<std::string> out{kPoints.begin(), kPoints.end()};
    for (std::size_t i = 0; i < static_cast<std::size_t>(StepKind::kSettle); ++i) {  // a settle is a heartbeat
        out.push_back(name_of("before_", static_cast<StepKind>(i)));
        out.push_back(name_of("after_", static_cast<StepKind>(i)));
    }
    return out;
}

}  // namespace sublet::agent
