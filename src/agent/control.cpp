// control.cpp: the agent's control socket, for the owner of the machine.
#include "agent/control.hpp"

#include "agent/lease_view.hpp"

namespace sublet::agent {

std::string control_url(const std::filesystem::path& data) {
    return "unix://" + std::filesystem::absolute(data / "agent.sock").string();
}

Result<> Control::listen() {
    net::ServerOptions options;
    options.unix_path = (core_->options.data / "agent.sock").string();
    options.max_body_bytes = 1'024;
    const std::shared_ptr<Control> self = shared_from_this();
    net::Handler handler = [self](net::Request request) { return self->handle(std::move(request)); };
    net::SocketHandler no_sockets;
    net::UpgradeGate no_upgrades = [](const net::Request&) {
        return std::optional<net::Response>{json_response(404, error_json("there is no WebSocket here", ""))};
    };
    TRY(server, core_->parts.listener.listen(std::move(options), std::move(handler), std::move(no_sockets),
                                             std::move(no_upgrades)));
    server_ = std::move(server);
    return {};
}

void Control::stop() {
    if (server_) {
        server_->stop();
        server_.reset();
    }
}

Task<net::Response> Control::handle(net::Request request) {
    if (core_->stopping) {
        co_return json_response(503, error_json("the agent stops", "start it again"));
    }
    const std::string call = request.method + " " + request.path;
    if (call == "GET /status") {
        co_return json_response(200, owner_json(*core_));
    }
    if (call == "GET /earnings") {
        co_return json_response(200, earnings_json(*core_));
    }
    if (call == "POST /pause") {
        co_return co_await wish(market::OfferState::kPaused);
    }
    if (call == "POST /resume") {
        co_return co_await wish(market::OfferState::kActive);
    }
    if (call == "POST /drain") {
        co_return co_await wish(market::OfferState::kDraining);
    }
    co_return json_response(
        404, error_json("there is no " + call, "GET /status, GET /earnings, POST /pause, POST /resume, POST /drain"));
}

Task<net::Response> Control::wish(market::OfferState state) {
    const Tasks::Hold holding = core_->tasks.hold();  // the agent waits for this before it goes
    Task<Result<>> wishing = presence_.wish(state);
    const Result<> done = co_await std::move(wishing);
    if (!done) {
        co_return json_response(502,
                                error_json(done.error().message, "it is remembered; try again when the node answers"));
    }
    co_return json_response(200, owner_json(*core_));
}

}  // namespace sublet::agent
