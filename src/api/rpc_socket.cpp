// rpc_socket.cpp: JSON-RPC over /websocket: the same methods, and subscriptions with CometBFT's event shapes.
#include "api/cut.hpp"
#include "api/methods.hpp"
#include "api/shapes.hpp"
#include "net/run.hpp"

namespace sublet::api {

namespace {

constexpr int kServerError = -32000;

struct Follower {
    std::string text;
    std::vector<store::Condition> conditions;
    Json id;
    std::unique_ptr<engine::Subscription> blocks;
};

// One connection; shared by its reader and the coroutines that feed its subscriptions.
struct Connection {
    ServicePtr service;
    std::shared_ptr<net::WebSocket> socket;
    std::shared_ptr<Cut> cut;
    std::map<std::string, std::shared_ptr<Follower>> followers;  // by the query's text
};
using ConnectionPtr = std::shared_ptr<Connection>;

Task<bool> send(ConnectionPtr connection, Json message) {
    net::SocketMessage out{net::Frame::kText, dump(message)};
    Task<Result<>> sending = connection->socket->send(std::move(out));
    Result<> sent = co_await std::move(sending);
    co_return sent.has_value();
}

Json event_message(const Follower& follower, const char* type, Json value, Json values, const char* kind) {
    values["tm.event"] = Json::array({kind});
    return rpc_result(follower.id, {{"query", follower.text},
                                    {"data", {{"type", type}, {"value", std::move(value)}}},
                                    {"events", std::move(values)}});
}

Json tx_message(const Follower& follower, const store::StoredTx& tx) {
    Json values = event_values(tx.events);
    values["tx.hash"] = Json::array({hex_of(tx.hash)});
    values["tx.height"] = Json::array({text_of(tx.height.value())});
    Json result = {{"height", text_of(tx.height.value())},
                   {"index", tx.index},
                   {"tx", to_base64(tx.bytes)},
                   {"result", result_shape(tx)}};
    return event_message(follower, "tendermint/event/Tx", {{"TxResult", std::move(result)}}, std::move(values), "Tx");
}

std::vector<Json> messages_of(const Follower& follower, const store::FullBlock& block, const Validator& validator) {
    std::vector<Json> out;
    const BlockTime time = block.block.header.time;
    const auto block_answers = [&](std::string_view kind) {
        return store::matches(follower.conditions, {block.height(), nullptr, &block.events, time, kind});
    };
    if (block_answers("NewBlock")) {
        Json value = block_shape(block, validator);
        value["result_finalize_block"] = {{"events", events_shape(block.events)},
                                          {"tx_results", Json::array()},
                                          {"validator_updates", Json::array()},
                                          {"app_hash", to_base64(view_of(block.block.app_hash_after))}};
        for (const store::StoredTx& tx : block.transactions) {
            value["result_finalize_block"]["tx_results"].push_back(result_shape(tx));
        }
        out.push_back(event_message(follower, "tendermint/event/NewBlock", std::move(value), event_values(block.events),
                                    "NewBlock"));
    }
    if (block_answers("NewBlockEvents")) {
        out.push_back(event_message(follower, "tendermint/event/NewBlockEvents",
                                    {{"height", text_of(block.height().value())},
                                     {"events", events_shape(block.events)},
                                     {"num_txs", text_of(block.transactions.size())}},
                                    event_values(block.events), "NewBlockEvents"));
    }
    if (block_answers("NewBlockHeader")) {
        out.push_back(event_message(follower, "tendermint/event/NewBlockHeader",
                                    {{"header", header_shape(block.block.header, validator)}},
                                    event_values(block.events), "NewBlockHeader"));
    }
    for (const store::StoredTx& tx : block.transactions) {
        if (store::matches(follower.conditions, {tx.height, &tx.hash, &tx.events, time, "Tx"})) {
            out.push_back(tx_message(follower, tx));
        }
    }
    return out;
}

// A subscription that fell too far behind takes its connection along, which may be stuck in a send.
Task<> cut_when_dropped(ConnectionPtr connection, std::shared_ptr<Follower> follower) {
    Task<Error> waiting = follower->blocks->ended();
    const Error why = co_await std::move(waiting);
    if (why.code == Code::kRefused) {
        const Json words = rpc_error(follower->id, kServerError, "Server error",
                                     "subscription was cancelled (reason: " + why.message + ")");
        Task<> ending = Cut::end(connection->cut, kClosedTryLater, why.message, dump(words));
        co_await std::move(ending);
    }
}

Task<> feed(ConnectionPtr connection, std::shared_ptr<Follower> follower) {
    while (true) {
        Task<Result<engine::BlockPtr>> waiting = follower->blocks->next();
        Result<engine::BlockPtr> block = co_await std::move(waiting);
        if (!block) {
            break;
        }
        std::vector<Json> messages = messages_of(*follower, **block, connection->service->validator);
        for (Json& each : messages) {
            Task<bool> sending = send(connection, std::move(each));
            const bool sent = co_await std::move(sending);
            if (!sent) {
                follower->blocks->close();
                break;
            }
        }
    }
    const auto found = connection->followers.find(follower->text);
    if (found != connection->followers.end() && found->second == follower) {
        connection->followers.erase(found);
    }
}

Json subscribe(const ConnectionPtr& connection, const Json& id, const std::string& text) {
    if (connection->followers.contains(text)) {
        return rpc_error(id, kInternalError, "Internal error", "already subscribed");
    }
    if (connection->followers.size() >= kMaxSubscriptions) {
        return rpc_error(id, kInternalError, "Internal error",
                         "max_subscriptions_per_client " + std::to_string(kMaxSubscriptions) + " reached");
    }
    Result<std::vector<store::Condition>> conditions = store::parse_conditions(text);
    if (!conditions) {
        return rpc_error(id, kInvalidParams, "Invalid params", conditions.error().message);
    }
    Result<std::unique_ptr<engine::Subscription>> blocks = connection->service->engine->subscribe();
    if (!blocks) {
        return rpc_error(id, kInternalError, "Internal error", blocks.error().message);
    }
    auto follower = std::make_shared<Follower>(Follower{text, *std::move(conditions), id, *std::move(blocks)});
    connection->followers[text] = follower;
    net::spawn(connection->service->loop, feed(connection, follower));
    net::spawn(connection->service->loop, cut_when_dropped(connection, follower));
    return rpc_result(id, Json::object());
}

Json unsubscribe(const ConnectionPtr& connection, const Json& id, const std::string& text) {
    const auto found = connection->followers.find(text);
    if (found == connection->followers.end()) {
        return rpc_error(id, kInternalError, "Internal error", "subscription not found");
    }
    found->second->blocks->close();
    connection->followers.erase(found);
    return rpc_result(id, Json::object());
}

void unsubscribe_all(const ConnectionPtr& connection) {
    for (const auto& [text, follower] : connection->followers) {
        follower->blocks->close();
    }
    connection->followers.clear();
}

// Methods that only a connection has; nothing when `request` is for one of the others.
std::optional<Json> answer_here(const ConnectionPtr& connection, const Json& request) {
    if (!request.is_object() || !request.contains("method") || !request["method"].is_string() ||
        !request.contains("id")) {
        return std::nullopt;
    }
    const Json& id = request["id"];
    const std::string& name = request["method"].get_ref<const std::string&>();
    if (name == "unsubscribe_all") {
        unsubscribe_all(connection);
        return rpc_result(id, Json::object());
    }
    if (name != "subscribe" && name != "unsubscribe") {
        return std::nullopt;
    }
    Result<Params> params = Params::from_json(request.contains("params") ? request["params"] : Json{}, {"query"});
    Result<std::string> text = params ? params->text("query") : std::unexpected{params.error()};
    if (!text) {
        return rpc_error(id, kInvalidParams, "Invalid params", text.error().message);
    }
    return name == "subscribe" ? subscribe(connection, id, *text) : unsubscribe(connection, id, *text);
}

Task<std::optional<Json>> answer_message(ConnectionPtr connection, Bytes message) {
    Result<Json> request = parse_json(message);
    if (!request) {
        co_return rpc_error(-1, -32700, "Parse error. Invalid JSON", request.error().message);
    }
    if (std::optional<Json> answer = answer_here(connection, *request)) {
        co_return answer;
    }
    Task<std::optional<Json>> call = answer_one(connection->service, *std::move(request));
    std::optional<Json> answer = co_await std::move(call);
    co_return answer;
}

}  // namespace

Task<> serve_rpc_socket(ServicePtr service, std::shared_ptr<net::WebSocket> socket) {
    auto connection =
        std::make_shared<Connection>(Connection{service, socket, std::make_shared<Cut>(service->loop, socket), {}});
    ++service->sockets;
    while (true) {
        Task<Result<net::SocketMessage>> receiving = socket->receive();
        Result<net::SocketMessage> message = co_await std::move(receiving);
        if (!message) {
            break;
        }
        Task<std::optional<Json>> answering = answer_message(connection, std::move(message->data));
        std::optional<Json> answer = co_await std::move(answering);
        if (!answer) {
            continue;
        }
        Task<bool> sending = send(connection, *std::move(answer));
        const bool sent = co_await std::move(sending);
        if (!sent) {
            break;
        }
    }
    Task<> settling = Cut::settle(connection->cut);
    co_await std::move(settling);
    unsubscribe_all(connection);
    --service->sockets;
}

}  // namespace sublet::api
