// socket.hpp: turns a connection into a WebSocket, on either side.
// Spec: RFC 6455.
#pragma once

#include "net/wire.hpp"

namespace sublet::net {

// Server: answers the upgrade request that was just read. Errors: kMalformed (the peer got 400), kIo, kTimeout.
Task<Result<std::shared_ptr<WebSocket>>> accept_socket(Loop& loop, std::shared_ptr<Wire> wire, Request request);
// Client: asks for the upgrade. Errors: kUnauthorized (401, 403), kNotFound, kHttp (any other refusal), kIo, kTimeout.
Task<Result<std::shared_ptr<WebSocket>>> request_socket(Loop& loop, std::shared_ptr<Wire> wire, std::string host,
                                                        Request request);

}  // namespace sublet::net
