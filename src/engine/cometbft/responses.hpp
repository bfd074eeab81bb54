// responses.hpp: what an application answers, without snapshots.
// Spec: CometBFT v0.38 to v0.40, proto/tendermint/abci/types.proto.
#pragma once

#include "engine/cometbft/types.hpp"

namespace sublet::abci {

// CometBFT ends itself when it gets one.
struct ResponseException {
    std::string error;
    static constexpr auto fields() { return list(field(1, "error", &ResponseException::error)); }
};

struct ResponseEcho {
    std::string message;
    static constexpr auto fields() { return list(field(1, "message", &ResponseEcho::message)); }
};

struct ResponseFlush {
    static constexpr auto fields() { return list(); }
};

struct ResponseInfo {
    std::string data;
    std::string version;
    std::uint64_t app_version = 0;
    std::uint64_t last_block_height = 0;
    Bytes last_block_app_hash;
    static constexpr auto fields() {
        return list(field(1, "data", &ResponseInfo::data), field(2, "version", &ResponseInfo::version),
                    field(3, "app_version", &ResponseInfo::app_version),
                    field(4, "last_block_height", &ResponseInfo::last_block_height),
                    raw_field(5, "last_block_app_hash", &ResponseInfo::last_block_app_hash));
    }
};

struct ResponseInitChain {
    std::vector<ValidatorUpdate> validators;  // empty: those that were given
    Bytes app_hash;
    static constexpr auto fields() {
        return list(field(2, "validators", &ResponseInitChain::validators),
                    raw_field(3, "app_hash", &ResponseInitChain::app_hash));
    }
};

struct ProofOp {
    std::string type;
    Bytes key;
    Bytes data;
    static constexpr auto fields() {
        return list(field(1, "type", &ProofOp::type), raw_field(2, "key", &ProofOp::key),
                    raw_field(3, "data", &ProofOp::data));
    }
};

struct ProofOps {
    std::vector<ProofOp> ops;
    static constexpr auto fields() { return list(field(1, "ops", &ProofOps::ops)); }
};

struct ResponseQuery {
    std::uint32_t code = 0;
    std::string log;
    std::string info;
    std::uint64_t index = 0;
    Bytes key;
    Bytes value;
    std::optional<ProofOps> proof_ops;
    std::uint64_t height = 0;
    std::string codespace;
    static constexpr auto fields() {
        return list(field(1, "code", &ResponseQuery::code), field(3, "log", &ResponseQuery::log),
                    field(4, "info", &ResponseQuery::info), field(5, "index", &ResponseQuery::index),
                    raw_field(6, "key", &ResponseQuery::key), raw_field(7, "value", &ResponseQuery::value),
                    field(8, "proof_ops", &ResponseQuery::proof_ops), field(9, "height", &ResponseQuery::height),
                    field(10, "codespace", &ResponseQuery::codespace));
    }
};

// ResponseCheckTx and ExecTxResult: the same fields. Code, data and both gases of a block are under its hash.
struct TxAnswer {
    std::uint32_t code = 0;  // 0: taken
    Bytes data;
    std::string log;   // not hashed
    std::string info;  // not hashed
    std::uint64_t gas_wanted = 0;
    std::uint64_t gas_used = 0;
    std::vector<Event> events;
    std::string codespace;  // not hashed
    static constexpr auto fields() {
        return list(field(1, "code", &TxAnswer::code), raw_field(2, "data", &TxAnswer::data),
                    field(3, "log", &TxAnswer::log), field(4, "info", &TxAnswer::info),
                    field(5, "gas_wanted", &TxAnswer::gas_wanted), field(6, "gas_used", &TxAnswer::gas_used),
                    field(7, "events", &TxAnswer::events), field(8, "codespace", &TxAnswer::codespace));
    }
};

struct ResponsePrepareProposal {
    std::vector<Bytes> txs;
    static constexpr auto fields() { return list(raw_field(1, "txs", &ResponsePrepareProposal::txs)); }
};

struct ResponseProcessProposal {
    std::uint32_t status = 0;  // 1: accepted; 2: rejected; 0 ends CometBFT
    static constexpr auto fields() { return list(field(1, "status", &ResponseProcessProposal::status)); }
};

struct ResponseFinalizeBlock {
    std::vector<Event> events;
    std::vector<TxAnswer> tx_results;  // one each, in order
    std::vector<ValidatorUpdate> validator_updates;
    Bytes app_hash;
    static constexpr auto fields() {
        return list(field(1, "events", &ResponseFinalizeBlock::events),
                    field(2, "tx_results", &ResponseFinalizeBlock::tx_results),
                    field(3, "validator_updates", &ResponseFinalizeBlock::validator_updates),
                    raw_field(5, "app_hash", &ResponseFinalizeBlock::app_hash));
    }
};

struct ResponseCommit {
    std::uint64_t retain_height = 0;  // blocks below may be forgotten; 0: none
    static constexpr auto fields() { return list(field(3, "retain_height", &ResponseCommit::retain_height)); }
};

}  // namespace sublet::abci
