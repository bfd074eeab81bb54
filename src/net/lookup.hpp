// lookup.hpp: names of machines into numeric addresses.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "net/task.hpp"

namespace sublet::net {

// At least one and at most eight, IPv4 or IPv6; a numeric host is its own address. Errors: kIo, kTimeout.
Task<Result<std::vector<std::string>>> look_up(Loop& loop, std::string host, std::uint64_t timeout_ms);

}  // namespace sublet::net
