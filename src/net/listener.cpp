// listener.cpp: servers on this machine's sockets.
#include "net/listener.hpp"

namespace sublet::net {
namespace {

class SystemListener final : public Listener {
public:
    explicit SystemListener(Loop& loop) : loop_(loop) {}
    Result<std::unique_ptr<Server>> listen(ServerOptions options, Handler handler, SocketHandler socket_handler,
                                           UpgradeGate gate) override {
        return net::listen(loop_, std::move(options), std::move(handler), std::move(socket_handler), std::move(gate));
    }

private:
    Loop& loop_;
};

}  // namespace

std::unique_ptr<Listener> system_listener(Loop& loop) { return std::make_unique<SystemListener>(loop); }

}  // namespace sublet::net
