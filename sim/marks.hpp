// marks.hpp: the rare paths that a campaign of 64 seeds must have gone.
#pragma once

#include <array>

namespace sublet::sim {

inline constexpr std::array kMustHit{
    "a node was killed",
    "a node was killed before its first block",
    "a node was killed within a block",
    "a node lost commits that were not synced",
    "an agent was killed",
    "a machine lost power",
    "an agent's disk lost what was written last",
    "a machine was lost and set up anew",
    "a provider was cut off",
    "a container died",
    "a container engine went away",
    "an image could not be pulled",
    "the weather changed",
    "a clock went back",
    "a clock went ahead",
    "an agent's clock was wrong",
    "a manifest was taken",
    "a manifest was refused",
    "a lease was paused",
    "a top-up was taken",
    "a tenant closed",
    "a deployment ended",
    // attackers
    "blocks were held back",
    "the blocks' time jumped",
    "dust ran out",
    "dust was topped up to the least",
    "a lease was left within its first minute",
    "a lease ended for want of a manifest",
    "a lease ended for want of an image",
    "a lease ended without a show",
    "hopeless orders stood",
    "more hopeless orders than a block looks at",
    "an offer's terms changed",
    "a change of terms was refused",
    "a lease began while worse terms waited",
    "worse terms took effect",
    "useless offers were written anew",
    "a provider said Ready and started nothing",
    "a liar drew nothing",
    "a liar drew what was old enough",
};

}  // namespace sublet::sim
