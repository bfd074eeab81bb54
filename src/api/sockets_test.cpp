// sockets_test.cpp: readers of events: filters, places to come back to, and the end of those who do not read.
#include <gtest/gtest.h>

#include "api/node.hpp"
#include "api/service.hpp"
#include "engine/hub.hpp"
#include "engine/testing/world.hpp"
#include "net/run.hpp"

namespace sublet::api {
namespace {

using engine::BlockPtr;
using engine::testing::Folder;
using engine::testing::Key;
using engine::testing::send_tx;
using engine::testing::small_genesis;

// Blocks made by hand; whatever a reader of events does not ask for is not there.
class HandEngine final : public engine::Engine {
public:
    explicit HandEngine(net::Loop& loop) : hub(loop) {
        state_ = std::make_shared<app::Committed>();
        genesis_.chain_id = "hand-1";
    }
    net::Task<Result<engine::Submitted>> submit(Bytes) override { co_return fail(Code::kEngine, "not here"); }
    net::Task<Result<engine::Included>> submit_and_wait(Bytes, std::uint64_t) override {
        co_return fail(Code::kEngine, "not here");
    }
    net::Task<Result<app::TxResult>> simulate(Bytes) override { co_return fail(Code::kEngine, "not here"); }
    std::shared_ptr<const app::Committed> committed() const override { return state_; }
    Result<std::shared_ptr<const app::Committed>> committed_at(Height) const override { return state_; }
    Result<store::FullBlock> block(Height height) const override {
        if (height.value() < oldest || height.value() > blocks.size()) {
            return fail(Code::kNotFound, "there is no block " + std::to_string(height.value()));
        }
        return *blocks[height.value() - 1];
    }
    Result<store::StoredBlock> header(Height height) const override {
        TRY(full, block(height));
        return full.block;
    }
    Result<store::StoredTx> transaction(const Hash&) const override { return fail(Code::kNotFound, "not here"); }
    Result<store::SearchResult> search(const store::Search&) const override { return store::SearchResult{}; }
    Result<std::vector<Bytes>> history(BytesView) const override { return std::vector<Bytes>{}; }
    const app::Genesis& genesis() const override { return genesis_; }
    Result<std::unique_ptr<engine::Subscription>> subscribe() override { return hub.subscribe(); }
    engine::MempoolSize mempool_size() const override { return {}; }
    net::Task<Result<std::vector<Bytes>>> pending(std::size_t) override { co_return std::vector<Bytes>{}; }
    engine::EngineCounters counters() const override { return {}; }
    std::optional<std::string> halted() const override { return halted_why; }
    void stop() override { hub.end({Code::kCancelled, "the engine stopped"}); }

    // A block with one event of this length, which claims to have so many bytes of transactions.
    void make(std::size_t length, std::uint64_t claimed_bytes = 0) {
        auto made = std::make_shared<store::FullBlock>();
        made->block.header.height = Height{blocks.size() + 1};
        made->block.bytes = claimed_bytes;
        made->events.push_back({.type = "made", .attributes = {{"by", "hand"}, {"text", std::string(length, 'x')}}});
        auto next = std::make_shared<app::Committed>();
        next->height = made->block.header.height;
        state_ = next;
        blocks.push_back(made);
        hub.publish(blocks.back());
    }

    engine::Hub hub;
    std::vector<BlockPtr> blocks;
    std::uint64_t oldest = 1;
    std::optional<std::string> halted_why;

private:
    std::shared_ptr<const app::Committed> state_;
    app::Genesis genesis_;
};

class SocketsTest : public ::testing::Test {
protected:
    static Task<net::Response> nothing(net::Request) { co_return net::Response{}; }

    void SetUp() override {
        service = std::make_shared<Service>(loop, net::system_clock());
        auto own = std::make_unique<HandEngine>(loop);
        hand = own.get();
        service->engine = std::move(own);
        net::SocketHandler sockets = [own_service = service](net::Request request,
                                                             std::shared_ptr<net::WebSocket> socket) {
            return request.path == "/websocket"
                       ? serve_rpc_socket(own_service, std::move(socket))
                       : serve_event_socket(own_service, std::move(request), std::move(socket));
        };
        auto listening = net::listen(loop, {}, nothing, std::move(sockets), nullptr);
        ASSERT_TRUE(listening);
        server = *std::move(listening);
        transport = net::system_transport(loop);
    }
    void TearDown() override {
        server->stop();
        hand->stop();
        transport.reset();
        pass(20);
    }
    void pass(std::uint64_t length_ms) { net::run(loop, service->clock->sleep(length_ms)); }

