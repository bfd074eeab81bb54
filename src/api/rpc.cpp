// rpc.cpp: JSON-RPC 2.0 as CometBFT speaks it: one call, a batch, or a GET.
#include <algorithm>

#include "api/consensus.hpp"
#include "api/methods.hpp"
#include "api/routes.hpp"
#include "net/notify.hpp"
#include "net/run.hpp"

namespace sublet::api {

namespace {

int rpc_code(Code code) {
    return code == Code::kBadField || code == Code::kParse || code == Code::kOutOfRange ? kInvalidParams
                                                                                        : kInternalError;
}

// To notifications.
net::Response nothing_to_say() {
    net::Response out;
    out.status = 204;
    return out;
}

std::string rpc_message(int code) { return code == kInvalidParams ? "Invalid params" : "Internal error"; }

Json answer_of(const Json& id, Result<Json> result) {
    if (result) {
        return rpc_result(id, *std::move(result));
    }
    const int code = rpc_code(result.error().code);
    return rpc_error(id, code, rpc_message(code), result.error().message);
}

constexpr bool kOfConsensus = true;

// By the consensus program where there is one and the method is its matter.
Task<Result<Json>> call_of(const MethodRow& row, ServicePtr service, Params params) {
    if (row.of_consensus && service->engine->is_replicated()) {
        const bool has_height = std::ranges::find(row.parameters, "height") != row.parameters.end();
        return ask_consensus(std::move(service), std::string{row.name}, std::move(params), has_height);
    }
    return row.method(std::move(service), std::move(params));
}

}  // namespace

const std::vector<MethodRow>& methods() {
    static const std::vector<MethodRow> rows = {
        {"abci_info", {}, method_abci_info, "Name, version and last height of the application."},
        {"abci_query",
         {"path", "data", "height", "prove"},
         method_abci_query,
         "One of the ledger's queries, or a raw key at /store/state/key, with an ICS-23 proof where `prove` is true."},
        {"block", {"height"}, method_block, "One block with its transactions.", kOfConsensus},
        {"block_results", {"height"}, method_block_results, "What became of a block's transactions, and its events."},
        {"block_search",
         {"query", "page", "per_page", "order_by"},
         method_block_search,
         "Blocks whose events answer a query, among the newest 2000."},
        {"blockchain",
         {"minHeight", "maxHeight"},
         method_blockchain,
         "Headers between two heights, at most 20.",
         kOfConsensus},
        {"broadcast_tx_async", {"tx"}, method_broadcast_async, "Sends a transaction; its check is not told."},
        {"broadcast_tx_commit",
         {"tx"},
         method_broadcast_commit,
         "Sends a transaction and waits for its block, at most 10 s."},
        {"broadcast_tx_sync", {"tx"}, method_broadcast_sync, "Sends a transaction and tells its check."},
        {"commit", {"height"}, method_commit, "The header of a block, and who signed it.", kOfConsensus},
        {"consensus_params",
         {"height"},
         method_consensus_params,
         "What blocks, evidence and validators are bounded by.",
         kOfConsensus},
        {"genesis", {}, method_genesis, "The first state.", kOfConsensus},
        {"header", {"height"}, method_header, "The header of a block.", kOfConsensus},
        {"health", {}, method_health, "An empty result while the node works."},
        {"net_info", {}, method_net_info, "The nodes that this one is connected to.", kOfConsensus},
        {"num_unconfirmed_txs", {}, method_num_unconfirmed, "How many transactions wait for a block.", kOfConsensus},
        {"status", {}, method_status, "The node, its last block, its validator."},
        {"tx", {"hash", "prove"}, method_tx, "One transaction by its hash."},
        {"tx_search",
         {"query", "prove", "page", "per_page", "order_by"},
         method_tx_search,
         "Transactions whose events answer a query."},
        {"unconfirmed_txs", {"limit"}, method_unconfirmed, "Transactions that wait for a block, oldest first."},
        {"validators",
         {"height", "page", "per_page"},
         method_validators,
         "Who signs blocks; one in name alone where one machine orders them.",
         kOfConsensus},
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

std::string_view rpc_label(std::string_view path) {
    const MethodRow* const row = find_method(path.substr(std::min<std::size_t>(1, path.size())));
    return row == nullptr ? "none" : row->name;
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
    Task<Result<Json>> call = call_of(*row, service, *std::move(params));
    Result<Json> result = co_await std::move(call);
    co_return answer_of(id, std::move(result));
}

namespace {

// A batch whose requests are begun in their order and answered when they are done: one that waits for a check holds up
// no other.
struct Batch {
    explicit Batch(net::Loop& loop) : one_done(loop) {}
    net::Notifier one_done;
    std::vector<std::optional<Json>> answers;
    std::size_t left = 0;
};

class Counted {  // also where a handler throws
public:
    explicit Counted(std::shared_ptr<Batch> batch) : batch_(std::move(batch)) {}
    ~Counted() {
        --batch_->left;
        batch_->one_done.notify_all();
    }
    Counted(const Counted&) = delete;
    Counted& operator=(const Counted&) = delete;

private:
    std::shared_ptr<Batch> batch_;
};

Task<> answer_into(ServicePtr service, std::shared_ptr<Batch> batch, std::size_t at, Json request) {
    const Counted counted{batch};
    Task<std::optional<Json>> one = answer_one(std::move(service), std::move(request));
    batch->answers[at] = co_await std::move(one);
}

Task<Json> answer_all(ServicePtr service, Json requests) {
    auto batch = std::make_shared<Batch>(service->loop);
    batch->answers.resize(requests.size());
    batch->left = requests.size();
    for (std::size_t i = 0; i < requests.size(); ++i) {
        net::spawn(service->loop, answer_into(service, batch, i, std::move(requests[i])));
    }
    while (batch->left > 0) {
        co_await batch->one_done.wait();
    }
    Json out = Json::array();
    for (std::optional<Json>& each : batch->answers) {
        if (each) {
            out.push_back(*std::move(each));
        }
    }
    co_return out;
}

}  // namespace

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
        co_return nothing_to_say();
    }
    if (parsed->empty() || parsed->size() > kMaxBatch) {
        co_return json_response(200, rpc_error(-1, kInvalidRequest, "Invalid Request",
                                               "a batch has 1 to " + std::to_string(kMaxBatch) + " requests"));
    }
    Task<Json> all = answer_all(service, *std::move(parsed));
    const Json answers = co_await std::move(all);
    co_return answers.empty() ? nothing_to_say() : json_response(200, answers);
}

Task<net::Response> serve_rpc_get(ServicePtr service, net::Request request) {
    const std::string name = request.path.substr(1);
    const MethodRow* const row = find_method(name);
    if (row == nullptr) {
        co_return json_response(404, rpc_error(-1, kMethodNotFound, "Method not found", ""));
    }
    Params params = Params::from_query(request.query);
    Task<Result<Json>> call = call_of(*row, service, std::move(params));
    Result<Json> result = co_await std::move(call);
    const unsigned status = result ? 200 : 500;
    co_return json_response(status, answer_of(-1, std::move(result)));
}

}  // namespace sublet::api
