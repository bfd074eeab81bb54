// shapes.cpp: every field is there even where one machine has nothing to say, because clients look for it.
#include "api/shapes.hpp"

#include "crypto/sha256.hpp"
#include "engine/time_text.hpp"

namespace sublet::api {

namespace {

std::string empty_hash() { return to_hex_upper(view_of(crypto::sha256(""))); }
bool is_zero(const Hash& hash) { return hash == Hash{}; }

}  // namespace

Validator validator_of(const std::string& chain_id) {
    Validator out;
    out.public_key = Bytes{view_of(crypto::sha256("sublet solo validator of " + chain_id))};
    const Hash digest = crypto::sha256(out.public_key);
    out.address = to_hex_upper(view_of(digest).substr(0, 20));
    out.set_hash = to_hex_upper(view_of(crypto::sha256(out.public_key + "1")));
    return out;
}

std::string text_of(std::uint64_t number) { return std::to_string(number); }
std::string hex_of(const Hash& hash) { return is_zero(hash) ? "" : to_hex_upper(view_of(hash)); }

Json block_id_shape(const Hash& hash) {
    return {{"hash", hex_of(hash)}, {"parts", {{"total", is_zero(hash) ? 0 : 1}, {"hash", hex_of(hash)}}}};
}

Json header_shape(const store::BlockHeader& header, const Validator& validator) {
    return {{"version", {{"block", "11"}, {"app", "1"}}},
            {"chain_id", header.chain_id},
            {"height", text_of(header.height.value())},
            {"time", engine::time_text(header.time)},
            {"last_block_id", block_id_shape(header.previous_hash)},
            {"last_commit_hash", empty_hash()},
            {"data_hash", hex_of(header.data_hash)},
            {"validators_hash", validator.set_hash},
            {"next_validators_hash", validator.set_hash},
            {"consensus_hash", empty_hash()},
            {"app_hash", hex_of(header.app_hash)},
            {"last_results_hash", hex_of(header.results_hash)},
            {"evidence_hash", empty_hash()},
            {"proposer_address", validator.address}};
}

// Nobody signs a block that one machine orders: the list of signatures is empty.
Json commit_shape(const store::BlockHeader& header) {
    return {{"height", text_of(header.height.value())},
            {"round", 0},
            {"block_id", block_id_shape(header.hash)},
            {"signatures", Json::array()}};
}

Json block_shape(const store::FullBlock& block, const Validator& validator) {
    const store::BlockHeader& header = block.block.header;
    Json transactions = Json::array();
    for (const store::StoredTx& tx : block.transactions) {
        transactions.push_back(to_base64(tx.bytes));
    }
    store::BlockHeader before;
    before.height = Height{header.height.value() - 1};
    before.hash = header.previous_hash;
    return {{"block_id", block_id_shape(header.hash)},
            {"block",
             {{"header", header_shape(header, validator)},
              {"data", {{"txs", std::move(transactions)}}},
              {"evidence", {{"evidence", Json::array()}}},
              {"last_commit", commit_shape(before)}}}};
}

Json events_shape(const std::vector<store::StoredEvent>& events) {
    Json out = Json::array();
    for (const store::StoredEvent& event : events) {
        Json attributes = Json::array();
        for (const store::StoredAttribute& each : event.attributes) {
            attributes.push_back({{"key", each.key}, {"value", each.value}, {"index", true}});
        }
        out.push_back({{"type", event.type}, {"attributes", std::move(attributes)}});
    }
    return out;
}

Json result_shape(const store::StoredTx& tx) {
    return {{"code", tx.code},
            {"data", nullptr},
            {"log", tx.log},
            {"info", ""},
            {"gas_wanted", text_of(tx.gas_wanted)},
            {"gas_used", text_of(tx.gas_used)},
            {"events", events_shape(tx.events)},
            {"codespace", tx.code == 0 ? "" : std::string{code_space(static_cast<Code>(tx.code))}}};
}

Json check_shape(const app::TxResult& result) {
    return {{"code", static_cast<std::uint32_t>(result.code)},
            {"data", nullptr},
            {"log", result.log},
            {"info", ""},
            {"gas_wanted", text_of(result.gas_wanted)},
            {"gas_used", text_of(result.gas_used)},
            {"events", Json::array()},
            {"codespace", result.code == Code::kOk ? "" : std::string{code_space(result.code)}}};
}

Json tx_shape(const store::StoredTx& tx) {
    return {{"hash", hex_of(tx.hash)},
            {"height", text_of(tx.height.value())},
            {"index", tx.index},
            {"tx_result", result_shape(tx)},
            {"tx", to_base64(tx.bytes)}};
}

Json validator_shape(const Validator& validator) {
    return {{"address", validator.address},
            {"pub_key", {{"type", "tendermint/PubKeyEd25519"}, {"value", to_base64(validator.public_key)}}},
            {"voting_power", "1"},
            {"proposer_priority", "0"}};
}

Json event_values(const std::vector<store::StoredEvent>& events) {
    Json out = Json::object();
    for (const store::StoredEvent& event : events) {
        for (const store::StoredAttribute& each : event.attributes) {
            out[event.type + "." + each.key].push_back(each.value);
        }
    }
    return out;
}

}  // namespace sublet::api
