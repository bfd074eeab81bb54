// methods.hpp: the JSON-RPC methods by name. Private to the room.
#pragma once

#include "api/params.hpp"

namespace sublet::api {

// Errors become JSON-RPC errors: kBadField, kParse, kOutOfRange are invalid parameters (-32602), the rest internal
// (-32603), both with the sentence as `data`.
using Method = Task<Result<Json>> (*)(ServicePtr service, Params params);

// Of JSON-RPC 2.0.
inline constexpr int kParseError = -32700;
inline constexpr int kInvalidRequest = -32600;
inline constexpr int kMethodNotFound = -32601;
inline constexpr int kInvalidParams = -32602;
inline constexpr int kInternalError = -32603;

struct MethodRow {
    std::string_view name;
    std::vector<std::string_view> parameters;  // in the order of a positional call
    Method method;
    std::string_view summary;
    bool of_consensus = false;  // a replicated network's own program answers it
};
const std::vector<MethodRow>& methods();
const MethodRow* find_method(std::string_view name);

// About the node and its blocks.
Task<Result<Json>> method_status(ServicePtr service, Params params);
Task<Result<Json>> method_health(ServicePtr service, Params params);
Task<Result<Json>> method_abci_info(ServicePtr service, Params params);
Task<Result<Json>> method_genesis(ServicePtr service, Params params);
Task<Result<Json>> method_block(ServicePtr service, Params params);
Task<Result<Json>> method_header(ServicePtr service, Params params);
Task<Result<Json>> method_block_results(ServicePtr service, Params params);
Task<Result<Json>> method_block_search(ServicePtr service, Params params);
Task<Result<Json>> method_blockchain(ServicePtr service, Params params);
Task<Result<Json>> method_commit(ServicePtr service, Params params);
Task<Result<Json>> method_validators(ServicePtr service, Params params);
Task<Result<Json>> method_net_info(ServicePtr service, Params params);
Task<Result<Json>> method_consensus_params(ServicePtr service, Params params);
// About transactions.
Task<Result<Json>> method_abci_query(ServicePtr service, Params params);
Task<Result<Json>> method_broadcast_async(ServicePtr service, Params params);
Task<Result<Json>> method_broadcast_sync(ServicePtr service, Params params);
Task<Result<Json>> method_broadcast_commit(ServicePtr service, Params params);
Task<Result<Json>> method_num_unconfirmed(ServicePtr service, Params params);
Task<Result<Json>> method_unconfirmed(ServicePtr service, Params params);
Task<Result<Json>> method_tx(ServicePtr service, Params params);
Task<Result<Json>> method_tx_search(ServicePtr service, Params params);

// One JSON-RPC request as it came: its answer, or nothing for a notification.
Task<std::optional<Json>> answer_one(ServicePtr service, Json request);
Json rpc_error(const Json& id, int code, const std::string& message, const std::string& data);
Json rpc_result(const Json& id, Json result);

// The part of a search that the query string does not say: page (from 1), per_page, order_by.
struct Page {
    std::size_t skip = 0;
    std::size_t limit = 0;
    bool descending = false;
};
Result<Page> page_of(const Params& params);

// Simulate and whatever else needs the App itself goes to the engine, the rest to the committed height.
Task<app::QueryResult> run_query(ServicePtr service, std::string path, Bytes data, Height height, bool prove);

}  // namespace sublet::api
