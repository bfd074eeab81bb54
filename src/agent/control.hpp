// control.hpp: the agent's control socket, for the owner of the machine. Spec: docs/spec/gateway.md.
#pragma once

#include <memory>

#include "agent/presence.hpp"

namespace sublet::agent {

class Control : public std::enable_shared_from_this<Control> {
public:
    Control(std::shared_ptr<Core> core, Presence& presence) : core_(std::move(core)), presence_(presence) {}

    // Listens on data/agent.sock, mode 0600. Errors: kIo.
    Result<> listen();
    void stop();

private:
    Task<net::Response> handle(net::Request request);
    Task<net::Response> wish(market::OfferState state);

    std::shared_ptr<Core> core_;
    Presence& presence_;
    std::unique_ptr<net::Server> server_;
};

}  // namespace sublet::agent
