// comet_rpc_test.cpp: whatever the other end answers to a batch, its senders hear of a refusal, and the next batch
// goes.
#include "engine/cometbft/comet_rpc.hpp"

#include <gtest/gtest.h>

#include "engine/testing/world.hpp"
#include "net/notify.hpp"
#include "net/run.hpp"

namespace sublet::engine {
namespace {

net::Task<net::Response> canned(std::shared_ptr<std::deque<std::string>> answers) {
    net::Response out;
    out.body = answers->empty() ? "[]" : answers->front();
    if (!answers->empty()) {
        answers->pop_front();
    }
    co_return out;
}

net::Task<> once(std::shared_ptr<net::Notifier> told) { co_await told->wait_for(1'000); }

TEST(CometRpc, WhatIsRefusedIsHeardOfByWhomItConcerns) {
    const std::string one = R"([{"id":0,"result":{}},{"id":1,"error":{"message":"Internal error","data":"full"}}])";
    const std::vector<std::pair<std::string, std::vector<bool>>> rows = {
        {one, {false, true}},                                                  // the second of two
        {R"({"id":-1,"error":{"message":"Invalid Request"}})", {true, true}},  // the call as a whole
        {R"([{"id":null,"error":{"message":"Invalid Request"}}])", {true, true}},
        {R"([{"id":"1","error":{"message":"who?"}}, 7, null])", {true, true}},
        {R"([{"id":99,"error":{"message":"who?"}}])", {true, true}},
        {"no JSON", {true, true}},
        {R"([{"id":0,"result":{}},{"id":1,"result":{}}])", {false, false}},
    };
    net::Loop loop;
    const testing::Folder folder;
    const std::filesystem::path socket = folder.path() / "rpc.sock";
    auto answers = std::make_shared<std::deque<std::string>>();
    const auto server =
        net::listen(loop, {.unix_path = socket.string()}, [answers](net::Request) { return canned(answers); }, {}, {});
    ASSERT_TRUE(server) << server.error().message;
    CometRpc rpc{loop, socket};
    for (const auto& [answer, wanted] : rows) {
        SCOPED_TRACE(answer);
        answers->assign(1, answer);
        std::vector<bool> refused(wanted.size(), false);
        auto told = std::make_shared<net::Notifier>(loop);
        for (std::size_t i = 0; i < wanted.size(); ++i) {
            rpc.broadcast("a transaction", [&refused, i, told](const Error&) {
                EXPECT_FALSE(refused[i]);
                refused[i] = true;
                told->notify_all();
            });
        }
        for (int turn = 0; turn < 3 && refused != wanted; ++turn) {
            net::run(loop, once(told));
        }
        if (wanted == std::vector<bool>{false, false}) {
            net::run(loop, once(told));
        }
        EXPECT_TRUE(answers->empty());
        EXPECT_EQ(refused, wanted);
    }
}

}  // namespace
}  // namespace sublet::engine
