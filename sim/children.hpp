// children.hpp: every campaign in a process of its own, several at once. One that crashes or hits an assert is a
// finding, not the end of the search.
#pragma once

#include <functional>
#include <optional>

#include "world.hpp"

namespace sublet::sim {

// Starts what `next` gives until it gives nothing, at most `jobs` at once; `done` gets each report as it comes.
void run_children(unsigned jobs, const std::function<std::optional<Campaign>()>& next,
                  const std::function<void(const Campaign&, const Report&)>& done);
// One campaign, waited for.
Report run_apart(const Campaign& campaign);

}  // namespace sublet::sim
