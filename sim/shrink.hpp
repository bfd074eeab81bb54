// shrink.hpp: makes a campaign that fails as small as it gets while it fails in the same way: fewer people, fewer
// machines, fewer things that go wrong.
#pragma once

#include "world.hpp"

namespace sublet::sim {

struct Shrunk {
    Campaign campaign;
    Report report;  // of the smallest
    unsigned tries = 0;
};

Shrunk shrink(const Campaign& campaign, const Report& found);
// The command that runs this campaign again.
std::string command_of(const Campaign& campaign);

}  // namespace sublet::sim
