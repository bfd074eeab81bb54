// hostile_frames.hpp: megabytes of random, bent and truncated ABCI frames over real sockets, on connections that read
// their answers or not, and end anywhere; beside them somebody who speaks properly and must be answered.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "engine/cometbft/peer.hpp"

namespace sublet::fuzz {

struct Hostility {
    std::uint64_t megabytes = 1;
    std::uint64_t seed = 1;
    std::vector<abci::Request> models;
    std::size_t most_more_bytes = 256U << 20U;  // of memory, than before
};

struct Assault {
    std::uint64_t bytes = 0;
    std::uint64_t frames = 0;
    std::uint64_t connections = 0;
    std::uint64_t shut = 0;  // of these, by the server
    std::size_t most_more_bytes = 0;
    std::string why;  // what did not hold; empty: all did
};

// `address()`: of the server, which may be another one after `beside`. `beside`: each megabyte or so; what did not
// hold, or an empty text.
Assault assail(const Hostility& hostility, const std::function<std::string()>& address,
               const std::function<std::string()>& beside);

// Of this process, as the system counts it.
std::size_t resident_bytes();

// --megabytes N --seed N --most-mib N; prints what came of it. The exit code of the program.
int with_arguments(int count, char** arguments, const std::function<Assault(Hostility)>& run);

}  // namespace sublet::fuzz
