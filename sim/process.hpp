// process.hpp: one program on one simulated machine: a loop, clocks, chance and wires of its own. Killed, its loop
// never runs again: whatever it was doing stays undone.
#pragma once

#include <memory>
#include <string>

#include "network.hpp"

namespace sublet::sim {

struct Process {
    Process(SimTime& time, SimNetwork& network, const Dice& dice, std::string its_name, const std::string& host)
        : name(std::move(its_name)),
          clock(time, loop),
          random(dice.fork(name)),
          transport(network.transport(loop, name)),
          listener(network.listener(loop, name, host)),
          files(net::system_files()) {
        net::set_time_source(loop, time);
    }
    std::string name;
    net::Loop loop;
    SimClock clock;
    SimRandom random;
    std::unique_ptr<net::Transport> transport;
    std::unique_ptr<net::Listener> listener;
    std::unique_ptr<net::Files> files;
};

}  // namespace sublet::sim
