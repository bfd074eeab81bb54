// home.cpp: keys, genesis and configuration as CometBFT reads them.
#include "engine/cometbft/home.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <fstream>
#include <iterator>
#include <nlohmann/json.hpp>

#include "engine/cometbft/comet_rpc.hpp"
#include "engine/engine.hpp"
#include "engine/genesis.hpp"
#include "engine/time_text.hpp"

namespace sublet::engine {
namespace {

using Written = nlohmann::ordered_json;

constexpr std::size_t kBlockOverhead = 1U << 20U;  // header, commit, evidence, what protobuf adds
constexpr std::uint64_t kEvidenceDays = 14;        // two thirds of the time that stake needs to leave (T26)
constexpr std::uint64_t kSecondsOfDay = 86'400;
constexpr std::uint64_t kHoursOfDay = 24;

std::string upper_hex(BytesView bytes) {
    std::string out = to_hex(bytes);
    std::ranges::transform(out, out.begin(),
                           [](char c) { return c >= 'a' && c <= 'f' ? static_cast<char>(c - 32) : c; });
    return out;
}

Written public_key_json(const crypto::Ed25519PublicKey& key) {
    return {{"type", "tendermint/PubKeyEd25519"}, {"value", to_base64(view_of(key))}};
}

Written secret_key_json(const crypto::Ed25519Seed& seed) {
    const crypto::Ed25519PublicKey key = crypto::ed25519_public_key(seed);
    return {{"type", "tendermint/PrivKeyEd25519"}, {"value", to_base64(Bytes{view_of(seed)} + Bytes{view_of(key)})}};
}

std::string written(const Written& json) { return json.dump(2) + "\n"; }

}  // namespace

std::string validator_key_json(const crypto::Ed25519Seed& seed) {
    const crypto::Ed25519PublicKey key = crypto::ed25519_public_key(seed);
    return written({{"address", upper_hex(view_of(crypto::ed25519_address(key)))},
                    {"pub_key", public_key_json(key)},
                    {"priv_key", secret_key_json(seed)}});
}

std::string node_key_json(const crypto::Ed25519Seed& seed) { return written({{"priv_key", secret_key_json(seed)}}); }

std::string node_id(const crypto::Ed25519Seed& seed) {
    return to_hex(view_of(crypto::ed25519_address(crypto::ed25519_public_key(seed))));
}

std::string fresh_validator_state_json() { return written({{"height", "0"}, {"round", 0}, {"step", 0}}); }

std::string comet_genesis_json(const app::Genesis& genesis, const std::vector<NetValidator>& validators) {
    Written list = Written::array();
    for (const NetValidator& each : validators) {
        list.push_back({{"address", upper_hex(view_of(crypto::ed25519_address(each.key)))},
                        {"pub_key", public_key_json(each.key)},
                        {"power", std::to_string(each.power)},
                        {"name", each.name}});
    }
    const Written params = {
        {"block", {{"max_bytes", std::to_string(kMaxBlockBytes + kBlockOverhead)}, {"max_gas", "-1"}}},
        {"evidence",
         {{"max_age_num_blocks", std::to_string(kEvidenceDays * kSecondsOfDay)},
          {"max_age_duration", fmt::format("{}000000000", kEvidenceDays * kSecondsOfDay)},
          {"max_bytes", "1048576"}}},
        {"validator", {{"pub_key_types", {"ed25519"}}}},
        {"version", {{"app", "1"}}},
        {"abci", {{"vote_extensions_enable_height", "0"}}}};
    return written({{"genesis_time", time_text(genesis.time)},
                    {"chain_id", genesis.chain_id},
                    {"initial_height", std::to_string(genesis.state_height.value() + 1)},
                    {"consensus_params", params},
                    {"validators", std::move(list)},
                    {"app_hash", ""},
                    {"app_state", Written::parse(genesis_to_json(genesis))}});
}

Result<> same_chain(const nlohmann::json& document, const app::Genesis& genesis) {
    const auto text_at = [&document](const char* key, const char* otherwise) {
        const auto found = document.find(key);
        return found != document.end() && found->is_string() ? found->get<std::string>() : std::string{otherwise};
    };
    const std::string chain_id = text_at("chain_id", "");
    if (chain_id != genesis.chain_id) {
        return fail(Code::kConflict,
                    "the engine's chain is '" + chain_id + "', that of app_state '" + genesis.chain_id + "'");
    }
    const std::string first = std::to_string(genesis.state_height.value() + 1);
    if (text_at("initial_height", "1") != first) {
        return fail(Code::kConflict, "this chain begins with height " + first + ": initial_height says otherwise");
    }
    return {};
}

Result<app::Genesis> read_comet_genesis(const std::filesystem::path& home) {
    const std::filesystem::path file = home / "config" / "genesis.json";
    std::ifstream in{file, std::ios::binary};
    const std::string text{std::istreambuf_iterator<char>{in}, {}};
    if (!in && !in.eof()) {
        return fail(Code::kIo, "cannot read " + file.string() + ": `sublet net init` makes it");
    }
    const Written root = Written::parse(text, nullptr, false);
    if (!root.is_object() || !root.contains("app_state")) {
        return fail(Code::kParse, file.string() + " is no genesis file of CometBFT with an app_state");
    }
    Result<app::Genesis> out = genesis_from_json(root["app_state"].dump());
    if (!out) {
        return fail(out.error().code, file.string() + ": app_state: " + out.error().message);
    }
    if (const Result<> fits = same_chain(nlohmann::json::parse(text, nullptr, false), *out); !fits) {
        return fail(fits.error().code, file.string() + ": " + fits.error().message);
    }
    return out;
}

std::string comet_config_toml(const CometConfig& config) {
    constexpr std::size_t kMaxTransactions = app::kMaxMempool;
    std::string out =
        fmt::format(R"(# Of CometBFT: what differs from its own defaults. Where its sockets are, `sublet node` tells it.
moniker = "{}"
log_format = "json"
log_level = "error"

[rpc]
grpc_laddr = ""
pprof_laddr = ""
max_request_batch_size = {}  # transactions come in batches
max_body_bytes = 2000000

[p2p]
laddr = "tcp://{}"
persistent_peers = "{}"
flush_throttle_timeout = "10ms"  # votes wait for no others
send_rate = 20480000
recv_rate = 20480000
)",
                    config.moniker, kMaxBatchTransactions, config.p2p_address, fmt::join(config.peers, ","));
    if (config.local) {
        out += "addr_book_strict = false  # addresses of this machine are addresses\nallow_duplicate_ip = true\n";
    }
    out += fmt::format(R"(
[mempool]
size = {}
cache_size = {}
max_txs_bytes = {}
max_tx_bytes = {}

[consensus]
timeout_commit = "500ms"  # between blocks
peer_gossip_sleep_duration = "20ms"

[storage]
discard_abci_responses = true  # the ledger's store has them

[tx_index]
indexer = "null"  # the ledger's store has one
)",
                       kMaxTransactions, 2 * kMaxTransactions, kMaxMempoolBytes, ledger::kMaxTxBytes);
    if (config.sync) {
        out += fmt::format(R"(
[statesync]
enable = true
rpc_servers = "{}"
trust_height = {}
trust_hash = "{}"
trust_period = "{}h"  # half of the time in which evidence counts
discovery_time = "5s"
)",
                           fmt::join(config.sync->servers, ","), config.sync->height, config.sync->hash,
                           kEvidenceDays * kHoursOfDay / 2);
    }
    return out;
}

}  // namespace sublet::engine
