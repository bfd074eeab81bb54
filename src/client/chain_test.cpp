// chain_test.cpp: the client against a node of paper: sequences, free and paid, codes, time-outs.
#include "client/chain.hpp"

#include <gtest/gtest.h>

#include <deque>
#include <nlohmann/json.hpp>

#include "modules/bank/messages.hpp"
#include "modules/provider/messages.hpp"
#include "net/run.hpp"

namespace sublet::client {
namespace {

using nlohmann::json;

class PaperClock final : public net::Clock {
public:
    std::uint64_t now_ms = 0;
    std::uint64_t unix_ms() override { return now_ms; }
    std::uint64_t monotonic_ms() override { return now_ms; }
    Task<> sleep(std::uint64_t length_ms) override {
        now_ms += length_ms;
        co_return;
    }
};

// Answers queries from what the test sets, and broadcasts from a list of codes.
class PaperNode final : public net::Transport {
public:
    std::deque<Code> broadcast_codes;
    std::uint64_t sequence = 5;
    bool has_account = true;
    bool commits = true;
    Code block_code = Code::kOk;
    std::vector<ledger::Transaction> seen;
    std::size_t account_reads = 0;

    Task<Result<net::Response>> send(net::Endpoint, net::Request request, std::uint64_t) override {
        net::Response response;
        response.body = answer(json::parse(request.body)).dump();
        co_return response;
    }
    Task<Result<net::Response>> stream(net::Endpoint, net::Request, std::uint64_t, net::ChunkSink) override {
        co_return fail(Code::kUnsupported, "no streams on paper");
    }
    Task<Result<std::shared_ptr<net::WebSocket>>> open_socket(net::Endpoint, net::Request, std::uint64_t) override {
        co_return fail(Code::kUnsupported, "no sockets on paper");
    }

private:
    json answer(const json& call) {
        const std::string method = call["method"];
        json out;
        if (method == "abci_query") {
            out["result"]["response"] = {{"code", 0}, {"value", to_base64(value_of(call["params"]))}};
        } else if (method == "broadcast_tx_sync") {
            seen.push_back(*ledger::decode_transaction(*from_base64(call["params"]["tx"].get<std::string>())));
            Code code = Code::kOk;
            if (!broadcast_codes.empty()) {
                code = broadcast_codes.front();
                broadcast_codes.pop_front();
            }
            out["result"] = {{"code", static_cast<std::uint32_t>(code)}, {"log", "said the paper"}};
        } else if (method == "tx" && commits) {
            out["result"] = {
                {"height", "9"},
                {"tx", ""},
                {"tx_result",
                 {{"code", static_cast<std::uint32_t>(block_code)},
                  {"log", "in the block"},
                  {"gas_used", "77"},
                  {"events",
                   json::array({{{"type", "sublet.market.deployment_created"},
                                 {"attributes", json::array({{{"key", "deployment"}, {"value", "12"}}})}}})}}}};
        } else {
            out["error"] = {{"code", -32603}, {"message", "Internal error"}, {"data", "tx (..) not found"}};
        }
        return out;
    }
    Bytes value_of(const json& parameters) {
        if (parameters["path"] == query::kStatus) {
            query::StatusReply reply;
            reply.chain_id = "paper-1";
            reply.height = Height{8};
            return codec::encode(reply);
        }
        ++account_reads;
        if (!has_account) {
            return {};
        }
        account::Account account;
        account.number = AccountNumber{4};
        account.sequence = sequence;
        return codec::encode(account);
    }
};

struct World {
    net::Loop loop;
    PaperClock clock;
    PaperNode node;
    Chain chain{node, clock, net::Endpoint{"paper", 1, "", false, {}}};
    std::unique_ptr<Signer> signer = *Signer::make(loop, *crypto::SecretKey::from_bytes(Bytes(32, '\1')));

