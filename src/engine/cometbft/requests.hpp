// requests.hpp: what CometBFT asks of an application, without snapshots.
// Spec: CometBFT v0.38 to v0.40, proto/tendermint/abci/types.proto.
#pragma once

#include "engine/cometbft/types.hpp"

namespace sublet::abci {

struct RequestEcho {
    std::string message;
    static constexpr auto fields() { return list(field(1, "message", &RequestEcho::message)); }
};

struct RequestFlush {
    static constexpr auto fields() { return list(); }
};

struct RequestInfo {
    std::string version;  // CometBFT's
    std::uint64_t block_version = 0;
    std::uint64_t p2p_version = 0;
    std::string abci_version;
    static constexpr auto fields() {
        return list(field(1, "version", &RequestInfo::version), field(2, "block_version", &RequestInfo::block_version),
                    field(3, "p2p_version", &RequestInfo::p2p_version),
                    field(4, "abci_version", &RequestInfo::abci_version));
    }
};

struct RequestInitChain {
    Timestamp time;
    std::string chain_id;
    std::optional<Bytes> consensus_params;  // as they are; nobody here reads them
    std::vector<ValidatorUpdate> validators;
    Bytes app_state_bytes;  // JSON
    std::uint64_t initial_height = 0;
    static constexpr auto fields() {
        return list(field(1, "time", &RequestInitChain::time), field(2, "chain_id", &RequestInitChain::chain_id),
                    raw_field(3, "consensus_params", &RequestInitChain::consensus_params),
                    field(4, "validators", &RequestInitChain::validators),
                    raw_field(5, "app_state_bytes", &RequestInitChain::app_state_bytes),
                    field(6, "initial_height", &RequestInitChain::initial_height));
    }
};

struct RequestQuery {
    Bytes data;
    std::string path;
    std::uint64_t height = 0;  // 0: the last
    bool prove = false;
    static constexpr auto fields() {
        return list(raw_field(1, "data", &RequestQuery::data), field(2, "path", &RequestQuery::path),
                    field(3, "height", &RequestQuery::height), field(4, "prove", &RequestQuery::prove));
    }
};

inline constexpr std::uint32_t kCheckAgain = 1;  // after a block, of what is left in the mempool

struct RequestCheckTx {
    Bytes tx;
    std::uint32_t type = 0;  // 0: new; kCheckAgain
    static constexpr auto fields() {
        return list(raw_field(1, "tx", &RequestCheckTx::tx), field(2, "type", &RequestCheckTx::type));
    }
};

struct RequestPrepareProposal {
    std::uint64_t max_tx_bytes = 0;  // of the proposal, with what protobuf adds to each
    std::vector<Bytes> txs;
    std::vector<Misbehavior> misbehavior;
    std::uint64_t height = 0;
    Timestamp time;
    Bytes next_validators_hash;
    Bytes proposer_address;
    static constexpr auto fields() {
        return list(field(1, "max_tx_bytes", &RequestPrepareProposal::max_tx_bytes),
                    raw_field(2, "txs", &RequestPrepareProposal::txs),
                    field(4, "misbehavior", &RequestPrepareProposal::misbehavior),
                    field(5, "height", &RequestPrepareProposal::height),
                    field(6, "time", &RequestPrepareProposal::time),
                    raw_field(7, "next_validators_hash", &RequestPrepareProposal::next_validators_hash),
                    raw_field(8, "proposer_address", &RequestPrepareProposal::proposer_address));
    }
};

// RequestProcessProposal and RequestFinalizeBlock: the same fields.
struct ProposedBlock {
    std::vector<Bytes> txs;
    CommitInfo last_commit;
    std::vector<Misbehavior> misbehavior;
    Bytes hash;  // of the block
    std::uint64_t height = 0;
    Timestamp time;
    Bytes next_validators_hash;
    Bytes proposer_address;
    static constexpr auto fields() {
        return list(raw_field(1, "txs", &ProposedBlock::txs), field(2, "last_commit", &ProposedBlock::last_commit),
                    field(3, "misbehavior", &ProposedBlock::misbehavior), raw_field(4, "hash", &ProposedBlock::hash),
                    field(5, "height", &ProposedBlock::height), field(6, "time", &ProposedBlock::time),
                    raw_field(7, "next_validators_hash", &ProposedBlock::next_validators_hash),
                    raw_field(8, "proposer_address", &ProposedBlock::proposer_address));
    }
};

struct RequestCommit {
    static constexpr auto fields() { return list(); }
};

}  // namespace sublet::abci
