// firewall.cpp: the nftables text. Every change is one transaction, so no moment is without rules.
#include "runtime/firewall.hpp"

#include <algorithm>

#include "net/quiet.hpp"
#include "runtime/process.hpp"

namespace sublet::runtime {
namespace {

// Everything IPv4 that is not the public internet (IANA special-purpose registry, RFC 6890), multicast and broadcast
// included.
constexpr const char* kPrivate =
    "0.0.0.0/8, 10.0.0.0/8, 100.64.0.0/10, 127.0.0.0/8, 169.254.0.0/16, 172.16.0.0/12, 192.0.0.0/24, 192.168.0.0/16, "
    "198.18.0.0/15, 224.0.0.0/3";

bool only(std::string_view text, std::string_view allowed, std::size_t max) {
    return !text.empty() && text.size() <= max && text.find_first_not_of(allowed) == std::string_view::npos;
}

std::string table_name(const std::string& instance) {
    std::string name = "sublet_" + instance;
    std::ranges::replace(name, '-', '_');
    return name;
}

std::string list_of(const std::vector<std::string>& elements) {
    std::string text = "{ ";
    for (std::size_t i = 0; i < elements.size(); ++i) {
        text += (i == 0 ? "" : ", ") + elements[i];
    }
    return text + " }";
}

// Names of nftables have no '-', names of interfaces may.
std::string safe(std::string bridge) {
    std::ranges::replace(bridge, '-', '_');
    return bridge;
}

constexpr const char* kDeclared = R"(  set bridges { type ifname; }
  set private { type ipv4_addr; flags interval; }
  chain forward { type filter hook forward priority -10; policy accept; }
  chain input { type filter hook input priority -10; policy accept; }
)";

// The connections of a lease are counted in a set of its own, which outlives the other rules: else every change of
// another lease's networks would let it open as many again.
std::string declared(const std::string& name) {
    return "  set flows_" + name + " { type ifname; size 4; flags dynamic; }\n  chain out_" + name +
           " { }\n  chain ask_" + name + " { }\n";
}

std::string bounded(const std::string& name) {
    return "    ct state new limit rate over " + std::to_string(kMaxNewConnectionsPerSecond) + "/second burst " +
           std::to_string(kNewConnectionsBurst) + " packets drop\n    ct state new add @flows_" + name +
           " { iifname ct count over " + std::to_string(kMaxConnectionsPerLease) + " } drop\n";
}

// `out`: from a lease's network to elsewhere; inside one bridge packets pass here too where br_netfilter is on. `ask`:
// to the host, where only the resolver is.
std::string chains_of(const FencedNetwork& network) {
    const std::string name = safe(network.bridge);
    return "  chain out_" + name + " {\n    meta nfproto ipv6 drop\n    ip saddr != " + network.subnet +
           " drop\n    ip daddr " + network.subnet + " accept\n    ip daddr @private drop\n    tcp dport 25 drop\n" +
           bounded(name) + "  }\n  chain ask_" + name +
           " {\n    meta nfproto ipv6 drop\n    ip saddr != " + network.subnet +
           " drop\n    ip daddr != " + network.gateway + " drop\n" + bounded(name) +
           "    udp dport 53 accept\n    tcp dport 53 accept\n  }\n";
}

std::string hooks(const std::string& outward, const std::string& asking) {
    return "  chain forward {\n    iifname @bridges ct state established,related accept\n"
           "    oifname @bridges ct state established,related accept\n    iifname vmap " +
           outward +
           "\n    oifname @bridges ct status dnat accept\n    oifname @bridges drop\n  }\n"
           "  chain input {\n    iifname @bridges ct state established,related accept\n    iifname vmap " +
           asking + "\n    iifname @bridges drop\n  }\n";
}

Result<> check_network(const FencedNetwork& network) {
    if (!only(network.subnet, "0123456789./", 18) || !only(network.gateway, "0123456789.", 15) ||
        !only(network.bridge, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.", 15)) {
        return fail(Code::kBadField, "firewall: the network " + network.subnet + " on '" + network.bridge +
                                         "' is not IPv4 with a bridge of its own");
    }
    return {};
}

// What empties the table that is there, but for the counts of networks that stay.
Result<std::string> emptied(const std::string& table, const std::vector<FencedNetwork>& networks,
                            const std::vector<FencedNetwork>& before) {
    std::string declare = kDeclared;
    std::string flush = "flush chain " + table + " forward\nflush chain " + table + " input\nflush set " + table +
                        " bridges\nflush set " + table + " private\n";
    std::string remove;
    for (const auto& network : before) {
        TRY_OK(check_network(network));
        const std::string name = safe(network.bridge);
        declare += declared(name);
        flush += "flush chain " + table + " out_" + name + "\nflush chain " + table + " ask_" + name + "\n";
        if (!std::ranges::binary_search(networks, network)) {
            remove += "delete chain " + table + " out_" + name + "\ndelete chain " + table + " ask_" + name +
                      "\ndelete set " + table + " flows_" + name + "\n";
        }
    }
    return "table " + table + " {\n" + declare + "}\n" + flush + remove;
}

class NftFirewall final : public Firewall {
public:
    explicit NftFirewall(std::string instance) : instance_(std::move(instance)) {}

    net::Task<Result<>> sync(std::vector<FencedNetwork> networks) override {
        std::ranges::sort(networks);
        const bool update = !networks.empty() && !known_.empty();
        CO_TRY(rules, update ? nft_update(instance_, networks, known_) : nft_rules(instance_, networks));
        auto done = co_await apply(std::move(rules));
        if (!done && update) {  // somebody else has changed the table: anew, without the counts
            CO_TRY(anew, nft_rules(instance_, networks));
            done = co_await apply(std::move(anew));
        }
        if (done) {
            known_ = std::move(networks);
        }
        co_return done;
    }

private:
    static net::Task<Result<>> apply(std::string rules) {
        ProcessRequest request;
        request.argv = {"nft", "-f", "-"};
        request.input = std::move(rules);
        auto done = co_await run_process(std::move(request));
        if (!done) {
            co_return fail(Code::kUnsupported, "cannot fence containers off: " + done.error().message +
                                                   "; install nftables (apt-get install nftables)");
        }
        if (done->exit_code != 0) {
            co_return fail(Code::kUnsupported, "cannot fence containers off, nft says: " + done->err.substr(0, 400) +
                                                   " (it needs root and a kernel with nf_tables)");
        }
        co_return Result<>{};
    }

    std::string instance_;
    std::vector<FencedNetwork> known_;  // what the table of this process holds
};

class NoFirewall final : public Firewall {
public:
    net::Task<Result<>> sync(std::vector<FencedNetwork>) override { co_return Result<>{}; }
};

}  // namespace

namespace {

Result<std::string> body_of(const std::string& table, const std::vector<FencedNetwork>& networks) {
    std::vector<std::string> bridges;
    std::vector<std::string> outward;
    std::vector<std::string> asking;
    std::string chains;
    std::string sets = kDeclared;
    for (const auto& network : networks) {
        TRY_OK(check_network(network));
        const std::string quoted = "\"" + network.bridge + "\"";
        bridges.push_back(quoted);
        outward.push_back(quoted + " : jump out_" + safe(network.bridge));
        asking.push_back(quoted + " : jump ask_" + safe(network.bridge));
        sets += declared(safe(network.bridge));
        chains += chains_of(network);
    }
    return "table " + table + " {\n" + sets + "}\nadd element " + table + " bridges " + list_of(bridges) +
           "\nadd element " + table + " private " + list_of({kPrivate}) + "\ntable " + table + " {\n" + chains +
           hooks(list_of(outward), list_of(asking)) + "}\n";
}

Result<> check_bounds(const std::string& instance, const std::vector<FencedNetwork>& networks) {
    if (!only(instance, "abcdefghijklmnopqrstuvwxyz0123456789-", 64) || networks.size() > kMaxFirewallNetworks) {
        return fail(Code::kBadField, "firewall: the instance's name or the number of networks is out of bounds");
    }
    return {};
}

}  // namespace

Result<std::string> nft_rules(const std::string& instance, std::vector<FencedNetwork> networks) {
    TRY_OK(check_bounds(instance, networks));
    std::ranges::sort(networks);
    // Declaring it first makes the deletion succeed when there was none.
    const std::string table = "inet " + table_name(instance);
    std::string text = "table " + table + "\ndelete table " + table + "\n";
    if (networks.empty()) {
        return text;
    }
    TRY(body, body_of(table, networks));
    return text + body;
}

Result<std::string> nft_update(const std::string& instance, std::vector<FencedNetwork> networks,
                               const std::vector<FencedNetwork>& before) {
    TRY_OK(check_bounds(instance, networks));
    TRY_OK(check_bounds(instance, before));
    std::ranges::sort(networks);
    const std::string table = "inet " + table_name(instance);
    TRY(text, emptied(table, networks, before));
    TRY(body, body_of(table, networks));
    return text + body;
}

std::unique_ptr<Firewall> nft_firewall(std::string instance) {
    return std::make_unique<NftFirewall>(std::move(instance));
}

std::unique_ptr<Firewall> no_firewall() { return std::make_unique<NoFirewall>(); }

}  // namespace sublet::runtime
