// rpc.cpp: JSON-RPC 2.0 as CometBFT speaks it: one call, a batch, or a GET.
#include "api/methods.hpp"

namespace sublet::api {

namespace {

constexpr int kParseError = -32700;
constexpr int kInvalidRequest = -32600;
constexpr int kMethodNotFound = -32601;
constexpr int kInvalidParams = -32602;
constexpr int kInternalError = -32603;

int rpc_code(Code code) {
    return code == Code::kBadField || code == Code::kParse || code == Code::kOutOfRange ? kInvalidParams
                                                                                        : kInternalError;
}

std::string rpc_message(int code) { return code == kInvalidParams ? "Invalid params" : "Internal error"; }

Json answer_of(const Json& id, Result<Json> result) {
    if (result) {
        return rpc_result(id, *std::move(result));
    }
    const int code = rpc_code(result.error().code);
    return rpc_error(id, code, rpc_message(code), result.error().message);
}

}  // namespace

const std::vector<MethodRow>& methods() {
    static const std::vector<MethodRow> rows = {
        {"abci_info", {}, method_abci_info},
        {"abci_query", {"path", "data", "height", "prove"}, method_abci_query},
        {"block", {"height"}, method_block},
        {"block_results", {"height"}, method_block_results},
        {"block_search", {"query", "page", "per_page", "order_by"}, method_block_search},
        {"blockchain", {"minHeight", "maxHeight"}, method_blockchain},
        {"broadcast_tx_async", {"tx"}, method_broadcast_async},
        {"broadcast_tx_commit", {"tx"}, method_broadcast_commit},
        {"broadcast_tx_sync", {"tx"}, method_broadcast_sync},
        {"commit", {"height"}, method_commit},
        {"genesis", {}, method_genesis},
        {"header", {"height"}, method_header},
        {"health", {}, method_health},
        {"num_unconfirmed_txs", {}, method_num_unconfirmed},
        {"status", {}, method_status},
        {"tx", {"hash", "prove"}, method_tx},
        {"tx_search", {"query", "prove", "page", "per_page", "order_by"}, method_tx_search},
        {"unconfirmed_txs", {"limit"}, method_unconfirmed},
        {"validators", {"height", "page", "per_page"}, method_validators},
    };
    return rows;
}

const MethodRow* find_method(std::string_view name) {
    for (const MethodRow& row : methods()) {
        if (row.name == name) {
            return &row;
        }
    }
    return nullptr;
}

bool is_rpc_method(std::string_view name) { return find_method(name) != nullptr; }

std::string dump(const Json& value) { return value.dump(-1, ' ', false, Json::error_handler_t::replace); }

Result<Json> parse_json(std::string_view text) {
    // The parser recurses into what is nested; a bound on brackets comes first.
    std::size_t depth = 0;
    bool quoted = false;
    bool escaped = false;
    for (const char c : text) {
        if (quoted) {
            quoted = escaped || c != '"';
            escaped = !escaped && c == '\\';
        } else if (c == '"') {
            quoted = true;
        } else if (c == '[' || c == '{') {
            if (++depth > kMaxJsonDepth) {
                return fail(Code::kParse, "JSON is nested deeper than " + std::to_string(kMaxJsonDepth));
            }
        } else if ((c == ']' || c == '}') && depth > 0) {
            --depth;
        }
    }
    Json out = Json::parse(text, nullptr, false);
    if (out.is_discarded()) {
        return fail(Code::kParse, "the body is not JSON");
    }
    return out;
}

net::Response json_response(unsigned status, const Json& body) {
    net::Response out;
    out.status = status;
    out.headers["content-type"] = "application/json";
    out.body = dump(body);
    return out;
}

Json rpc_error(const Json& id, int code, const std::string& message, const std::string& data) {
    return {{"jsonrpc", "2.0"}, {"id", id}, {"error", {{"code", code}, {"message", message}, {"data", data}}}};
}

Json rpc_result(const Json& id, Json result) { return {{"jsonrpc", "2.0"}, {"id", id}, {"result", std::move(result)}}; }

Task<std::optional<Json>> answer_one(ServicePtr service, Json request) {
    if (!request.is_object() || !request.contains("method") || !request["method"].is_string()) {
        co_return rpc_error(-1, kInvalidRequest, "Invalid Request", "expected an object with a method");
    }
    const Json id = request.contains("id") ? request["id"] : Json{};
    if (id.is_null()) {
        co_return std::nullopt;  // a notification
    }
    if (!id.is_string() && !id.is_number_integer()) {
        co_return rpc_error(-1, kInvalidRequest, "Invalid Request", "id is a text or a whole number");
    }
    const std::string name = request["method"].get<std::string>();
    const MethodRow* const row = find_method(name);
    if (row == nullptr) {
        co_return rpc_error(id, kMethodNotFound, "Method not found", "");
    }
    const Json raw = request.contains("params") ? request["params"] : Json{};
    Result<Params> params = Params::from_json(raw, row->parameters);
    if (!params) {
        co_return rpc_error(id, kInvalidParams, "Invalid params", params.error().message);
    }
    Task<Result<Json>> call = row->method(service, *std::move(params));
    Result<Json> result = co_await std::move(call);
    co_return answer_of(id, std::move(result));
}

Task<net::Response> serve_rpc_post(ServicePtr service, Bytes body) {
    Result<Json> parsed = parse_json(body);
    if (!parsed) {
        co_return json_response(200, rpc_error(-1, kParseError, "Parse error. Invalid JSON", parsed.error().message));
    }
    if (!parsed->is_array()) {
        Task<std::optional<Json>> one = answer_one(service, *std::move(parsed));
        std::optional<Json> answer = co_await std::move(one);
        if (answer) {
            co_return json_response(200, *answer);
        }
        co_return net::Response{};
    }
    if (parsed->empty() || parsed->size() > kMaxBatch) {
        co_return json_response(200, rpc_error(-1, kInvalidRequest, "Invalid Request",
                                               "a batch has 1 to " + std::to_string(kMaxBatch) + " requests"));
    }
    Json answers = Json::array();
    for (Json& each : *parsed) {
        Task<std::optional<Json>> one = answer_one(service, std::move(each));
        std::optional<Json> answer = co_await std::move(one);
        if (answer) {
            answers.push_back(*std::move(answer));
        }
    }
    co_return json_response(200, answers);
}

Task<net::Response> serve_rpc_get(ServicePtr service, net::Request request) {
    const std::string name = request.path.substr(1);
    const MethodRow* const row = find_method(name);
    if (row == nullptr) {
        co_return json_response(404, rpc_error(-1, kMethodNotFound, "Method not found", ""));
    }
    Task<Result<Json>> call = row->method(service, Params::from_query(request.query));
    Result<Json> result = co_await std::move(call);
    const unsigned status = result ? 200 : 500;
    co_return json_response(status, answer_of(-1, std::move(result)));
}

}  // namespace sublet::api
