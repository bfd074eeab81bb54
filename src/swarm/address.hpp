// address.hpp: where peers of a swarm are, and which of them may be dialled on a stranger's word.
// Spec: docs/spec/swarm.md.
#pragma once

#include <string>
#include <vector>

#include "base/result.hpp"

namespace sublet::swarm {

struct PeerAddress {
    std::string ip;  // IPv4 or IPv6, numeric
    std::uint16_t port = 0;
    friend auto operator<=>(const PeerAddress&, const PeerAddress&) = default;
};

// "192.0.2.1:6881", "[2001:db8::1]:6881".
std::string to_text(const PeerAddress& address);
// Errors: kParse (no numeric address, no port from 1 to 65535).
Result<PeerAddress> parse_peer(const std::string& text);

// One that nobody listens on now, at this address of the machine (0.0.0.0 and :: are all of them). Errors: kIo.
Result<std::uint16_t> free_port(const std::string& ip);

// From who may reach it.
enum class Reach : std::uint8_t { kNowhere, kLoopback, kPrivate, kPublic };
// kNowhere: no address of one machine (multicast, unspecified, link-local), or no numeric address at all.
Reach reach_of(const std::string& ip);

// A stranger names peers. He may not have this machine dial what only it, or only its local network, can reach, unless
// it is itself at such a place (`own`: where others find it).
bool may_dial(Reach own, const PeerAddress& peer);

// The same as ranges, the ends among them: of several that hold an address the last one counts.
struct DialRule {
    std::string first;
    std::string last;
    bool may = false;
};
std::vector<DialRule> dial_rules(Reach own);

}  // namespace sublet::swarm
