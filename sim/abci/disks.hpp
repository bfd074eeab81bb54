// disks.hpp: the replica's disk: full while it works, its log cut at every record, bits of every file flipped. It stops
// with a sentence, or stands at a committed height from which CometBFT's replay leads to the same hash; never a fork.
// What the store does by itself has tables beside src/store; what is here is the replica and the replay on top.
#pragma once

#include <string>
#include <vector>

namespace sublet::sim {

struct DiskReport {
    std::vector<std::string> held;
    std::vector<std::string> broken;
    std::string skipped;  // why nothing was tried
};

// Mounts a small disk of its own: root.
DiskReport fill_the_disk();
DiskReport damage_the_disk(std::uint64_t seed);

}  // namespace sublet::sim
