// cosmos_test.cpp: the Cosmos REST paths and the proofs of a node, where no other people's code is at hand to ask.
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

class CosmosTest : public ::testing::Test {
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

    net::Response ask(const std::string& method, const std::string& target, Bytes body = {},
                      net::Headers headers = {}) {
        net::Request request;
        request.method = method;
        request.target = target;
        request.body = std::move(body);
        request.headers = std::move(headers);
        auto response = net::run(loop, transport->send(*net::parse_endpoint(node->url()), std::move(request), 10'000));
        EXPECT_TRUE(response) << response.error().message;
        return response.value_or(net::Response{});
    }
    Json get(const std::string& target) { return Json::parse(ask("GET", target).body, nullptr, false); }
    Json send(std::uint64_t sequence) {
        const Json body = {{"tx_bytes", to_base64(send_tx(rich, poor.address, 5, sequence))},
                           {"mode", "BROADCAST_MODE_BLOCK"}};
        return Json::parse(ask("POST", "/cosmos/tx/v1beta1/txs", dump(body)).body, nullptr, false)["tx_response"];
    }

    const Key rich{'r'};
    const Key poor{'p'};
    net::Loop loop;
    Folder folder;
    std::unique_ptr<Node> node;
    std::unique_ptr<net::Transport> transport;
};

TEST_F(CosmosTest, AWalletReadsSendsAndFinds) {
    const std::string account = "/cosmos/auth/v1beta1/accounts/" + rich.address;
    EXPECT_TRUE(get(account)["account"]["pub_key"].is_null());
    const Json sent = send(0);
    EXPECT_EQ(sent["code"], 0) << dump(sent);
    EXPECT_EQ(sent["height"], "2");
    EXPECT_EQ(get(account)["account"]["sequence"], "1");
    EXPECT_EQ(get(account)["account"]["pub_key"]["@type"], "/cosmos.crypto.secp256k1.PubKey");
    const Json found = get("/cosmos/tx/v1beta1/txs/" + sent["txhash"].get<std::string>());
    const Json& message = found["tx"]["body"]["messages"][0];
    EXPECT_EQ(message["@type"], "/cosmos.bank.v1beta1.MsgSend");
    EXPECT_EQ(message["to_address"], poor.address);
    EXPECT_EQ(found["tx"], get("/cosmos/tx/v1beta1/txs?query=tx.height%3D2")["txs"][0]);
    const std::string balance = "/cosmos/bank/v1beta1/balances/" + poor.address + "/by_denom?denom=ucredit";
    EXPECT_EQ(get(balance)["balance"]["amount"], "5");
    const net::Response then = ask("GET", balance, {}, {{"x-cosmos-block-height", "1"}});
    EXPECT_EQ(Json::parse(then.body)["balance"]["amount"], "0");
    EXPECT_EQ(then.headers.at("grpc-metadata-x-cosmos-block-height"), "1");
}

TEST_F(CosmosTest, RefusalsAreThoseOfAGateway) {
    struct Row {
        const char* method;
        std::string target;
        const char* body;
        unsigned status;
        int code;
    };
    const std::string bank = "/cosmos/bank/v1beta1/";
    for (const Row& row : {Row{"GET", "/cosmos/auth/v1beta1/accounts/" + poor.address, "", 404, 5},
                           {"GET", bank + "balances/cosmos1abc", "", 400, 3},
                           {"GET", bank + "supply?pagination.key=AAAA", "", 400, 3},
                           {"GET", bank + "supply?pagination.key=AAAAAAAAAAE%3D&pagination.offset=1", "", 400, 3},
                           {"GET", bank + "supply/by_denom", "", 400, 3},
                           {"GET", bank + "denoms_metadata/uatom", "", 404, 5},
                           {"GET", "/cosmos/tx/v1beta1/txs?events=a%3D'b'&events=oh", "", 400, 3},
                           {"GET", "/cosmos/base/tendermint/v1beta1/blocks/99", "", 404, 5},
                           {"POST", "/cosmos/tx/v1beta1/simulate", "{}", 400, 3},
                           {"POST", "/cosmos/tx/v1beta1/txs", R"({"tx_bytes":"AAAA"})", 400, 3},
                           {"POST", bank + "params", "{}", 405, 12},
                           {"GET", "/cosmos/nothing", "", 404, 5},
                           {"GET", "/cosmos/staking/v1beta1/params", "", 501, 12},
                           {"GET", "/ibc/core/client/v1/params", "", 501, 12}}) {
        const net::Response response = ask(row.method, row.target, row.body);
        const Json body = Json::parse(response.body, nullptr, false);
        EXPECT_EQ(response.status, row.status) << row.target << response.body;
        EXPECT_EQ(body["code"], row.code) << row.target << response.body;
        EXPECT_FALSE(body["message"].get<std::string>().empty()) << row.target;
        EXPECT_TRUE(body["details"].is_array()) << row.target;
    }
}

TEST_F(CosmosTest, PagesAreCutAtTheirKeys) {
    const Json first = get("/cosmos/bank/v1beta1/denoms_metadata?pagination.limit=1&pagination.count_total=true");
    EXPECT_EQ(first["metadatas"][0]["base"], "ucredit");
    EXPECT_EQ(first["pagination"]["total"], "2");
    const std::string key = net::percent_encode(first["pagination"]["next_key"].get<std::string>());
    const Json second = get("/cosmos/bank/v1beta1/denoms_metadata?pagination.limit=1&pagination.key=" + key);
    EXPECT_EQ(second["metadatas"][0]["base"], "ulet");
    EXPECT_TRUE(second["pagination"]["next_key"].is_null());
    const std::string huge = "18446744073709551615";
    const Json none =
        get("/cosmos/bank/v1beta1/denoms_metadata?pagination.offset=" + huge + "&pagination.limit=" + huge);
    EXPECT_TRUE(none["metadatas"].empty());
}

TEST_F(CosmosTest, RawQueriesHaveOneProofOrASentence) {
    const auto query = [&](const std::string& parameters) {
        return get("/abci_query?path=%22/store/state/key%22&prove=true" + parameters)["result"]["response"];
    };
    const Json present = query("&data=0x0001");
    EXPECT_FALSE(present["value"].get<std::string>().empty());
    EXPECT_EQ(present["proofOps"]["ops"].size(), 1U);
    EXPECT_EQ(present["proofOps"]["ops"][0]["type"], "ics23:simple");
    const Json absent = query("&data=0x000100");
    EXPECT_EQ(absent["code"], 0);
    EXPECT_EQ(absent["value"], "");
    EXPECT_EQ(absent["proofOps"]["ops"].size(), 1U);
    for (const std::string& bad :
         {std::string{"&data=0x"}, "&data=0x" + std::string(2'050, '0'), std::string{"&data=0x0001&height=99"}}) {
        const Json refused = query(bad);
        EXPECT_NE(refused["code"], 0) << bad;
        EXPECT_FALSE(refused["log"].get<std::string>().empty()) << bad;
        EXPECT_TRUE(refused["proofOps"].is_null()) << bad;
    }
    EXPECT_EQ(get("/v1/proof-spec")["spec"]["inner_spec"]["child_size"], 32);
    EXPECT_EQ(ask("GET", "/docs").status, 200U);
}

}  // namespace
}  // namespace sublet::api
