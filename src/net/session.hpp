// session.hpp: what the server's listener and its connections share.
#pragma once

#include <map>

#include "net/places.hpp"
#include "net/wire.hpp"

namespace sublet::net {

// The server's state; connections hold it, so that it outlives the Server object for as long as they need.
struct ServerCore {
    ServerCore(Loop& own_loop, ServerOptions own_options, PlaceLimits limits)
        : loop(own_loop), options(std::move(own_options)), places(limits) {}
    Loop& loop;
    ServerOptions options;
    Handler handler;
    SocketHandler socket_handler;
    UpgradeGate gate;
    std::shared_ptr<TlsContext> tls;                   // none: plain
    std::map<const Wire*, std::weak_ptr<Wire>> wires;  // every open connection
    Places places;                                     // of those that are served
    unsigned refusing = 0;                             // those that only get a 503
    bool stopped = false;
};

// Serves one connection to its end.
Task<> serve_connection(std::shared_ptr<ServerCore> core, std::shared_ptr<Wire> wire,
                        std::unique_ptr<Places::Place> place);
// Answers 503 and closes.
Task<> refuse_connection(std::shared_ptr<ServerCore> core, std::shared_ptr<Wire> wire);

}  // namespace sublet::net
