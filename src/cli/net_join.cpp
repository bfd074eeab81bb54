// net_join.cpp: genesis and peers from nodes that run, the files of one more. What they say is a stranger's word.
#include "cli/net_join.hpp"

#include <arpa/inet.h>

#include <algorithm>
#include <charconv>

#include "client/loose_json.hpp"
#include "engine/genesis.hpp"

namespace sublet::cli {
namespace {

namespace loose = client::loose;
using nlohmann::json;

constexpr std::size_t kNodeIdDigits = 40;
constexpr std::size_t kMaxHostBytes = 253;
constexpr std::size_t kMaxNameBytes = 64;
constexpr std::size_t kMaxChainIdBytes = 50;  // CometBFT's
constexpr unsigned kMostPort = 65'535;

bool only(std::string_view text, std::string_view letters) {
    return !text.empty() && text.find_first_not_of(letters) == std::string_view::npos;
}

bool is_port(std::string_view text) {
    unsigned value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    return error == std::errc{} && end == text.data() + text.size() && value > 0 && value <= kMostPort;
}

bool is_address(const std::string& text) {
    std::array<unsigned char, sizeof(in6_addr)> ignored{};
    return ::inet_pton(AF_INET, text.c_str(), ignored.data()) == 1 ||
           ::inet_pton(AF_INET6, text.c_str(), ignored.data()) == 1;
}

// A name, an address, or one of IPv6 between brackets.
bool is_host(const std::string& text) {
    if (text.starts_with('[')) {
        return text.ends_with(']') && is_address(text.substr(1, text.size() - 2));
    }
    return text.size() <= kMaxHostBytes &&
           only(text, "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ.-");
}

Result<json> asked(Context& context, const std::string& url, std::string method, json parameters = json::object()) {
    TRY(endpoint, net::parse_endpoint(url));
    client::Chain chain{*context.transport, *context.clock, std::move(endpoint)};
    return context.wait(chain.rpc(std::move(method), std::move(parameters)));
}

struct Found {
    std::string text;  // for genesis.json
    app::Genesis genesis;
};

Result<Found> genesis_at(Context& context, const std::string& url) {
    TRY(answer, asked(context, url, "genesis"));
    const json& document = loose::at(answer, "genesis");
    const json& validators = loose::at(document, "validators");
    if (!validators.is_array() || validators.empty()) {
        return fail(Code::kUnsupported, url + " has the ledger of one machine (engine solo): nobody can join it");
    }
    Result<app::Genesis> genesis = engine::genesis_from_json(loose::at(document, "app_state").dump());
    if (!genesis) {
        return fail(genesis.error().code, url + ", its genesis: " + genesis.error().message);
    }
    const std::string chain_id = loose::text(document, "chain_id");
    const bool plain = std::ranges::all_of(chain_id, [](char c) { return c > ' ' && c < 127; });
    if (chain_id.empty() || chain_id.size() > kMaxChainIdBytes || !plain) {
        return fail(Code::kParse, url + ", its genesis: chain_id is 1 to 50 letters, digits and signs");
    }
    if (const Result<> fits = engine::same_chain(document, *genesis); !fits) {
        return fail(fits.error().code, url + ", its genesis: " + fits.error().message);
    }
    return Found{document.dump(2) + "\n", *std::move(genesis)};
}

// "tcp://0.0.0.0:26656", seen at 192.0.2.7, is at 192.0.2.7:26656. Nothing for what is no address: config.toml has it
// between quotation marks.
std::optional<std::string> peer_of(const json& info, std::string_view seen_at) {
    const std::string id = loose::text(info, "id");
    const std::string listens = loose::text(info, "listen_addr");
    const std::size_t slashes = listens.find("://");
    const std::size_t colon = listens.rfind(':');
    if (colon == std::string::npos || colon == slashes) {
        return std::nullopt;
    }
    const std::size_t begin = slashes == std::string::npos ? 0 : slashes + 3;
    std::string host = listens.substr(begin, colon - begin);
    if (host.empty() || host == "0.0.0.0" || host == "[::]") {
        host = seen_at.find(':') == std::string_view::npos ? std::string{seen_at} : fmt::format("[{}]", seen_at);
    }
    const std::string port = listens.substr(colon + 1);
    const bool fits = id.size() == kNodeIdDigits && only(id, "0123456789abcdef") && is_host(host) && is_port(port);
    return fits ? std::optional{fmt::format("{}@{}:{}", id, host, port)} : std::nullopt;
}

// The node that is asked, and those that it is connected to.
Result<std::vector<std::string>> peers_at(Context& context, const std::string& url) {
    TRY(endpoint, net::parse_endpoint(url));
    TRY(status, asked(context, url, "status"));
    std::vector<std::string> out;
    if (const auto first = peer_of(loose::at(status, "node_info"), endpoint.host)) {
        out.push_back(*first);
    }
    TRY(others, asked(context, url, "net_info"));
    const json& list = loose::at(others, "peers");
    for (const json& each : list.is_array() ? list : json::array()) {
        const auto peer = peer_of(loose::at(each, "node_info"), loose::text(each, "remote_ip"));
        if (peer && out.size() < kMaxJoinPeers && std::ranges::find(out, *peer) == out.end()) {
            out.push_back(*peer);
        }
    }
    return out.empty() ? Result<std::vector<std::string>>{fail(
                             Code::kParse, url + " tells no address at which CometBFT's nodes reach each other")}
                       : out;
}

Result<> check_words(const JoinPlan& plan) {
    constexpr std::string_view kName = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.";
    if (plan.name.size() > kMaxNameBytes || !only(plan.name, kName)) {
        return fail(Code::kUsage, "--name is up to 64 letters, digits, '-', '_' and '.'");
    }
    std::vector<std::string> urls = plan.witnesses;
    urls.push_back(plan.node);
    for (const std::string& each : urls) {
        if (const auto endpoint = net::parse_endpoint(each); !endpoint) {
            return std::unexpected{endpoint.error()};
        }
        if (!each.starts_with("http://") && !each.starts_with("https://")) {
            return fail(Code::kUsage, "a node is named by http:// or https://: '" + each + "' is not");
        }
    }
    if (!is_address(plan.address)) {
        return fail(Code::kUsage, "--address is an IP address of this machine: '" + plan.address + "' is not");
    }
    if (plan.folder.string().find_first_of("\"\\\n") != std::string::npos) {
        return fail(Code::kUsage, "--folder has no quotation marks, backslashes or line ends");
    }
    const std::size_t colon = plan.p2p_address.rfind(':');
    if (colon == std::string::npos || !is_port(plan.p2p_address.substr(colon + 1)) ||
        !is_host(plan.p2p_address.substr(0, colon))) {
        return fail(Code::kUsage, "--p2p-address is an address of this machine and a port, like 0.0.0.0:26656: '" +
                                      plan.p2p_address + "' is not");
    }
    return {};
}

// Keys, what they have signed, and a ledger are never written over.
Result<> check_empty(Context& context, const std::filesystem::path& folder) {
    for (const char* each : {"node.toml", "ledger", "cometbft/config/priv_validator_key.json",
                             "cometbft/data/priv_validator_state.json"}) {
        if (context.files->exists(folder / each)) {
            return fail(Code::kConflict, fmt::format("there is a node in {} ({}): name another folder with --folder",
                                                     folder.string(), each));
        }
    }
    return {};
}

Result<std::optional<client::light::TrustPoint>> trusted(Context& context, const JoinPlan& plan,
                                                         const app::Genesis& genesis) {
    if (!plan.trust.empty()) {
        TRY(point, client::light::parse_trust_point(plan.trust));
        return std::optional{point};
    }
    if (!genesis.state_root.empty()) {
        return fail(Code::kUsage, genesis.chain_id +
                                      " began with a state that another network left, so there is no first block to "
                                      "begin from: --trust HEIGHT:HASH begins with a snapshot; `sublet query block` "
                                      "prints one at a node whose owner you trust");
    }
    if (const Result<json> first = asked(context, plan.node, "block", {{"height", "1"}}); !first) {
        return fail(Code::kUsage,
                    fmt::format("{} has no first block to begin from ({}): --trust HEIGHT:HASH begins with "
                                "a snapshot, or name a node that has all blocks",
                                plan.node, first.error().message));
    }
    return std::optional<client::light::TrustPoint>{};
}

}  // namespace

Result<Joined> join_net(Context& context, const JoinPlan& plan) {
    TRY_OK(check_words(plan));
    TRY_OK(check_empty(context, plan.folder));
    const auto progress = context.progress("asking " + plan.node);
    TRY(found, genesis_at(context, plan.node));
    for (const std::string& each : plan.witnesses) {
        TRY(other, genesis_at(context, each));
        if (other.text != found.text) {
            return fail(Code::kConflict, fmt::format("{} is of {}, {} of {}, and they show different genesis files: "
                                                     "one of them is of another network, or lies",
                                                     plan.node, found.genesis.chain_id, each, other.genesis.chain_id));
        }
    }
    TRY(from, trusted(context, plan, found.genesis));
    NodeFiles files{.node = {plan.name, plan.folder, fmt::format("http://{}:{}", plan.address, plan.port)},
                    .address = plan.address,
                    .port = plan.port,
                    .validator_seed = fresh_seed(context),
                    .node_seed = fresh_seed(context),
                    .genesis = found.text};
    TRY(peers, peers_at(context, plan.node));
    files.config.moniker = plan.name;
    files.config.p2p_address = plan.p2p_address;
    files.config.peers = std::move(peers);
    files.config.local = plan.p2p_address.starts_with("127.");
    if (from) {
        engine::StateSync sync{{plan.node}, from->height, to_hex(view_of(from->hash))};
        // CometBFT wants two; a witness is another one where there is one.
        sync.servers.insert(sync.servers.end(), plan.witnesses.begin(), plan.witnesses.end());
        sync.servers.resize(std::max<std::size_t>(sync.servers.size(), 2), plan.node);
        files.config.sync = std::move(sync);
    }
    TRY_OK(write_node_files(context, files));
    return Joined{files.node, found.genesis.chain_id, files.config.peers.size(), from};
}

}  // namespace sublet::cli