    Result<TxOutcome> submit(TxMessage message, SubmitOptions::Pay pay) {
        SubmitOptions options;
        options.pay = pay;
        std::vector<TxMessage> messages{std::move(message)};
        Task<Result<TxOutcome>> task = chain.submit(*signer, std::move(messages), std::move(options));
        return net::run(loop, std::move(task));
    }
    TxMessage send_message() const {
        bank::MsgSend message;
        message.from_address = signer->text();
        message.to_address = signer->text();
        message.amount.push_back({"ucredit", "1"});
        return pack(message);
    }
    TxMessage heartbeat() const {
        provider::MsgHeartbeat message;
        message.operator_address = signer->text();
        return pack(message);
    }
};

TEST(Chain, SubmitsInSequence) {
    World world;
    for (std::uint64_t i = 0; i < 3; ++i) {
        const Result<TxOutcome> outcome = world.submit(world.send_message(), SubmitOptions::Pay::kAuto);
        ASSERT_TRUE(outcome.has_value()) << outcome.error().message;
        EXPECT_EQ(outcome->height.value(), 9U);
        EXPECT_EQ(outcome->attribute("sublet.market.deployment_created", "deployment"), "12");
        EXPECT_EQ(world.node.seen.back().auth.signer_infos.front().sequence, 5 + i);
        EXPECT_FALSE(world.node.seen.back().auth.fee->amount.empty());
    }
    EXPECT_EQ(world.node.account_reads, 1U);
}

TEST(Chain, ReadsAWrongSequenceOnceMore) {
    struct Row {
        const char* name;
        std::deque<Code> codes;
        Code expected;
        std::size_t broadcasts;
    };
    const Row rows[] = {
        {"right at once", {Code::kOk}, Code::kOk, 1},
        {"right the second time", {Code::kWrongSequence, Code::kOk}, Code::kOk, 2},
        {"wrong twice", {Code::kWrongSequence, Code::kWrongSequence}, Code::kWrongSequence, 2},
        {"another refusal is final", {Code::kInsufficientFunds, Code::kOk}, Code::kInsufficientFunds, 1},
    };
    for (const Row& row : rows) {
        World world;
        world.node.broadcast_codes = row.codes;
        const Result<TxOutcome> outcome = world.submit(world.send_message(), SubmitOptions::Pay::kAuto);
        EXPECT_EQ(outcome ? Code::kOk : outcome.error().code, row.expected) << row.name;
        EXPECT_EQ(world.node.seen.size(), row.broadcasts) << row.name;
    }
}

TEST(Chain, PaysOnlyWhereItMust) {
    struct Row {
        const char* name;
        bool heartbeat;
        SubmitOptions::Pay pay;
        std::deque<Code> codes;
        Code expected;
        bool last_pays;
    };
    using Pay = SubmitOptions::Pay;
    const Row rows[] = {
        {"a heartbeat is free", true, Pay::kAuto, {}, Code::kOk, false},
        {"over the quota it pays", true, Pay::kAuto, {Code::kFeeTooLow}, Code::kOk, true},
        {"unless told not to", true, Pay::kFree, {Code::kFeeTooLow}, Code::kFeeTooLow, false},
        {"told to pay", true, Pay::kPaid, {}, Code::kOk, true},
        {"a transfer pays", false, Pay::kAuto, {}, Code::kOk, true},
    };
    for (const Row& row : rows) {
        World world;
        world.node.broadcast_codes = row.codes;
        const TxMessage message = row.heartbeat ? world.heartbeat() : world.send_message();
        const Result<TxOutcome> outcome = world.submit(message, row.pay);
        EXPECT_EQ(outcome ? Code::kOk : outcome.error().code, row.expected) << row.name;
        EXPECT_EQ(!world.node.seen.back().auth.fee->amount.empty(), row.last_pays) << row.name;
    }
}

TEST(Chain, SaysWhatBecameOfATransaction) {
    World refused;
    refused.node.block_code = Code::kDepositTooSmall;
    const Result<TxOutcome> in_block = refused.submit(refused.send_message(), SubmitOptions::Pay::kAuto);
    ASSERT_FALSE(in_block.has_value());
    EXPECT_EQ(in_block.error().code, Code::kDepositTooSmall);
    EXPECT_EQ(in_block.error().message, "DepositTooSmall: in the block");

    World lost;
    lost.node.commits = false;
    const Result<TxOutcome> late = lost.submit(lost.send_message(), SubmitOptions::Pay::kAuto);
    ASSERT_FALSE(late.has_value());
    EXPECT_EQ(late.error().code, Code::kTimeout);
    lost.node.commits = true;
    lost.node.sequence = 8;
    ASSERT_TRUE(lost.submit(lost.send_message(), SubmitOptions::Pay::kAuto).has_value());
    EXPECT_EQ(lost.node.seen.back().auth.signer_infos.front().sequence, 8U);  // read again after the doubt
}

TEST(Chain, MissingRecordsAreNotFound) {
    World world;
    world.node.has_account = false;
    Task<Result<market::Lease>> lease = world.chain.lease(LeaseId{3});
    const Result<market::Lease> found = net::run(world.loop, std::move(lease));
    ASSERT_FALSE(found.has_value());
    EXPECT_EQ(found.error().code, Code::kNotFound);
    EXPECT_EQ(found.error().message, "the ledger has no lease 3");
    Task<Result<Amount>> balance = world.chain.balance(world.signer->address());
    const Result<Amount> nothing = net::run(world.loop, std::move(balance));
    ASSERT_TRUE(nothing.has_value());
    EXPECT_TRUE(nothing->is_zero());
}

}  // namespace
}  // namespace sublet::client
