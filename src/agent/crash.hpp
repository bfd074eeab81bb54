// crash.hpp: the points of a lease's life at which a test kills the agent: before and after each kind of step, and
// between. `sublet lend --list-crash-points` prints them, and test/e2e/agent_crashes.sh fails when one is not driven.
#pragma once

#include <string>

#include "agent/plan.hpp"

namespace sublet::agent {

enum class CrashPoint : std::uint8_t {
    kBeforeRegister,
    kAfterRegister,
    kBeforeOffer,
    kAfterOffer,
    kManifestReceived,  // and found right, not stored
    kManifestStored,    // its tenant not answered
    kContainerCreated,  // not started
    kContainerStarted,  // its ports not stored
    kBeforeHeartbeat,
    kAfterHeartbeat,
    kBeforeWithdraw,
    kAfterWithdraw,
};

void crash_point(CrashPoint point);
void crash_before(StepKind kind);
void crash_after(StepKind kind);
// All of them, by the names that SUBLET_CRASH_AT takes.
std::vector<std::string> crash_points();

}  // namespace sublet::agent
