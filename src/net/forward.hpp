// forward.hpp: a forward proxy for one program that may call only what somebody allows. It looks names up itself and
// dials the very addresses that were judged, so no redirect and no second answer of a name server leads elsewhere.
// Spec: RFC 9110 §9.3.6 (CONNECT), RFC 9112 §3.2.2 (absolute form).
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "net/task.hpp"

namespace sublet::net {

inline constexpr unsigned kMaxForwarded = 64;  // connections at once; more are closed at once

// Asked of each numeric address before it is dialled. What it errs with is told to the program, as the answer's reason.
using AddressJudge = std::function<Result<>(const std::string& ip)>;

class Forwarder {
public:
    // Serves a TCP socket that listens already, in whatever network it was made, and owns it from now on. The loop
    // outlives it. Errors: kIo.
    static Result<std::unique_ptr<Forwarder>> serve(Loop& loop, int listening, AddressJudge judge);
    Forwarder(const Forwarder&) = delete;
    Forwarder& operator=(const Forwarder&) = delete;
    ~Forwarder();  // closes every connection

private:
    struct Core;
    explicit Forwarder(std::shared_ptr<Core> core) : core_(std::move(core)) {}
    std::shared_ptr<Core> core_;
};

// What a proxy is asked for.
struct Forwarded {
    std::string host;  // name or address, without brackets
    std::uint16_t port = 0;
    std::string head;  // what the server gets of it; empty: nothing, a tunnel is asked for
};
// `head`: a whole request head, with the empty line. Errors: kParse.
Result<Forwarded> forwarded_from(const std::string& head);

}  // namespace sublet::net
