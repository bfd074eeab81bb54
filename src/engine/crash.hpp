// crash.hpp: named instants at which a test may kill the process, so that recovery is proved and not hoped for.
#pragma once

namespace sublet::engine {

// Kills this process (SIGKILL) when the environment variable SUBLET_CRASH_AT names this point: "after_commit", or
// "after_commit:3" for the third time it is passed. Unset: costs a comparison.
void crash_point(const char* name);

}  // namespace sublet::engine
