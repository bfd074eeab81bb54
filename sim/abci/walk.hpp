// walk.hpp: CometBFT's calls at one replica, at random: rounds and proposals of either kind, blocks of the market
// with anything else in them, floods and rechecks of which no answer is read, kills at every instant, older disks. One
// seed decides on all of it but on how far the replica has come when it is killed.
// Spec: CometBFT v0.38 spec/abci/abci++_comet_expected_behavior.md.
#pragma once

#include "comet.hpp"
#include "market.hpp"

namespace sublet::sim {

inline constexpr std::uint64_t kWalkHeights = 30;  // the first twelve register providers and post offers
inline constexpr std::uint64_t kCrowd = 200;       // keys that flood
inline constexpr std::uint64_t kFounders = 4;      // validators of the genesis; as many keys more may become some
inline constexpr std::size_t kBurst = kCrowd * app::kMaxPendingPerAccount;

struct WalkReport {
    std::uint64_t seed = 0;
    std::string why;  // the broken promise; empty: all held
    std::uint64_t heights = 0;
    std::uint64_t transactions = 0;  // in blocks
    std::uint64_t checks = 0;
    double seconds = 0;
    AbciComet::Marks marks;
};

// Rare paths of which each must be gone by some seed of a search.
std::vector<std::string> must_be_walked();

WalkReport walk(std::uint64_t seed, const std::string& plant);

}  // namespace sublet::sim
