// cosmos_schemas.cpp: the schemas of what the Cosmos REST paths answer with in more than one place.
#include "api/cosmos.hpp"

namespace sublet::api {

namespace {

Json nothing() { return {{"type", "null"}}; }
Json no_text() { return {{"const", ""}}; }

Json make_coin(Schemas& schemas) { return object_schema({{"denom", any_text()}, {"amount", uint64_schema(schemas)}}); }

Json make_page(Schemas& schemas) {
    return object_schema({{"next_key", or_null(base64_schema(schemas))}, {"total", uint64_schema(schemas)}});
}

// Fields beside "@type"; which ones, the contract of that type says.
Json make_any(Schemas&) {
    return {{"type", "object"}, {"properties", {{"@type", any_text()}}}, {"required", {"@type"}}};
}
Json any_schema(Schemas& schemas) { return schemas.named("cosmos.Any", make_any); }

Json make_event(Schemas&) {
    const Json attribute = object_schema({{"key", any_text()}, {"value", any_text()}, {"index", truth_schema()}});
    return object_schema({{"type", any_text()}, {"attributes", list_schema(attribute)}});
}

Json make_fee(Schemas& schemas) {
    return object_schema({{"amount", list_schema(object_schema({{"denom", any_text()}, {"amount", any_text()}}))},
                          {"gas_limit", uint64_schema(schemas)},
                          {"payer", any_text()},
                          {"granter", no_text()}});
}

Json tx_properties(Schemas& schemas) {
    const Json mode = {{"type", "object"},
                       {"properties", {{"single", object_schema({{"mode", any_text()}})}}},
                       {"additionalProperties", false}};
    const Json signer = object_schema({{"public_key", or_null(any_schema(schemas))},
                                       {"mode_info", or_null(mode)},
                                       {"sequence", uint64_schema(schemas)}});
    return {{"body", object_schema({{"messages", list_schema(any_schema(schemas))},
                                    {"memo", any_text()},
                                    {"timeout_height", uint64_schema(schemas)},
                                    {"unordered", {{"const", false}}},
                                    {"timeout_timestamp", nothing()},
                                    {"extension_options", empty_list()},
                                    {"non_critical_extension_options", empty_list()}})},
            {"auth_info", object_schema({{"signer_infos", list_schema(signer)},
                                         {"fee", or_null(schemas.named("cosmos.Fee", make_fee))},
                                         {"tip", nothing()}})},
            {"signatures", list_schema(base64_schema(schemas))}};
}
Json make_tx(Schemas& schemas) { return object_schema(tx_properties(schemas)); }

Json make_any_tx(Schemas& schemas) {
    Json properties = {{"@type", {{"const", "/cosmos.tx.v1beta1.Tx"}}}};
    properties.update(tx_properties(schemas));
    return object_schema(std::move(properties));
}

Json make_tx_response(Schemas& schemas) {
    return object_schema({{"height", uint64_schema(schemas)},
                          {"txhash", hash_schema(schemas)},
                          {"codespace", any_text()},
                          {"code", uint32_schema()},
                          {"data", no_text()},
                          {"raw_log", any_text()},
                          {"logs", empty_list()},
                          {"info", no_text()},
                          {"gas_wanted", uint64_schema(schemas)},
                          {"gas_used", uint64_schema(schemas)},
                          {"tx", or_null(schemas.named("cosmos.AnyTx", make_any_tx))},
                          {"timestamp", any_text()},
                          {"events", list_schema(proto_event_schema(schemas))}});
}

Json make_block_id(Schemas& schemas) {
    return object_schema(
        {{"hash", base64_schema(schemas)},
         {"part_set_header", object_schema({{"total", uint32_schema()}, {"hash", base64_schema(schemas)}})}});
}

Json make_block(Schemas& schemas) {
    Json header = {{"version", object_schema({{"block", uint64_schema(schemas)}, {"app", uint64_schema(schemas)}})},
                   {"chain_id", any_text()},
                   {"height", uint64_schema(schemas)},
                   {"time", time_schema()},
                   {"last_block_id", block_id_schema(schemas)},
                   {"proposer_address", {{"type", "string"}, {"description", "base64 in block, bech32 in sdk_block"}}}};
    for (const char* name : {"last_commit_hash", "data_hash", "validators_hash", "next_validators_hash",
                             "consensus_hash", "app_hash", "last_results_hash", "evidence_hash"}) {
        header[name] = base64_schema(schemas);
    }
    return object_schema({{"header", object_schema(std::move(header))},
                          {"data", object_schema({{"txs", list_schema(base64_schema(schemas))}})},
                          {"evidence", object_schema({{"evidence", empty_list()}})},
                          {"last_commit", object_schema({{"height", uint64_schema(schemas)},
                                                         {"round", uint32_schema()},
                                                         {"block_id", block_id_schema(schemas)},
                                                         {"signatures", empty_list()}})}});
}

Json make_public_key(Schemas& schemas) {
    return object_schema({{"@type", any_text()}, {"key", base64_schema(schemas)}});
}

}  // namespace

Json empty_list() { return {{"type", "array"}, {"items", Json::object()}, {"maxItems", 0}}; }
Json coin_schema(Schemas& schemas) { return schemas.named("cosmos.Coin", make_coin); }
Json page_schema(Schemas& schemas) { return or_null(schemas.named("cosmos.PageResponse", make_page)); }
Json public_key_schema(Schemas& schemas) { return schemas.named("cosmos.PubKey", make_public_key); }
Json proto_event_schema(Schemas& schemas) { return schemas.named("cosmos.Event", make_event); }
Json proto_tx_schema(Schemas& schemas) { return schemas.named("cosmos.Tx", make_tx); }
Json tx_response_schema(Schemas& schemas) { return schemas.named("cosmos.TxResponse", make_tx_response); }
Json block_id_schema(Schemas& schemas) { return schemas.named("cosmos.BlockID", make_block_id); }
Json proto_block_schema(Schemas& schemas) { return schemas.named("cosmos.Block", make_block); }

}  // namespace sublet::api
