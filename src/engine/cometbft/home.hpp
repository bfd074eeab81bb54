// home.hpp: the files of a CometBFT home folder, as `sublet net init` writes them and a node reads them.
// Spec: docs/spec/consensus.md; CometBFT v0.38 docs (configuration, genesis).
#pragma once

#include <filesystem>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <vector>

#include "app/app.hpp"
#include "crypto/ed25519.hpp"

namespace sublet::engine {

inline constexpr std::size_t kMaxNetValidators = 100;
inline constexpr std::uint64_t kMaxGenesisPower = 1'000'000'000;  // of one validator

struct NetValidator {
    crypto::Ed25519PublicKey key{};
    std::uint64_t power = 0;
    std::string name;
};

// config/priv_validator_key.json: the key with which a validator signs blocks.
std::string validator_key_json(const crypto::Ed25519Seed& seed);
// config/node_key.json: the key by which others know the node.
std::string node_key_json(const crypto::Ed25519Seed& seed);
// 40 hex digits in lower case, as they stand before the @ of a peer.
std::string node_id(const crypto::Ed25519Seed& seed);
// data/priv_validator_state.json of one that has signed nothing.
std::string fresh_validator_state_json();

// config/genesis.json; app_state is what genesis_to_json() writes.
std::string comet_genesis_json(const app::Genesis& genesis, const std::vector<NetValidator>& validators);
// Whether such a document and its app_state are of one chain: what InitChain refuses, and a node that begins with a
// snapshot would never ask. Errors: kConflict.
Result<> same_chain(const nlohmann::json& document, const app::Genesis& genesis);
// The app_state of such a file. Errors: kIo, kParse (which file, what).
Result<app::Genesis> read_comet_genesis(const std::filesystem::path& home);

// Whom a node with no block asks for a snapshot's block, and what it believes before it asks.
struct StateSync {
    std::vector<std::string> servers;  // "http://127.0.0.2:26657", two or more
    std::uint64_t height = 0;
    std::string hash;  // of that block, in hexadecimal digits
};

struct CometConfig {
    std::string moniker;
    std::string p2p_address;         // "127.0.0.2:26656"
    std::vector<std::string> peers;  // "id@127.0.0.3:26656", called again and again
    bool local = true;               // several nodes of one machine
    std::optional<StateSync> sync;   // else it executes every block
};
// config/config.toml: what differs from CometBFT's own defaults, and why.
std::string comet_config_toml(const CometConfig& config);

}  // namespace sublet::engine
