// service_loop.hpp: what a process that stays does: wait for Ctrl-C, or for something that ends it.
#pragma once

#include <functional>
#include <optional>
#include <string>

#include "cli/context.hpp"

namespace sublet::cli {

// Runs the loop until SIGINT or SIGTERM (nothing), or until `trouble` says why to stop; asks it twice a second. A
// second signal later ends the process at once.
std::optional<std::string> serve(Context& context, std::function<std::optional<std::string>()> trouble);

}  // namespace sublet::cli
