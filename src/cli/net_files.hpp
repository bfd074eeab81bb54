// net_files.hpp: the folder of a replicated network on this machine: one genesis, a folder for each node.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "cli/context.hpp"
#include "engine/cometbft/home.hpp"

namespace sublet::cli {

struct NetPlan {
    std::filesystem::path folder;
    unsigned validators = 4;
    std::string chain_id;                     // empty: a fresh one
    std::filesystem::path genesis;            // file with balances and parameters; empty: those of `sublet up`
    std::string first_address = "127.0.0.2";  // the next node has the next one
    std::uint16_t port = 26657;
    std::uint16_t p2p_port = 26656;
    bool check_invariants = false;
};

struct NetNode {
    std::string name;  // "node0"
    std::filesystem::path folder;
    std::string url;
};

// What stands in the folder of one node.
struct NodeFiles {
    NetNode node;
    std::string address;  // of its API
    std::uint16_t port = 0;
    bool check_invariants = false;
    crypto::Ed25519Seed validator_seed{};
    crypto::Ed25519Seed node_seed{};
    std::string genesis;  // CometBFT's genesis.json
    engine::CometConfig config;
};
crypto::Ed25519Seed fresh_seed(Context& context);
// Errors: kIo.
Result<> write_node_files(Context& context, const NodeFiles& node);

// Writes everything into a folder that is new or empty. Errors: kConflict (there is a network), kBadField, kIo.
Result<std::vector<NetNode>> make_net(Context& context, const NetPlan& plan);
// The nodes of such a folder, in order. Errors: kUsage (there are none), kParse.
Result<std::vector<NetNode>> nodes_of(const std::filesystem::path& folder);

}  // namespace sublet::cli
