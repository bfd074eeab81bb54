// marks.hpp: the rare paths that a campaign of 64 seeds must have gone.
#pragma once

#include <array>

namespace sublet::sim {

inline constexpr std::array kMustHit{
    "a node was killed",
    "a node lost commits that were not synced",
    "an agent was killed",
    "a provider was cut off",
    "a container died",
    "a container engine went away",
    "an image could not be pulled",
    "the weather changed",
    "a manifest was taken",
    "a manifest was refused",
    "a lease was paused",
    "a top-up was taken",
    "a tenant closed",
    "a deployment ended",
};

}  // namespace sublet::sim
