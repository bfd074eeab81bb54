// probe.cpp: whether somebody listens on a published port.
#include "agent/reconcile.hpp"
#include "net/dial.hpp"

namespace sublet::agent {

Task<bool> port_answers(net::Loop& loop, std::string address, std::uint16_t port) {
    net::Endpoint endpoint;
    endpoint.host = std::move(address);
    endpoint.port = port;
    auto tls = std::make_shared<net::ClientTls>();
    Task<Result<std::shared_ptr<net::Wire>>> dialing =
        net::dial(loop, std::move(endpoint), std::move(tls), kProbeTimeout_ms);
    const Result<std::shared_ptr<net::Wire>> wire = co_await std::move(dialing);
    if (!wire) {
        co_return false;
    }
    (*wire)->close();
    co_return true;
}

}  // namespace sublet::agent
