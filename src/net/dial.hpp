// dial.hpp: makes the connections of the client side.
#pragma once

#include "net/wire.hpp"

namespace sublet::net {

// The client's TLS contexts, made when first needed.
class ClientTls {
public:
    // Errors: kTls.
    Result<std::shared_ptr<TlsContext>> get(bool check_chain);

private:
    std::shared_ptr<TlsContext> checked_;
    std::shared_ptr<TlsContext> unchecked_;
};

// Looks the name up, connects and shakes hands, all within `timeout_ms`; the wire's deadline is left running.
// Errors: kIo, kTimeout, kTls.
Task<Result<std::shared_ptr<Wire>>> dial(Loop& loop, Endpoint endpoint, std::shared_ptr<ClientTls> tls,
                                         std::uint64_t timeout_ms);

// For messages: "http://127.0.0.1:80", "unix:///run/x.sock".
std::string endpoint_name(const Endpoint& endpoint);
// As the Host header has it: "example.org:8080", "[::1]:80".
std::string host_header(const Endpoint& endpoint);

}  // namespace sublet::net
