// config.hpp: the configuration files of `sublet lend` and `sublet node` (TOML). Spec: examples/lend.toml,
// examples/node.toml.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "agent/inventory.hpp"
#include "base/result.hpp"

namespace sublet::cli {

inline constexpr std::size_t kMaxConfigBytes = 1U << 20U;
inline constexpr std::uint64_t kMaxStorageGib = 64;  // that one machine keeps for creators

// Prices are kept as written, in credits per hour.
struct LendSettings {
    std::filesystem::path data;  // empty: <home>/lend
    std::string node;            // URL; empty: as every verb finds it
    std::string owner_key = "lender";
    std::string operator_key = "operator";
    std::string owner;  // address; only where the owner's key is not on this machine
    std::string passphrase_file;
    std::string log_format;  // human (also when empty) or json

    std::string engine_socket;  // empty: podman's or docker's, else one of our own
    std::string registries_conf;
    bool own_engine = false;
    bool require_isolation = true;

    std::string machine = "main";
    std::string gateway_address = "127.0.0.1";
    std::uint16_t gateway_port = 0;
    std::string public_host = "127.0.0.1";
    std::string ports_address = "127.0.0.1";

    agent::Share share;
    std::string cpu_core_hour = "0.006";
    std::string memory_gib_hour = "0.002";
    std::string storage_gib_hour = "0.00005";
    std::string gpu_hour = "0.5";
    std::uint64_t notice_s = 30;
    unsigned job_slots = 1;            // tasks of jobs at once; 0: none
    unsigned overrun_percent = 1'000;  // of the predicted time; then a task is given up for another price; 0: never
    std::string benchmark_image = "docker.io/sublet/blender:3.4";  // in which its rate is found; empty: never
    bool swarm = true;                                             // inputs of jobs also come from other workers
    std::uint16_t swarm_port = 0;
    std::uint64_t swarm_upload_kib_s = 0;
    std::uint64_t storage_gib = 0;       // kept for creators that are away; 0: none
    std::uint64_t storage_gib_each = 0;  // of one creator; 0: all of it
    std::uint64_t withdraw_every_s = 3'600;
    std::vector<provider::Attribute> attributes;
};

struct NodeSettings {
    std::string engine = "solo";    // or cometbft
    std::filesystem::path data;     // empty: <home>/node
    std::filesystem::path genesis;  // file; needed for a new data folder
    std::string address = "127.0.0.1";
    std::uint16_t port = 26657;
    std::uint64_t block_interval_ms = 50;  // solo
    std::string cometbft = "cometbft";     // the program, by path or as found in PATH
    bool check_invariants = false;
    std::uint64_t snapshot_every = 1'000;  // heights, cometbft; 0: none
    std::uint64_t snapshot_keep = 3;
    std::uint64_t keep_blocks = 0;  // that CometBFT keeps; 0: all
    std::string log_format;         // human (also when empty) or json
};

// Errors: kUsage naming the file, the line and what is wrong; unknown names are errors.
Result<LendSettings> read_lend_config(const std::filesystem::path& file);
Result<NodeSettings> read_node_config(const std::filesystem::path& file);

}  // namespace sublet::cli
