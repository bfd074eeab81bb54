// cosmos_shapes.cpp: transactions, events and blocks in the JSON of Cosmos' gateway, and the schemas of these.
#include "api/cosmos.hpp"
#include "api/proto_json.hpp"
#include "api/shapes.hpp"
#include "app/message_list.hpp"
#include "crypto/bech32.hpp"
#include "crypto/sha256.hpp"
#include "engine/time_text.hpp"

namespace sublet::api {

namespace {

std::string base64_of(const Hash& hash) { return hash == Hash{} ? "" : to_base64(view_of(hash)); }

// An Any in JSON: its fields beside "@type"; one that we do not know keeps its bytes.
Json proto_message(const ledger::Any& wire) {
    Json out = {{"@type", wire.type_url}};
    const Result<app::AnyMessage> message = app::Messages::decode(wire);
    if (!message) {
        out["value"] = to_base64(wire.value);
        return out;
    }
    const std::string fields = std::visit([](const auto& each) { return to_proto_json(each); }, *message);
    out.update(Json::parse(fields, nullptr, false));
    return out;
}

Json proto_key_of(const std::optional<ledger::Any>& wire) {
    if (!wire) {
        return {};
    }
    const Result<ledger::PubKey> key = codec::decode<ledger::PubKey>(wire->value);
    if (wire->type_url == ledger::kPubKeyTypeUrl && key) {
        return proto_public_key(key->key);
    }
    return {{"@type", wire->type_url}, {"value", to_base64(wire->value)}};
}

Json proto_mode(const std::optional<ledger::ModeInfo>& mode) {
    if (!mode) {
        return {};
    }
    return mode->single ? Json{{"single", {{"mode", ledger::to_name(mode->single->mode)}}}} : Json::object();
}

Json proto_fee(const std::optional<ledger::Fee>& fee) {
    if (!fee) {
        return {};
    }
    Json out = Json::parse(to_proto_json(*fee), nullptr, false);
    out["granter"] = "";  // a fee is its signer's alone
    return out;
}

}  // namespace

Json proto_public_key(BytesView key) { return {{"@type", ledger::kPubKeyTypeUrl}, {"key", to_base64(key)}}; }

Json proto_events(const std::vector<store::StoredEvent>& events) { return events_shape(events); }

Json proto_tx(const ledger::Transaction& transaction) {
    Json messages = Json::array();
    for (const ledger::Any& each : transaction.body.messages) {
        messages.push_back(proto_message(each));
    }
    Json signers = Json::array();
    for (const ledger::SignerInfo& each : transaction.auth.signer_infos) {
        signers.push_back({{"public_key", proto_key_of(each.public_key)},
                           {"mode_info", proto_mode(each.mode_info)},
                           {"sequence", text_of(each.sequence)}});
    }
    Json signatures = Json::array();
    for (const Bytes& each : transaction.raw.signatures) {
        signatures.push_back(to_base64(each));
    }
    return {{"body",
             {{"messages", std::move(messages)},
              {"memo", transaction.body.memo},
              {"timeout_height", text_of(transaction.body.timeout_height)},
              {"unordered", false},
              {"timeout_timestamp", nullptr},
              {"extension_options", Json::array()},
              {"non_critical_extension_options", Json::array()}}},
            {"auth_info",
             {{"signer_infos", std::move(signers)}, {"fee", proto_fee(transaction.auth.fee)}, {"tip", nullptr}}},
            {"signatures", std::move(signatures)}};
}

Json proto_tx_response(const store::StoredTx& tx, BlockTime time) {
    const Result<ledger::Transaction> decoded = ledger::decode_transaction(tx.bytes);
    Json body;
    if (decoded) {
        body = {{"@type", "/cosmos.tx.v1beta1.Tx"}};
        body.update(proto_tx(*decoded));
    }
    return {{"height", text_of(tx.height.value())},
            {"txhash", hex_of(tx.hash)},
            {"codespace", tx.code == 0 ? "" : std::string{code_space(static_cast<Code>(tx.code))}},
            {"code", tx.code},
            {"data", ""},
            {"raw_log", tx.log},
            {"logs", Json::array()},
            {"info", ""},
            {"gas_wanted", text_of(tx.gas_wanted)},
            {"gas_used", text_of(tx.gas_used)},
            {"tx", std::move(body)},
            {"timestamp", tx.height.is_zero() ? "" : engine::time_text(time)},
            {"events", proto_events(tx.events)}};
}

std::string base64_of_hex(const std::string& hex) { return to_base64(from_hex(hex).value_or("")); }

std::string consensus_address(const std::string& hex) {
    const Bytes raw = from_hex(hex).value_or("");
    const std::string prefix = std::string{crypto::kAddressPrefix} + "valcons";
    return crypto::encode_bech32(prefix, crypto::words_from_bytes(raw)).value_or("");
}

Json proto_block_id(const Hash& hash) {
    return {{"hash", base64_of(hash)},
            {"part_set_header", {{"total", hash == Hash{} ? 0 : 1}, {"hash", base64_of(hash)}}}};
}

Json proto_block(const store::FullBlock& block, const Validator& validator, Proposer proposer) {
    const store::BlockHeader& header = block.block.header;
    const std::string nothing = to_base64(view_of(crypto::sha256("")));
    const std::string validators = base64_of_hex(validator.set_hash);
    Json transactions = Json::array();
    for (const store::StoredTx& tx : block.transactions) {
        transactions.push_back(to_base64(tx.bytes));
    }
    return {{"header",
             {{"version", {{"block", "11"}, {"app", "1"}}},
              {"chain_id", header.chain_id},
              {"height", text_of(header.height.value())},
              {"time", engine::time_text(header.time)},
              {"last_block_id", proto_block_id(header.previous_hash)},
              {"last_commit_hash", nothing},
              {"data_hash", base64_of(header.data_hash)},
              {"validators_hash", validators},
              {"next_validators_hash", validators},
              {"consensus_hash", nothing},
              {"app_hash", base64_of(header.app_hash)},
              {"last_results_hash", base64_of(header.results_hash)},
              {"evidence_hash", nothing},
              {"proposer_address",
               proposer == Proposer::kText ? consensus_address(validator.address) : base64_of_hex(validator.address)}}},
            {"data", {{"txs", std::move(transactions)}}},
            {"evidence", {{"evidence", Json::array()}}},
            {"last_commit",
             {{"height", text_of(header.height.value() - 1)},
              {"round", 0},
              {"block_id", proto_block_id(header.previous_hash)},
              {"signatures", Json::array()}}}};
}

}  // namespace sublet::api
