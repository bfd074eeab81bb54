// net_join.hpp: a node more of a network that others run.
// Spec: docs/spec/consensus.md (rules 35 and 36).
#pragma once

#include "cli/net_files.hpp"
#include "client/light_trust.hpp"

namespace sublet::cli {

inline constexpr std::size_t kMaxJoinPeers = 20;  // that are called again and again

struct JoinPlan {
    std::filesystem::path folder;
    std::string node;                    // URL of a node of the network
    std::vector<std::string> witnesses;  // URLs of others, which must show the same genesis
    std::string name = "node";
    std::string address = "127.0.0.1";  // of its own API
    std::uint16_t port = 26657;
    std::string p2p_address = "0.0.0.0:26656";
    std::string trust;  // HEIGHT:HASH; empty: it executes every block
};

struct Joined {
    NetNode node;
    std::string chain_id;
    std::size_t peers = 0;
    std::optional<client::light::TrustPoint> from;  // a snapshot, verified from that block
    [[nodiscard]] std::filesystem::path key_file() const {
        return node.folder / "cometbft" / "config" / "priv_validator_key.json";
    }
};

// Asks for genesis and peers, makes keys, writes the files. Errors: kConflict (there is a node, or a ledger; the
// witnesses show another genesis), kUsage (options; it begins with a state or without its first blocks, and nothing is
// trusted), kUnsupported (a ledger of one machine), kParse (what the node says), those of the way to it, kIo.
Result<Joined> join_net(Context& context, const JoinPlan& plan);

}  // namespace sublet::cli
