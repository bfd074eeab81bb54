// sockets.hpp: addresses as CometBFT writes them, to sockets of this machine.
#pragma once

#include <string>

#include "base/bytes.hpp"
#include "base/result.hpp"

namespace sublet::abci {

// A socket that listens. `address`: unix:///PATH or tcp://127.0.0.1:PORT (any loopback address, since nothing in the
// protocol says who calls; port 0: a free one, and the address gets its number). Errors: kUsage, kIo (the system's
// words).
Result<int> listen_at(std::string& address);
// Errors: the same.
Result<int> dial(const std::string& address);
// The file of such an address; empty: it has none.
std::string socket_file(const std::string& address);
// False: the other end is gone.
bool send_all(int socket, BytesView bytes);

}  // namespace sublet::abci
