// http.hpp: HTTP/1.1 and WebSocket messages, the client side (Transport) and the server side (Server). Plain types: no
// Beast here.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/bytes.hpp"
#include "net/identity.hpp"
#include "net/task.hpp"

namespace sublet::net {

inline constexpr std::uint64_t kMaxBodyBytes = 16ULL << 20U;
inline constexpr std::uint64_t kMaxHeaderBytes = 16ULL << 10U;
inline constexpr std::uint64_t kMaxSocketMessageBytes = 4ULL << 20U;
inline constexpr unsigned kMaxServerConnections = 1024;
inline constexpr std::uint64_t kDefaultTimeoutMs = 30'000;

using Headers = std::map<std::string, std::string, std::less<>>;  // names in lower case

// Lets somebody else end an exchange that waits: give it to the request, call cancel() on the loop's thread. Client
// side only.
class Canceller {
public:
    void cancel() {
        cancelled_ = true;
        if (act_) {
            act_();
        }
    }
    [[nodiscard]] bool cancelled() const { return cancelled_; }
    void on_cancel(std::function<void()> act) { act_ = std::move(act); }  // for the transport

private:
    bool cancelled_ = false;
    std::function<void()> act_;
};

struct Request {
    std::string method = "GET";
    std::string target = "/";  // path with query, as sent
    Headers headers;
    Bytes body;
    // Filled by the server:
    std::string path;                          // decoded, without the query
    std::map<std::string, std::string> query;  // decoded
    std::string remote;                        // "127.0.0.1:4711", or "unix"
    // Filled by who wants to be able to end send() or stream() early (they answer kCancelled then):
    std::shared_ptr<Canceller> canceller;
};

struct Response {
    unsigned status = 200;
    Headers headers;
    Bytes body;
};

// Where a server is. TLS without a pin checks the certificate chain and the host name; with a pin the SPKI's SHA-256
// alone counts.
struct Endpoint {
    std::string host;  // name or address; unused with a unix path
    std::uint16_t port = 0;
    std::string unix_path;  // not empty: a unix socket
    bool tls = false;
    std::optional<Hash> spki_pin;
};

// "http://h:p", "https://h:p", "unix:///path". Errors: kParse.
Result<Endpoint> parse_endpoint(std::string_view url);
// Splits the query off and decodes percent escapes; used by the server and by tests.
void split_target(Request& request);
std::string percent_encode(std::string_view text);

enum class Frame : std::uint8_t { kText, kBinary };

struct SocketMessage {
    Frame frame = Frame::kText;
    Bytes data;
};

class WebSocket {
public:
    virtual ~WebSocket() = default;
    // Errors: kCancelled when the peer closed (its code is in the message), kIo, kTimeout, kTooLarge.
    virtual Task<Result<SocketMessage>> receive() = 0;
    // Safe to call from several coroutines of one loop. Comes back at once while little is queued, waits while the peer
    // reads slowly (30 s without progress end the connection); many senders over the bound of the queue get kRefused.
    // So a publisher with many readers spawns its sends.
    virtual Task<Result<>> send(SocketMessage message) = 0;
    virtual Task<> close(std::uint16_t code, std::string reason) = 0;
};

// Called for each piece of a streamed body, in order; an error stops the transfer and is returned to the caller.
using ChunkSink = std::function<Task<Result<>>(Bytes chunk)>;

class Transport {
public:
    virtual ~Transport() = default;
    // One exchange; connections are kept and reused. Errors: kIo, kTimeout, kTls, kTooLarge. An HTTP status is not an
    // error.
    virtual Task<Result<Response>> send(Endpoint endpoint, Request request, std::uint64_t timeout_ms) = 0;
    // As send, but the body goes to `sink` as it comes (status >= 400: into Response::body instead). No limit on its
    // length; `idle_timeout_ms` bounds the silence between two pieces, 0 means none.
    virtual Task<Result<Response>> stream(Endpoint endpoint, Request request, std::uint64_t idle_timeout_ms,
                                          ChunkSink sink) = 0;
    virtual Task<Result<std::shared_ptr<WebSocket>>> open_socket(Endpoint endpoint, Request request,
                                                                 std::uint64_t timeout_ms) = 0;
};

// The loop must outlive it. Its end closes every connection; exchanges that still run answer kCancelled.
std::unique_ptr<Transport> system_transport(Loop& loop);

struct ServerOptions {
    std::string address = "127.0.0.1";
    std::uint16_t port = 0;  // 0: any free one
    std::string unix_path;   // not empty: a unix socket instead, mode 0600
    std::optional<TlsIdentity> tls;
    std::uint64_t max_body_bytes = kMaxBodyBytes;
    unsigned max_connections = kMaxServerConnections;
    std::uint64_t idle_timeout_ms = 60'000;
    bool cors = false;  // answer OPTIONS and allow any origin (public read-only data)
};

using Handler = std::function<Task<Response>(Request)>;
// Gets each WebSocket upgrade that the gate accepts; the socket closes when the coroutine ends.
using SocketHandler = std::function<Task<>(Request, std::shared_ptr<WebSocket>)>;
// Decides an upgrade before it happens: nothing accepts, a response refuses (for example 401).
using UpgradeGate = std::function<std::optional<Response>(const Request&)>;

class Server {
public:
    virtual ~Server() = default;
    [[nodiscard]] virtual std::uint16_t port() const = 0;
    // Stops accepting and closes every connection; the loop must run on for the handlers to end.
    virtual void stop() = 0;
};

// Starts accepting on `loop`. Errors: kIo (address in use: says which), kTls.
// The loop must outlive the server, whose end is a stop(). Handlers run as coroutines of the loop; one that throws
// gives 500.
Result<std::unique_ptr<Server>> listen(Loop& loop, ServerOptions options, Handler handler, SocketHandler socket_handler,
                                       UpgradeGate gate);

}  // namespace sublet::net
