// net_files.cpp: keys, genesis and configuration of each node.
#include "cli/net_files.hpp"

#include <algorithm>

#include "cli/config.hpp"
#include "cli/local_genesis.hpp"
#include "engine/genesis.hpp"
#include "engine/state_file.hpp"

namespace sublet::cli {
namespace {

constexpr std::uint64_t kPower = 1'000'000;              // of each validator at the beginning, granted
constexpr std::uint64_t kOperatorLet = 10'000'000'000;   // ulet of each operator: ten thousand LET
constexpr std::uint64_t kOperatorCredits = 100'000'000;  // ucredit, for fees
constexpr std::size_t kRoom = 8;                         // in the set, beside the founders
constexpr unsigned kOwnerOnly = 0600;

struct Member {
    NetNode node;
    std::string address;  // "127.0.0.2"
    crypto::Ed25519Seed validator_seed{};
    crypto::Ed25519Seed node_seed{};
};

// The state that an exported genesis begins with, beside each node's ledger.
Result<> copy_state(const NetPlan& plan, const std::filesystem::path& folder) {
    std::error_code problem;
    std::filesystem::copy_file(engine::state_file_beside(plan.genesis), folder / engine::kStateFileOfNode, problem);
    return problem ? fail(Code::kIo, "cannot copy the state beside " + plan.genesis.string() + " to " +
                                         folder.string() + ": " + problem.message())
                   : Result<>{};
}

// 127.0.0.2 and so many further: the last byte counts up.
Result<std::string> address_after(const std::string& first, unsigned steps) {
    const std::size_t dot = first.rfind('.');
    const std::string last = dot == std::string::npos ? "" : first.substr(dot + 1);
    if (!first.starts_with("127.") || last.empty() || last.size() > 3 ||
        last.find_first_not_of("0123456789") != std::string::npos || std::stoul(last) + steps > 254) {
        return fail(
            Code::kBadField,
            "--first-address is one of 127.0.0.0/8 with as many after it as there are nodes: '" + first + "' is not");
    }
    return first.substr(0, dot + 1) + std::to_string(std::stoul(last) + steps);
}

Result<app::Genesis> genesis_of(Context& context, const NetPlan& plan) {
    app::Genesis genesis;
    if (plan.genesis.empty()) {
        TRY(keys, local_keys(context, plan.folder));
        genesis = fresh_local_genesis(context, keys);
        genesis.chain_id = "sublet-net-" + to_hex(context.random->bytes(4));
    } else {
        TRY(read, engine::read_genesis(plan.genesis));
        genesis = std::move(read);
    }
    if (!plan.chain_id.empty()) {
        genesis.chain_id = plan.chain_id;
    }
    if (genesis.state_root.empty()) {
        genesis.time = BlockTime{context.clock->unix_ms()};
    }
    return genesis;
}

// Each node's validator is a founder, whose operator's key `validatorN` lies with the network's other keys.
Result<> add_founders(Context& context, const NetPlan& plan, const std::vector<Member>& members,
                      app::Genesis& genesis) {
    if (!genesis.validators.empty()) {
        return fail(Code::kUsage, plan.genesis.string() + " names validators: `sublet net init` makes its own");
    }
    for (std::size_t i = 0; i < members.size(); ++i) {
        TRY(address, local_key(context, plan.folder, fmt::format("validator{}", i)));
        const std::string text = crypto::to_bech32(address);
        const auto key = crypto::ed25519_public_key(members[i].validator_seed);
        genesis.validators.push_back({text, Bytes{view_of(key)}, kPower, members[i].node.name});
        if (plan.genesis.empty()) {
            genesis.balances.push_back({text, std::string{bank::kLet}, Amount{kOperatorLet}});
            genesis.balances.push_back({text, std::string{bank::kCredit}, Amount{kOperatorCredits}});
        }
    }
    stake::Params stakes = genesis.stake.value_or(stake::Params{});
    stakes.max_validators = std::max(stakes.max_validators, static_cast<std::uint32_t>(members.size() + kRoom));
    genesis.stake = stakes;
    return {};
}

Result<std::vector<Member>> members_of(Context& context, const NetPlan& plan) {
    std::vector<Member> out;
    for (unsigned i = 0; i < plan.validators; ++i) {
        Member each;
        TRY(address, address_after(plan.first_address, i));
        each.address = std::move(address);
        each.node.name = fmt::format("node{}", i);
        each.node.folder = plan.folder / each.node.name;
        each.node.url = fmt::format("http://{}:{}", each.address, plan.port);
        each.validator_seed = fresh_seed(context);
        each.node_seed = fresh_seed(context);
        out.push_back(std::move(each));
    }
    return out;
}

Result<> write_member(Context& context, const NetPlan& plan, const std::vector<Member>& all, const Member& member,
                      const std::string& genesis) {
    NodeFiles files{.node = member.node,
                    .address = member.address,
                    .port = plan.port,
                    .check_invariants = plan.check_invariants,
                    .validator_seed = member.validator_seed,
                    .node_seed = member.node_seed,
                    .genesis = genesis};
    files.config.moniker = member.node.name;
    files.config.p2p_address = fmt::format("{}:{}", member.address, plan.p2p_port);
    for (const Member& other : all) {
        if (other.address != member.address) {
            files.config.peers.push_back(
                fmt::format("{}@{}:{}", engine::node_id(other.node_seed), other.address, plan.p2p_port));
        }
    }
    return write_node_files(context, files);
}

}  // namespace

crypto::Ed25519Seed fresh_seed(Context& context) {
    crypto::Ed25519Seed out{};
    std::ranges::copy(context.random->bytes(out.size()), out.begin());
    return out;
}

Result<> write_node_files(Context& context, const NodeFiles& node) {
    const std::filesystem::path& folder = node.node.folder;
    const std::filesystem::path home = folder / "cometbft";
    for (const std::filesystem::path& each : {folder, home, home / "config", home / "data"}) {
        TRY_OK(ensure_folder(*context.files, each));
    }
    const std::string settings = fmt::format(
        "# One node of a replicated network: `sublet node --config` this file.\n"
        "engine = \"cometbft\"\ndata = \"{}\"\naddress = \"{}\"\nport = {}\ncheck_invariants = {}\n",
        folder.string(), node.address, node.port, node.check_invariants);
    const std::string key = engine::validator_key_json(node.validator_seed);
    net::Files& files = *context.files;
    TRY_OK(files.write(home / "config" / "genesis.json", node.genesis, kOwnerOnly));
    TRY_OK(files.write(home / "config" / "config.toml", engine::comet_config_toml(node.config), kOwnerOnly));
    TRY_OK(files.write(home / "config" / "node_key.json", engine::node_key_json(node.node_seed), kOwnerOnly));
    TRY_OK(files.write(home / "config" / "priv_validator_key.json", key, kOwnerOnly));
    TRY_OK(files.write(home / "data" / "priv_validator_state.json", engine::fresh_validator_state_json(), kOwnerOnly));
    return files.write(folder / "node.toml", settings, kOwnerOnly);
}

Result<std::vector<NetNode>> make_net(Context& context, const NetPlan& plan) {
    if (plan.validators == 0 || plan.validators > engine::kMaxNetValidators) {
        return fail(Code::kUsage, fmt::format("--validators is 1 to {}", engine::kMaxNetValidators));
    }
    if (context.files->exists(plan.folder / "node0")) {
        return fail(Code::kConflict, "there is a network in " + plan.folder.string() + ": name another folder");
    }
    TRY_OK(ensure_folder(*context.files, plan.folder));
    TRY(members, members_of(context, plan));
    TRY(genesis, genesis_of(context, plan));
    TRY_OK(add_founders(context, plan, members, genesis));
    std::vector<engine::NetValidator> validators;
    for (const Member& each : members) {
        validators.push_back({crypto::ed25519_public_key(each.validator_seed), kPower, each.node.name});
    }
    const std::string text = engine::comet_genesis_json(genesis, validators);
    std::vector<NetNode> out;
    for (const Member& each : members) {
        TRY_OK(write_member(context, plan, members, each, text));
        if (!genesis.state_root.empty()) {
            TRY_OK(copy_state(plan, each.node.folder));
        }
        out.push_back(each.node);
    }
    return out;
}

Result<std::vector<NetNode>> nodes_of(const std::filesystem::path& folder) {
    std::vector<NetNode> out;
    for (unsigned i = 0; i < engine::kMaxNetValidators; ++i) {
        NetNode each;
        each.name = fmt::format("node{}", i);
        each.folder = folder / each.name;
        std::error_code ignored;
        if (!std::filesystem::exists(each.folder / "node.toml", ignored)) {
            break;
        }
        TRY(settings, read_node_config(each.folder / "node.toml"));
        each.url = fmt::format("http://{}:{}", settings.address, settings.port);
        out.push_back(std::move(each));
    }
    if (out.empty()) {
        return fail(Code::kUsage, "there is no network in " + folder.string() + ": `sublet net init` makes one");
    }
    return out;
}

}  // namespace sublet::cli
