// session.hpp: what the server's listener and its connections share.
#pragma once

#include <map>

#include "net/wire.hpp"

namespace sublet::net {

// The server's state; connections hold it, so that it outlives the Server object for as long as they need.
struct ServerCore {
    ServerCore(Loop& own_loop, ServerOptions own_options) : loop(own_loop), options(std::move(own_options)) {}
    Loop& loop;
    ServerOptions options;
    Handler handler;
    SocketHandler socket_handler;
    UpgradeGate gate;
    std::shared_ptr<TlsContext> tls;                   // none: plain
    std::map<const Wire*, std::weak_ptr<Wire>> wires;  // every open connection
    unsigned serving = 0;                              // those within max_connections
    unsigned refusing = 0;                             // those that only get a 503
    bool stopped = false;
};

// Serves one connection to its end.
Task<> serve_connection(std::shared_ptr<ServerCore> core, std::shared_ptr<Wire> wire);
// Answers 503 and closes.
Task<> refuse_connection(std::shared_ptr<ServerCore> core, std::shared_ptr<Wire> wire);

}  // namespace sublet::net
