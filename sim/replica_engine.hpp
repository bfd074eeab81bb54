// replica_engine.hpp: one replica behind the interface that the API serves.
#pragma once

#include "consensus.hpp"
#include "engine/engine.hpp"

namespace sublet::sim {

// For the process whose loop this is, as long as the replica is up.
std::unique_ptr<engine::Engine> replica_engine(net::Loop& loop, SimTime& time, Consensus& consensus, std::size_t index);

}  // namespace sublet::sim
