// api_test.cpp: a node on a free loopback port, asked as CometBFT's clients, scripts and scrapers ask.
#include <gtest/gtest.h>

#include "api/node.hpp"
#include "api/service.hpp"
#include "engine/testing/world.hpp"
#include "net/run.hpp"

namespace sublet::api {
namespace {

using engine::testing::Folder;
using engine::testing::Key;
using engine::testing::send_tx;
using engine::testing::small_genesis;

class ApiTest : public ::testing::Test {
protected:
    void SetUp() override {
        auto started = Node::start(loop, {.data = folder.path() / "data", .genesis = small_genesis(rich)});
        ASSERT_TRUE(started) << started.error().message;
        node = *std::move(started);
        transport = net::system_transport(loop);
    }
    void TearDown() override {
        node.reset();
        loop.restart();
        loop.poll();
    }

    net::Endpoint endpoint() const { return *net::parse_endpoint(node->url()); }

    net::Response exchange(const std::string& method, const std::string& target, Bytes body = {}) {
        net::Request request;
        request.method = method;
        request.target = target;
        request.body = std::move(body);
        auto response = net::run(loop, transport->send(endpoint(), std::move(request), 10'000));
        EXPECT_TRUE(response) << response.error().message;
        return response.value_or(net::Response{});
    }
    Json get(const std::string& target) { return Json::parse(exchange("GET", target).body, nullptr, false); }
    Json post(const Json& body) { return Json::parse(exchange("POST", "/", dump(body)).body, nullptr, false); }
    Json call(const std::string& method, const Json& params = Json::object()) {
        return post({{"jsonrpc", "2.0"}, {"id", 7}, {"method", method}, {"params", params}});
    }
    Json send(std::uint64_t sequence) {
        return call("broadcast_tx_commit", {{"tx", to_base64(send_tx(rich, poor.address, 5, sequence))}})["result"];
    }
    std::shared_ptr<net::WebSocket> open(const std::string& target) {
        net::Request request;
        request.target = target;
        auto socket = net::run(loop, transport->open_socket(endpoint(), std::move(request), 10'000));
        EXPECT_TRUE(socket) << socket.error().message;
        return socket.value_or(nullptr);
    }
    Json receive(const std::shared_ptr<net::WebSocket>& socket) {
        auto message = net::run(loop, socket->receive());
        EXPECT_TRUE(message) << message.error().message;
        return message ? Json::parse(message->data, nullptr, false) : Json{};
    }
    void tell(const std::shared_ptr<net::WebSocket>& socket, const Json& text) {
        EXPECT_TRUE(net::run(loop, socket->send({net::Frame::kText, dump(text)})));
    }

    const Key rich{'r'};
    const Key poor{'p'};
    net::Loop loop;
    Folder folder;
    std::unique_ptr<Node> node;
    std::unique_ptr<net::Transport> transport;
};

TEST_F(ApiTest, StatusHasWhatCosmJsChecks) {
    const Json status = call("status")["result"];
    EXPECT_TRUE(status["node_info"]["version"].get<std::string>().starts_with("0.38."));
    for (const char* field : {"id", "listen_addr", "network", "moniker"}) {
        EXPECT_FALSE(status["node_info"][field].get<std::string>().empty()) << field;
    }
    for (const char* field : {"latest_block_hash", "latest_app_hash", "latest_block_time", "latest_block_height"}) {
        EXPECT_FALSE(status["sync_info"][field].get<std::string>().empty()) << field;
    }
    EXPECT_EQ(status["sync_info"]["latest_block_height"], "1");
    EXPECT_EQ(status["sync_info"]["catching_up"], false);
    EXPECT_EQ(status["node_info"]["protocol_version"]["block"], "11");
    EXPECT_EQ(status["validator_info"]["pub_key"]["type"], "tendermint/PubKeyEd25519");
    EXPECT_EQ(get("/status")["result"]["node_info"]["network"], "test-1");
}

TEST_F(ApiTest, EveryMethodOfTheListAnswers) {
    send(0);
    const std::map<std::string, Json> calls = {
        {"abci_info", Json::object()},
        {"abci_query", {{"path", "/store/state/key"}, {"data", "0001"}}},
        {"block", {{"height", "2"}}},
        {"block_results", {{"height", "2"}}},
        {"block_search", {{"query", "block.height=2"}}},
        {"blockchain", {{"minHeight", "1"}, {"maxHeight", "2"}}},
        {"commit", {{"height", "2"}}},
        {"genesis", Json::object()},
        {"health", Json::object()},
        {"num_unconfirmed_txs", Json::object()},
        {"status", Json::object()},
        {"tx_search", {{"query", "tx.height=2"}, {"per_page", "5"}}},
        {"unconfirmed_txs", Json::object()},
        {"validators", {{"height", "1"}}},
    };
    for (const auto& [method, params] : calls) {
        const Json answer = call(method, params);
        EXPECT_TRUE(answer.contains("result")) << method << ": " << dump(answer);
        EXPECT_EQ(answer["id"], 7);
    }
}

TEST_F(ApiTest, ErrorsAreCometBfts) {
    struct Row {
        const char* body;
        int code;
    };
    for (const Row& row : {Row{"{", -32700},
                           {"3", -32600},
                           {R"({"id":1,"method":3})", -32600},
                           {R"({"id":1,"method":"nothing"})", -32601},
                           {R"({"id":1,"method":"block","params":{"height":"x"}})", -32602},
                           {R"({"id":1,"method":"block","params":["1","2"]})", -32602},
                           {R"({"id":1,"method":"tx_search","params":{"query":"a"}})", -32602},
                           {R"({"id":1,"method":"broadcast_tx_sync","params":{"tx":"!"}})", -32602},
                           {R"({"id":1,"method":"block","params":{"height":"99"}})", -32603},
                           {R"({"id":1,"method":"subscribe","params":{"query":"a='b'"}})", -32601},
                           {"[]", -32600}}) {
        const Json answer = Json::parse(exchange("POST", "/", row.body).body, nullptr, false);
        EXPECT_EQ(answer["error"]["code"], row.code) << row.body << dump(answer);
    }
    EXPECT_EQ(Json::parse(exchange("POST", "/", Bytes(200, '[')).body)["error"]["code"], -32700);
    EXPECT_EQ(exchange("GET", "/nothing").status, 404U);
    EXPECT_EQ(exchange("POST", "/", Bytes(kMaxRequestBytes + 1, ' ')).status, 413U);
    const Bytes starts_like_hex = "\xd3\x10" + Bytes(30, 'x');
    ASSERT_TRUE(to_base64(starts_like_hex).starts_with("0x"));
    for (const Bytes& hash : {Bytes(32, 'x'), starts_like_hex}) {
        const Json answer = call("tx", {{"hash", to_base64(hash)}});
        EXPECT_NE(answer["error"]["data"].get<std::string>().find("not found"), std::string::npos) << dump(answer);
    }
}

TEST_F(ApiTest, BatchesAnswerInOrder) {
    Json batch = Json::array();
    for (int id = 1; id <= 3; ++id) {
        batch.push_back({{"jsonrpc", "2.0"}, {"id", id}, {"method", "health"}});
    }
    batch.push_back({{"jsonrpc", "2.0"}, {"method", "health"}});  // a notification
    const Json answers = post(batch);
    ASSERT_EQ(answers.size(), 3U);
    EXPECT_EQ(answers[2]["id"], 3);
}

TEST_F(ApiTest, SendsFindsAndSearchesATransaction) {
    const Json sent = send(0);
    EXPECT_EQ(sent["check_tx"]["code"], 0) << dump(sent);
    EXPECT_EQ(sent["tx_result"]["code"], 0) << dump(sent);
    const std::string hash = sent["hash"].get<std::string>();
    EXPECT_EQ(call("tx", {{"hash", to_base64(*from_hex(hash))}})["result"]["height"], "2");
    EXPECT_EQ(get("/tx?hash=0x" + hash)["result"]["hash"], hash);
    for (const std::string& query : {"tx.hash='" + hash + "'", "message.sender='" + rich.address + "'",
                                     std::string{"tx.height=2"}, "transfer.recipient='" + poor.address + "'"}) {
        const Json found = call("tx_search", {{"query", query}})["result"];
        EXPECT_EQ(found["total_count"], "1") << query;
        EXPECT_EQ(found["txs"][0]["hash"], hash) << query;
        EXPECT_TRUE(found["txs"][0]["index"].is_number());
    }
    const Json again = call("broadcast_tx_sync", {{"tx", to_base64(send_tx(rich, poor.address, 5, 0))}})["result"];
    EXPECT_EQ(again["code"], static_cast<int>(Code::kWrongSequence));
    EXPECT_EQ(again["codespace"], "sublet");
    EXPECT_FALSE(again["log"].get<std::string>().empty());
}

TEST_F(ApiTest, RestGivesRecordsBlocksAndTransactions) {
    const std::string hash = send(0)["hash"].get<std::string>();
    EXPECT_EQ(get("/v1/txs/" + hash)["height"], "2");
    EXPECT_EQ(get("/v1/txs?query=tx.height%3D2")["total"], "1");
    EXPECT_EQ(get("/v1/blocks/2")["transactions"][0]["hash"], hash);
    EXPECT_EQ(get("/v1/blocks/latest")["height"], "2");
    EXPECT_EQ(exchange("GET", "/v1/balances/" + poor.address).status, 200U);
    EXPECT_EQ(exchange("GET", "/v1/status").status, 200U);
    EXPECT_EQ(exchange("GET", "/v1/status?height=1").status, 200U);
    EXPECT_EQ(exchange("GET", "/v1/leases/77").status, 404U);
    EXPECT_EQ(exchange("GET", "/v1/nothing/at/all").status, 404U);
    EXPECT_EQ(exchange("GET", "/v1/blocks/99").status, 404U);
    EXPECT_EQ(exchange("GET", "/v1/blocks/x").status, 400U);
    EXPECT_EQ(exchange("DELETE", "/v1/status").status, 405U);
    const Json body = {{"tx", to_base64(send_tx(rich, poor.address, 5, 1))}, {"wait", "commit"}};
    const net::Response sent = exchange("POST", "/v1/txs", dump(body));
    EXPECT_EQ(sent.status, 200U) << sent.body;
    EXPECT_EQ(Json::parse(sent.body)["height"], "3");
    EXPECT_EQ(exchange("POST", "/v1/txs", dump(body)).status, 422U);
    EXPECT_EQ(exchange("POST", "/v1/txs", "{}").status, 400U);
}

TEST_F(ApiTest, RestGivesJobsAndTheirTasks) {
    EXPECT_TRUE(get("/v1/jobs")["jobs"].empty());
    EXPECT_TRUE(get("/v1/standings")["standings"].empty());
    EXPECT_EQ(get("/v1/standings/" + rich.address)["passes"], "0");
    EXPECT_TRUE(get("/v1/jobs?owner=" + rich.address + "&after=7&height=1")["jobs"].empty());
    for (const char* path : {"/v1/jobs/1", "/v1/jobs/1/tasks", "/v1/jobs/1/tasks?from=100000", "/v1/jobs/1/audits",
                             "/v1/jobs/1/audits?from=7&attempt=2", "/v1/jobs/1/results"}) {
        EXPECT_EQ(exchange("GET", path).status, 404U) << path << exchange("GET", path).body;
    }
    for (const char* path : {"/v1/jobs/x", "/v1/jobs/x/tasks", "/v1/jobs/1/tasks?from=100001", "/v1/jobs?owner=me",
                             "/v1/jobs/1/tasks?after=1", "/v1/jobs/1/tasks?attempt=1", "/v1/standings/me"}) {
        EXPECT_EQ(exchange("GET", path).status, 400U) << path;
    }
}

TEST_F(ApiTest, SubscriptionsCarryCometBftsEvents) {
    const auto socket = open("/websocket");
    ASSERT_TRUE(socket);
    tell(socket,
         {{"jsonrpc", "2.0"}, {"id", 1}, {"method", "subscribe"}, {"params", {{"query", "tm.event='NewBlock'"}}}});
    EXPECT_TRUE(receive(socket)["result"].empty());
    const std::string query = "tm.event='Tx' AND message.sender='" + rich.address + "'";
    tell(socket, {{"jsonrpc", "2.0"}, {"id", "two"}, {"method", "subscribe"}, {"params", {{"query", query}}}});
    EXPECT_EQ(receive(socket)["id"], "two");
    send(0);
    bool block = false;
    bool tx = false;
    for (int i = 0; i < 2; ++i) {
        const Json event = receive(socket);
        const Json& data = event["result"]["data"];
        if (data["type"] == "tendermint/event/NewBlock") {
            block = event["id"] == 1 && data["value"]["block"]["header"]["height"] == "2";
        } else if (data["type"] == "tendermint/event/Tx") {
            tx = event["id"] == "two" && data["value"]["TxResult"]["height"] == "2" &&
                 event["result"]["events"]["tm.event"][0] == "Tx" && event["result"]["query"] == query;
        }
    }
    EXPECT_TRUE(block);
    EXPECT_TRUE(tx);
    tell(socket, {{"id", 3}, {"method", "unsubscribe"}, {"params", {{"query", query}}}});
    EXPECT_TRUE(receive(socket)["result"].empty());
    tell(socket, {{"id", 4}, {"method", "unsubscribe"}, {"params", {{"query", query}}}});
    EXPECT_EQ(receive(socket)["error"]["code"], -32603);
    tell(socket, {{"id", 5}, {"method", "status"}});
    EXPECT_EQ(receive(socket)["result"]["sync_info"]["latest_block_height"], "2");
}

TEST_F(ApiTest, EventsResumeFromACursorAndGoOn) {
    send(0);
    const auto all = open("/v1/events?after=0.0&type=transfer");
    const Json first = receive(all);
    EXPECT_EQ(first["height"], "2");
    EXPECT_EQ(first["type"], "transfer");
    const std::string cursor = first["height"].get<std::string>() + "." + std::to_string(first["index"].get<int>());
    const auto rest = open("/v1/events?after=" + cursor + "&type=transfer&recipient=" + poor.address);
    const auto nobody = open("/v1/events?after=9.0");
    EXPECT_EQ(receive(nobody)["code"], static_cast<int>(Code::kOutOfRange));
    EXPECT_EQ(receive(open("/v1/events?after=x"))["code"], static_cast<int>(Code::kBadField));
    send(1);
    EXPECT_EQ(receive(rest)["height"], "3");
    EXPECT_EQ(receive(all)["height"], "3");
}

TEST_F(ApiTest, MetricsAndHealth) {
    send(0);
    const net::Response metrics = exchange("GET", "/metrics");
    for (const char* line :
         {"sublet_height 2\n", "sublet_transactions_total{code=\"Ok\"} 1\n", "sublet_halted 0\n",
          "sublet_records{kind=\"lease\"} 0\n", "sublet_mempool_transactions 0\n",
          "sublet_block_duration_seconds_count 1\n", "sublet_check_duration_seconds_count 1\n",
          "sublet_http_request_duration_seconds_count{route=\"/\",method=\"POST\",status=\"200\"} 1\n",
          "sublet_build_info{version=\"0.1.0\",chain_id=\"test-1\"} 1\n"}) {
        EXPECT_NE(metrics.body.find(line), std::string::npos) << line << metrics.body;
    }
    EXPECT_EQ(exchange("GET", "/health").status, 200U);
    EXPECT_EQ(exchange("GET", "/ready").status, 200U);
    EXPECT_EQ(get("/ready")["state"], "working");
    EXPECT_EQ(get("/")["chain_id"], "test-1");
}

TEST_F(ApiTest, ChainInfoOfTheNetworkAtTheAddressThatWasAsked) {
    const Json info = get("/.well-known/chain-info.json");
    EXPECT_EQ(info["chainId"], "test-1");
    EXPECT_EQ(info["rpc"], node->url());
    EXPECT_EQ(info["rest"], node->url());
    EXPECT_EQ(info["bip44"]["coinType"], 118);
    EXPECT_EQ(info["bech32Config"]["bech32PrefixAccAddr"], "sublet");
    EXPECT_EQ(info["bech32Config"].size(), 6U);
    EXPECT_EQ(info["currencies"].size(), 2U);
    EXPECT_EQ(info["feeCurrencies"][0]["coinMinimalDenom"], "ucredit");
    EXPECT_EQ(info["feeCurrencies"][0]["gasPriceStep"].dump(), R"({"low":0.001,"average":0.0011,"high":0.0015})");
    EXPECT_EQ(info["stakeCurrency"]["coinMinimalDenom"], "ulet");
    const Json chain = get("/.well-known/chain.json");
    EXPECT_EQ(chain["chain_name"], "test1");
    EXPECT_EQ(chain["apis"]["rpc"][0]["address"], node->url());
    EXPECT_EQ(get("/.well-known/assetlist.json")["assets"][1]["base"], "ulet");
    EXPECT_EQ(exchange("GET", "/.well-known/other.json").status, 404U);
}

TEST_F(ApiTest, ASecondNodeOnTheFolderIsRefused) {
    const auto second = Node::start(loop, {.data = folder.path() / "data"});
    ASSERT_FALSE(second);
    EXPECT_EQ(second.error().code, Code::kConflict) << second.error().message;
}

TEST_F(ApiTest, StopsAndContinuesWhereItWas) {
    send(0);
    const std::string hash = call("status")["result"]["sync_info"]["latest_app_hash"].get<std::string>();
    transport.reset();
    TearDown();
    auto again = Node::start(loop, {.data = folder.path() / "data"});
    ASSERT_TRUE(again) << again.error().message;
    node = *std::move(again);
    transport = net::system_transport(loop);
    EXPECT_EQ(call("status")["result"]["sync_info"]["latest_app_hash"], hash);
    EXPECT_EQ(node->chain_id(), "test-1");
}

}  // namespace
}  // namespace sublet::api