    std::shared_ptr<net::WebSocket> open(const std::string& target) {
        net::Request request;
        request.target = target;
        const net::Endpoint endpoint{.host = "127.0.0.1", .port = server->port()};
        auto socket = net::run(loop, transport->open_socket(endpoint, std::move(request), 5'000));
        EXPECT_TRUE(socket);
        pass(5);  // it subscribes
        return socket.value_or(nullptr);
    }
    Result<Json> receive(const std::shared_ptr<net::WebSocket>& socket) {
        TRY(message, net::run(loop, socket->receive()));
        return Json::parse(message.data, nullptr, false);
    }
    // Makes long blocks until the reader is dropped.
    void make_until_dropped(std::uint64_t claimed_bytes) {
        for (int i = 0; i < 1'000 && hand->hub.dropped() == 0; ++i) {
            hand->make(200'000, claimed_bytes);
            pass(0);
        }
        ASSERT_EQ(hand->hub.dropped(), 1U);
    }

    net::Loop loop;
    ServicePtr service;
    HandEngine* hand = nullptr;
    std::unique_ptr<net::Server> server;
    std::unique_ptr<net::Transport> transport;
};

// Where the reader reads on, it gets what was queued, in order and without a gap, then why, as words and as a close.
TEST_F(SocketsTest, AReaderThatIsTooSlowIsCutWithAReason) {
    const auto socket = open("/v1/events");
    const auto quick = open("/v1/events?text=none");
    make_until_dropped(1U << 20U);
    std::uint64_t last = 0;
    while (true) {
        const Result<Json> message = receive(socket);
        if (!message) {
            EXPECT_EQ(message.error().code, Code::kCancelled);
            EXPECT_NE(message.error().message.find("1013"), std::string::npos) << message.error().message;
            EXPECT_NE(message.error().message.find("blocks behind"), std::string::npos) << message.error().message;
            break;
        }
        if (message->contains("code")) {
            EXPECT_EQ((*message)["code"], static_cast<std::uint32_t>(Code::kRefused));
            continue;
        }
        EXPECT_EQ((*message)["height"], std::to_string(++last));
    }
    EXPECT_LT(last, hand->blocks.size());
    pass(20);
    EXPECT_EQ(service->sockets, 1U) << "the other reader stays";
    // It comes back with its place and misses nothing.
    const auto again = open("/v1/events?after=" + std::to_string(last) + ".0");
    EXPECT_EQ((*receive(again))["height"], std::to_string(last + 1));
}

TEST_F(SocketsTest, AReaderThatNeverReadsIsGoneSoon) {
    const auto socket = open("/websocket");
    const Json subscribe = {{"id", 1}, {"method", "subscribe"}, {"params", {{"query", "tm.event='NewBlock'"}}}};
    ASSERT_TRUE(net::run(loop, socket->send({net::Frame::kText, dump(subscribe)})));
    ASSERT_TRUE(receive(socket));
    make_until_dropped(1U << 20U);
    EXPECT_EQ(service->sockets, 1U);
    pass(6'000);
    EXPECT_EQ(service->sockets, 0U);
}

TEST_F(SocketsTest, APlaceThatIsNotKeptIsSaidPlainly) {
    for (int i = 0; i < 5; ++i) {
        hand->make(1);
    }
    hand->oldest = 4;
    const auto socket = open("/v1/events?after=1.0");
    const Result<Json> words = receive(socket);
    ASSERT_TRUE(words);
    EXPECT_EQ((*words)["code"], static_cast<std::uint32_t>(Code::kHeightPruned));
    EXPECT_NE((*words)["error"].get<std::string>().find("height 1"), std::string::npos);
    const Result<Json> end = receive(socket);
    ASSERT_FALSE(end);
    EXPECT_NE(end.error().message.find("1008"), std::string::npos) << end.error().message;
    EXPECT_EQ((*receive(open("/v1/events?after=3")))["height"], "4");
}

TEST_F(SocketsTest, ReadySaysWhatIsWrong) {
    hand->make(1);
    const auto state = [&] { return Json::parse(serve_ready(*service).body)["state"].get<std::string>(); };
    EXPECT_EQ(serve_ready(*service).status, 200U);
    EXPECT_EQ(state(), "working");
    hand->oldest = 2;
    EXPECT_EQ(serve_ready(*service).status, 503U);
    EXPECT_EQ(state(), "store");
    EXPECT_EQ(serve_health(*service).status, 200U);
    hand->halted_why = "no space left";
    EXPECT_EQ(serve_ready(*service).status, 503U);
    EXPECT_EQ(state(), "halted");
    EXPECT_EQ(serve_health(*service).status, 503U);
}

// Over a real node: a reader that loses its connection again and again, while blocks are made, sees each event once.
TEST(Sockets, NothingIsLostOrDoubledAcrossReconnects) {
    net::Loop loop;
    const Folder folder;
    const Key rich{'r'};
    const Key poor{'p'};
    auto node =
        Node::start(loop, {.data = folder.path() / "data", .genesis = small_genesis(rich), .block_interval_ms = 1});
    ASSERT_TRUE(node);
    auto transport = net::system_transport(loop);
    const net::Endpoint endpoint = *net::parse_endpoint((*node)->url());
    const auto open = [&](const std::string& place) {
        net::Request request;
        request.target = "/v1/events?after=" + place + "&query=" + net::percent_encode("tm.event='Tx'");
        return *net::run(loop, transport->open_socket(endpoint, std::move(request), 5'000));
    };
    const auto place_of = [](const Bytes& message) {
        const Json event = Json::parse(message, nullptr, false);
        return event["height"].get<std::string>() + "." + std::to_string(event["index"].get<int>());
    };
    constexpr std::uint64_t kSent = 60;
    std::uint64_t sent = 0;
    std::vector<std::string> seen;
    std::string place = "0.0";
    for (std::uint64_t round = 0; sent < kSent; ++round) {
        const auto socket = open(place);
        for (std::uint64_t i = 0; i < 1 + round % 3; ++i) {
            ASSERT_TRUE(net::run(loop, (*node)->engine().submit(send_tx(rich, poor.address, 5, sent++))));
        }
        // Each transaction has several events: most connections end in the middle of one.
        for (std::uint64_t i = 0; i < 1 + round % 5; ++i) {
            const auto message = net::run(loop, socket->receive());
            ASSERT_TRUE(message) << message.error().message;
            place = place_of(message->data);
            seen.push_back(place);
        }
    }
    while ((*node)->engine().mempool_size().transactions > 0) {
        net::run(loop, net::system_clock()->sleep(1));
    }
    std::vector<std::string> all;
    for (std::uint64_t height = 1; height <= (*node)->engine().committed()->height.value(); ++height) {
        const auto block = (*node)->engine().block(Height{height});
        ASSERT_TRUE(block);
        std::uint64_t index = 0;
        for (const store::StoredTx& tx : block->transactions) {
            for (std::size_t i = 0; i < tx.events.size(); ++i) {
                all.push_back(std::to_string(height) + "." + std::to_string(index++));
            }
        }
    }
    const auto rest = open(place);
    while (seen.size() < all.size()) {
        seen.push_back(place_of(net::run(loop, rest->receive())->data));
    }
    EXPECT_GT(all.size(), kSent * 2);
    EXPECT_EQ(seen, all);
    (*node)->stop();
    net::run(loop, net::system_clock()->sleep(20));
}

TEST_F(SocketsTest, AQueryKeepsWholeTransactionsThatAnswerIt) {
    hand->make(3);
    auto block = std::make_shared<store::FullBlock>(*hand->blocks.front());
    for (const char* who : {"ann", "bob"}) {
        store::StoredTx tx;
        tx.height = Height{1};
        tx.hash[0] = static_cast<std::uint8_t>(who[0]);
        tx.events = {{.type = "message", .attributes = {{"sender", who}}},
                     {.type = "paid", .attributes = {{"sum", "12ucredit"}}}};
        block->transactions.push_back(tx);
    }
    hand->blocks.front() = block;
    struct Row {
        const char* query;
        std::vector<int> indexes;
    };
    for (const Row& row : {Row{"message.sender='bob'", {2, 3}},
                           {"message.sender='bob' AND paid.sum>=12", {2, 3}},
                           {"message.sender='bob' AND paid.sum>12", {}},
                           {"paid EXISTS AND tx.height=1", {0, 1, 2, 3}},
                           {"tm.event='NewBlock'", {4}},
                           {"made.by CONTAINS 'an'", {4}},
                           {"block.time<TIME 1971-01-01T00:00:00Z", {0, 1, 2, 3, 4}}}) {
        const auto socket = open("/v1/events?after=0&query=" + net::percent_encode(row.query));
        for (const int index : row.indexes) {
            EXPECT_EQ((*receive(socket))["index"], index) << row.query;
        }
        EXPECT_EQ(service->sockets, 1U);
        net::run(loop, socket->close(1000, ""));
        pass(5);
    }
    const Result<Json> refused = receive(open("/v1/events?query=a"));
    ASSERT_TRUE(refused);
    EXPECT_EQ((*refused)["code"], static_cast<std::uint32_t>(Code::kParse));
}

}  // namespace
}  // namespace sublet::api
