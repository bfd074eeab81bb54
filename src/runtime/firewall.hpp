// firewall.hpp: what a lease's network may reach: itself and the public internet; never the host, the LAN, metadata or
// other leases.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "net/task.hpp"

namespace sublet::runtime {

inline constexpr std::size_t kMaxFirewallNetworks = 4096;
// Outward connections of one lease, over all its containers: a flood fills the host's table of connections, and then
// nobody on the machine has a network.
inline constexpr unsigned kMaxConnectionsPerLease = 2048;
inline constexpr unsigned kMaxNewConnectionsPerSecond = 200;
inline constexpr unsigned kNewConnectionsBurst = 1000;

struct FencedNetwork {
    std::string bridge;   // interface of the host, at most 15 characters
    std::string subnet;   // "10.89.3.0/24"
    std::string gateway;  // the engine's resolver listens there
    auto operator<=>(const FencedNetwork&) const = default;
};

class Firewall {
public:
    virtual ~Firewall() = default;
    // Makes the rules exactly these, in one step; none removes everything of ours. Errors: kUnsupported (no nft, or the
    // kernel refuses it), kBadField.
    virtual net::Task<Result<>> sync(std::vector<FencedNetwork> networks) = 0;
};

// One nftables table "sublet_<instance>" through the program nft.
std::unique_ptr<Firewall> nft_firewall(std::string instance);
// No rules at all, for engines on another machine and for tests of other things.
std::unique_ptr<Firewall> no_firewall();

// The text given to nft. Errors: kBadField (an entry is not an interface, a subnet or an address).
Result<std::string> nft_rules(const std::string& instance, std::vector<FencedNetwork> networks);
// The same for a table that holds `before`: the connections already counted for networks that stay remain counted.
Result<std::string> nft_update(const std::string& instance, std::vector<FencedNetwork> networks,
                               const std::vector<FencedNetwork>& before);

}  // namespace sublet::runtime
