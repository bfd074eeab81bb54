// node.cpp: puts store, engine and API together and routes each request.
#include "api/node.hpp"

#include <chrono>

#include "api/routes.hpp"
#include "engine/solo.hpp"
#include "net/quiet.hpp"

namespace sublet::api {

namespace {

std::string_view method_label(std::string_view method) {
    for (const std::string_view known : {"GET", "POST", "HEAD"}) {
        if (method == known) {
            return known;
        }
    }
    return "other";
}

// What the table of routes does not have is a JSON-RPC method by its name.
Task<net::Response> route(ServicePtr service, net::Request request) {
    const auto start = std::chrono::steady_clock::now();
    request.path = request.path.empty() ? "/" : request.path;
    const bool rest = is_rest_path(request.path);
    Service::RequestKind kind{.route = rest ? route_label(request.path) : rpc_label(request.path),
                              .method = method_label(request.method)};
    Task<net::Response> call =
        rest ? serve_rest(service, std::move(request)) : serve_rpc_get(service, std::move(request));
    net::Response response = co_await std::move(call);
    kind.status = response.status;
    const std::chrono::duration<double> took = std::chrono::steady_clock::now() - start;
    service->requests[kind].add(took.count());
    co_return response;
}

Task<> route_socket(ServicePtr service, net::Request request, std::shared_ptr<net::WebSocket> socket) {
    if (request.path == "/v1/events") {
        Task<> serving = serve_event_socket(service, std::move(request), std::move(socket));
        co_await std::move(serving);
    } else {
        Task<> serving = serve_rpc_socket(service, std::move(socket));
        co_await std::move(serving);
    }
}

std::optional<net::Response> gate(const net::Request& request) {
    if (request.path == "/websocket" || request.path == "/v1/events") {
        return std::nullopt;
    }
    return json_response(404, {{"error", "WebSockets are at /websocket and /v1/events"}});
}

std::string host_text(const std::string& address) {
    if (address == "0.0.0.0") {
        return "127.0.0.1";
    }
    if (address == "::") {
        return "[::1]";
    }
    return address.find(':') == std::string::npos ? address : "[" + address + "]";
}

}  // namespace

struct Node::Parts {
    ServicePtr service;
    std::unique_ptr<net::Server> server;
    std::string authority;  // host:port
    bool stopped = false;
};

Node::Node(std::unique_ptr<Parts> parts) : parts_(std::move(parts)) {}
Node::~Node() { stop(); }

Result<std::unique_ptr<Node>> Node::start(net::Loop& loop, NodeOptions options) {
    std::error_code problem;
    std::filesystem::create_directories(options.data, problem);
    if (problem) {
        return fail(Code::kIo, "cannot make the data folder " + options.data.string() + ": " + problem.message());
    }
    std::filesystem::permissions(options.data, std::filesystem::perms::owner_all, problem);
    std::unique_ptr<net::Clock> clock = net::system_clock();
    std::unique_ptr<net::Listener> listener = net::system_listener(loop);
    TRY(engine, engine::start_solo(loop, *clock,
                                   {.folder = options.data / "ledger",
                                    .genesis = options.genesis,
                                    .core = {.block_interval_ms = options.block_interval_ms,
                                             .check_invariants = options.check_invariants,
                                             .genesis_state = options.genesis_state}}));
    return serve(loop, {std::move(clock), std::move(engine), *listener}, options);
}

Result<std::unique_ptr<Node>> Node::serve(net::Loop& loop, Served served, const NodeOptions& options) {
    auto parts = std::make_unique<Parts>();
    parts->service = std::make_shared<Service>(loop, std::move(served.clock));
    parts->service->engine = std::move(served.engine);
    parts->service->started_ms = parts->service->clock->unix_ms();
    parts->service->validator = validator_of(parts->service->engine->genesis().chain_id);
    net::ServerOptions server{.address = options.address, .port = options.port, .cors = true};
    server.max_body_bytes = kMaxRequestBytes;
    const ServicePtr service = parts->service;
    net::Handler handler = [service](net::Request request) { return route(service, std::move(request)); };
    net::SocketHandler sockets = [service](net::Request request, std::shared_ptr<net::WebSocket> socket) {
        return route_socket(service, std::move(request), std::move(socket));
    };
    TRY(listening, served.listener.listen(std::move(server), std::move(handler), std::move(sockets), gate));
    parts->server = std::move(listening);
    parts->authority = host_text(options.address) + ":" + std::to_string(parts->server->port());
    service->listen_address = "tcp://" + parts->authority;
    return std::unique_ptr<Node>{new Node{std::move(parts)}};
}

std::string Node::url() const { return "http://" + parts_->authority; }
std::string Node::socket_url() const { return "ws://" + parts_->authority + "/websocket"; }
std::uint16_t Node::port() const { return parts_->server->port(); }
const std::string& Node::chain_id() const { return parts_->service->engine->genesis().chain_id; }
engine::Engine& Node::engine() { return *parts_->service->engine; }
std::optional<std::string> Node::halted() const { return parts_->service->engine->halted(); }

void Node::stop() {
    if (!parts_->stopped) {
        parts_->stopped = true;
        parts_->server->stop();
        parts_->service->engine->stop();
    }
}

}  // namespace sublet::api
