// listener.hpp: the server side of the world as a constructor argument, as Transport is the client side. The simulator
// passes its own.
#pragma once

#include <memory>

#include "net/http.hpp"

namespace sublet::net {

class Listener {
public:
    virtual ~Listener() = default;
    // As net::listen.
    virtual Result<std::unique_ptr<Server>> listen(ServerOptions options, Handler handler, SocketHandler socket_handler,
                                                   UpgradeGate gate) = 0;
};

// The loop must outlive it.
std::unique_ptr<Listener> system_listener(Loop& loop);

}  // namespace sublet::net
