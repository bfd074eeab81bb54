// signals.hpp: Ctrl-C and SIGTERM as something a coroutine can wait for.
#pragma once

#include "net/task.hpp"

namespace sublet::net {

// Gives the number of the next SIGINT or SIGTERM. From the call on these signals no longer end the process by
// themselves.
Task<int> wait_for_signal(Loop& loop);

}  // namespace sublet::net
