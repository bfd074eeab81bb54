// firewall.cpp: the nftables text. The whole table is replaced in one transaction, so no moment is without rules.
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

std::string set_of(const char* name, const char* type, bool interval, const std::vector<std::string>& elements) {
    std::string text = std::string("  set ") + name + " {\n    type " + type + "\n";
    if (interval) {
        text += "    flags interval\n";
    }
    text += "    elements = { ";
    for (std::size_t i = 0; i < elements.size(); ++i) {
        text += (i == 0 ? "" : ", ") + elements[i];
    }
    return text + " }\n  }\n";
}

// Inside one bridge packets pass the forward chain too where br_netfilter is on: `inside` lets them.
constexpr const char* kChains = R"(  chain forward {
    type filter hook forward priority -10
    policy accept
    iifname @bridges ct state established,related accept
    oifname @bridges ct state established,related accept
    ip saddr . ip daddr @inside accept
    iifname @bridges meta nfproto ipv6 drop
    iifname @bridges ip daddr @private drop
    oifname @bridges ct status dnat accept
    oifname @bridges drop
  }
  chain input {
    type filter hook input priority -10
    policy accept
    iifname @bridges ct state established,related accept
    ip saddr . ip daddr @resolver udp dport 53 accept
    ip saddr . ip daddr @resolver tcp dport 53 accept
    iifname @bridges drop
  }
)";

class NftFirewall final : public Firewall {
public:
    explicit NftFirewall(std::string instance) : instance_(std::move(instance)) {}

    net::Task<Result<>> sync(std::vector<FencedNetwork> networks) override {
        CO_TRY(rules, nft_rules(instance_, std::move(networks)));
        ProcessRequest request;
        request.argv = {"nft", "-f", "-"};
        request.input = rules;
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

private:
    std::string instance_;
};

class NoFirewall final : public Firewall {
public:
    net::Task<Result<>> sync(std::vector<FencedNetwork>) override { co_return Result<>{}; }
};

}  // namespace

Result<std::string> nft_rules(const std::string& instance, std::vector<FencedNetwork> networks) {
    if (!only(instance, "abcdefghijklmnopqrstuvwxyz0123456789-", 64) || networks.size() > kMaxFirewallNetworks) {
        return fail(Code::kBadField, "firewall: the instance's name or the number of networks is out of bounds");
    }
    std::ranges::sort(networks);
    // Declaring it first makes the deletion succeed when there was none.
    const std::string table = "table inet " + table_name(instance);
    std::string text = table + "\ndelete " + table + "\n";
    if (networks.empty()) {
        return text;
    }
    std::vector<std::string> bridges;
    std::vector<std::string> inside;
    std::vector<std::string> resolver;
    for (const auto& network : networks) {
        if (!only(network.subnet, "0123456789./", 18) || !only(network.gateway, "0123456789.", 15) ||
            !only(network.bridge, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.", 15)) {
            return fail(Code::kBadField, "firewall: the network " + network.subnet + " on '" + network.bridge +
                                             "' is not IPv4 with a bridge of its own");
        }
        bridges.push_back("\"" + network.bridge + "\"");
        inside.push_back(network.subnet + " . " + network.subnet);
        resolver.push_back(network.subnet + " . " + network.gateway);
    }
    text += table + " {\n";
    text += set_of("bridges", "ifname", false, bridges);
    text += set_of("inside", "ipv4_addr . ipv4_addr", true, inside);
    text += set_of("resolver", "ipv4_addr . ipv4_addr", true, resolver);
    text += set_of("private", "ipv4_addr", true, {kPrivate});
    return text + kChains + "}\n";
}

std::unique_ptr<Firewall> nft_firewall(std::string instance) {
    return std::make_unique<NftFirewall>(std::move(instance));
}

std::unique_ptr<Firewall> no_firewall() { return std::make_unique<NoFirewall>(); }

}  // namespace sublet::runtime
