// load.hpp: many connections to one JSON-RPC server, each with one request on its way: what was asked for must come
// back, or there is no rate.
#pragma once

#include <cstdint>
#include <deque>
#include <string>
#include <string_view>
#include <vector>

namespace sublet::bench {

struct Call {
    std::string request;  // whole, HTTP head and body
    std::string hash;     // upper-case hex: the answer names it, with code 0
};

// Calls a second over all connections: the calls of each of them go out in their order, the next when the one before is
// answered. Throws at the first answer that is not what was asked for.
double call_rate(std::uint16_t port, const std::vector<std::deque<Call>>& of_connection);

// A call of broadcast_tx_sync.
Call broadcast(std::string_view transaction);

}  // namespace sublet::bench
