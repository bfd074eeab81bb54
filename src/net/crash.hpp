// crash.hpp: named instants at which a test may kill the process, so that recovery is proved and not hoped for. The
// names are listed by the rooms that have them: engine/crash.hpp and agent/crash.hpp.
#pragma once

#include <string_view>

namespace sublet::net {

// Kills this process (SIGKILL) when the environment variable SUBLET_CRASH_AT names this point: "after_commit", or
// "after_commit:3" for the third time it is passed. Unset: costs a comparison. Each point is passed by one thread only.
void crash_at(std::string_view name);

}  // namespace sublet::net
