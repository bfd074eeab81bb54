// service.hpp: what every handler of the API needs; lives until the last handler ended. Private to the room.
#pragma once

#include <nlohmann/json.hpp>

#include "engine/engine.hpp"
#include "net/host.hpp"
#include "net/http.hpp"

namespace sublet::api {

using Json = nlohmann::ordered_json;
using net::Task;

inline constexpr std::size_t kMaxBatch = 100;                 // JSON-RPC requests in one body
inline constexpr std::size_t kMaxSubscriptions = 16;          // of one WebSocket
inline constexpr std::uint64_t kMaxRequestBytes = 1U << 20U;  // of a body
inline constexpr std::size_t kMaxJsonDepth = 32;
inline constexpr std::size_t kMaxParameterLength = 256;  // characters of a text in a path or a query, if it says none
inline constexpr std::uint64_t kBroadcastCommitMs = 10'000;

// The one validator of a network that one machine orders. Its key signs nothing: 32 bytes drawn from the chain's name.
struct Validator {
    Bytes public_key;
    std::string address;  // upper hex, 20 bytes
    std::string set_hash;
};
Validator validator_of(const std::string& chain_id);

struct Service {
    Service(net::Loop& its_loop, std::unique_ptr<net::Clock> its_clock) : loop(its_loop), clock(std::move(its_clock)) {}
    net::Loop& loop;
    std::unique_ptr<net::Clock> clock;  // outlives the engine, which reads it from its thread
    std::unique_ptr<engine::Engine> engine;
    Validator validator;
    std::string listen_address;  // "tcp://127.0.0.1:26657"
    std::uint64_t sockets = 0;   // open ones
    // Requests by route, method and status; the routes are those of the table, so their number is bounded.
    struct RequestKind {
        std::string_view route;
        std::string_view method;
        unsigned status = 0;
        auto operator<=>(const RequestKind&) const = default;
    };
    std::map<RequestKind, engine::Histogram> requests;
    std::uint64_t started_ms = 0;  // unix
};
using ServicePtr = std::shared_ptr<Service>;

// Bad UTF-8 in logs or memos becomes U+FFFD, so that an answer is always JSON.
std::string dump(const Json& value);
// Refuses what is nested deeper than kMaxJsonDepth. Errors: kParse.
Result<Json> parse_json(std::string_view text);

net::Response json_response(unsigned status, const Json& body);

// JSON-RPC. POST bodies may be batches; GET has the method as its path and parameters as its query.
Task<net::Response> serve_rpc_post(ServicePtr service, Bytes body);
Task<net::Response> serve_rpc_get(ServicePtr service, net::Request request);
Task<> serve_rpc_socket(ServicePtr service, std::shared_ptr<net::WebSocket> socket);

Task<> serve_event_socket(ServicePtr service, net::Request request, std::shared_ptr<net::WebSocket> socket);
net::Response serve_metrics(const Service& service);
net::Response serve_health(const Service& service);
// Whether it can be given work: 200, or 503 with the state and why.
net::Response serve_ready(const Service& service);

}  // namespace sublet::api
