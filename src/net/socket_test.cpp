// socket_test.cpp: WebSockets: echo, closing, refusal, slow readers.
#include "net/net_fixture.hpp"
#include "net/notify.hpp"

namespace sublet::net {
namespace {

class SocketTest : public NetTest {
protected:
    Result<std::shared_ptr<WebSocket>> open(const Endpoint& endpoint, Request request = {}) {
        return run(loop_, client_->open_socket(endpoint, std::move(request), kTestTimeoutMs));
    }
    Result<> send(const std::shared_ptr<WebSocket>& socket, Bytes data, Frame frame = Frame::kText) {
        return run(loop_, socket->send(SocketMessage{frame, std::move(data)}));
    }
    // The next message's data, or "code: message" of the error.
    std::string next(const std::shared_ptr<WebSocket>& socket) {
        Result<SocketMessage> message = run(loop_, socket->receive());
        return message ? message->data : std::string(code_name(message.error().code)) + ": " + message.error().message;
    }
};

TEST_F(SocketTest, Echoes) {
    Request request;
    request.target = "/a%20b?x";
    const auto socket = open(serve({}), request);
    ASSERT_TRUE(socket) << socket.error().message;
    EXPECT_EQ(next(*socket), "hello /a b");
    const Bytes rows[] = {"", "x", std::string("\0\xff", 2), Bytes(100'000, 'y'), Bytes(kMaxSocketMessageBytes, 'z')};
    for (const Bytes& row : rows) {
        ASSERT_TRUE(send(*socket, row, Frame::kBinary));
        const auto message = run(loop_, (*socket)->receive());
        ASSERT_TRUE(message) << message.error().message;
        EXPECT_EQ(message->frame, Frame::kBinary);
        EXPECT_TRUE(message->data == row) << row.size();
    }
    const auto too_large = send(*socket, Bytes(kMaxSocketMessageBytes + 1, 'z'));
    ASSERT_FALSE(too_large);
    EXPECT_EQ(too_large.error().code, Code::kTooLarge);
}

TEST_F(SocketTest, CloseCodes) {
    const Endpoint endpoint = serve({});
    struct Row {
        const char* said;
        const char* heard;
    };
    const Row rows[] = {{"close", "code 4001: as you wish"}, {"throw", "code 1011: internal error"}};
    for (const Row& row : rows) {
        const auto socket = open(endpoint);
        ASSERT_TRUE(socket);
        next(*socket);
        ASSERT_TRUE(send(*socket, row.said));
        const std::string end = next(*socket);
        EXPECT_EQ(end.substr(0, 9), "Cancelled") << end;
        EXPECT_NE(end.find(row.heard), std::string::npos) << end;
        EXPECT_EQ(next(*socket), end) << "an end stays an end";
        EXPECT_FALSE(send(*socket, "more"));
    }
}

TEST_F(SocketTest, ClientCloses) {
    const auto socket = open(serve({}));
    ASSERT_TRUE(socket);
    next(*socket);
    const std::uint64_t start = clock_->monotonic_ms();
    run(loop_, (*socket)->close(1000, "done"));
    EXPECT_LT(clock_->monotonic_ms() - start, 1000U) << "the server answers the close at once";
    EXPECT_FALSE(send(*socket, "more"));
}

TEST_F(SocketTest, GateRefuses) {
    gate_ = [](const Request& request) -> std::optional<Response> {
        const auto token = request.headers.find("authorization");
        if (token != request.headers.end() && token->second == "Bearer good") {
            return std::nullopt;
        }
        Response response;
        response.status = request.path == "/none" ? 404 : request.path == "/busy" ? 429 : 401;
        return response;
    };
    const Endpoint endpoint = serve({});
    struct Row {
        const char* path;
        const char* token;
        Code code;
    };
    const Row rows[] = {{"/", "Bearer bad", Code::kUnauthorized},
                        {"/none", "", Code::kNotFound},
                        {"/busy", "", Code::kHttp},
                        {"/", "Bearer good", Code::kOk}};
    for (const Row& row : rows) {
        Request request;
        request.target = row.path;
        request.headers["authorization"] = row.token;
        const auto socket = open(endpoint, request);
        EXPECT_EQ(socket ? Code::kOk : socket.error().code, row.code) << row.path << row.token;
    }
}

TEST_F(SocketTest, OverUnixSocket) {
    const TestFolder folder;
    ServerOptions options;
    options.unix_path = folder.file("ws.sock");
    const auto socket = open(serve(std::move(options)));
    ASSERT_TRUE(socket) << socket.error().message;
    EXPECT_EQ(next(*socket), "hello /");
}

TEST_F(SocketTest, BadUpgradesAreRefused) {
    const Endpoint endpoint = serve({});
    const std::string head = "GET / HTTP/1.1\r\nHost: h\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n";
    EXPECT_EQ(raw(endpoint, head + "\r\n").substr(0, 12), "HTTP/1.1 400");
    EXPECT_EQ(raw(endpoint, head + "Sec-WebSocket-Version: 8\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n")
                  .substr(0, 12),
              "HTTP/1.1 426");
    // Good upgrade, then frames that are none: an unmasked one, a reserved opcode.
    const std::string good = head + "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n";
    for (const char* frame : {"\x81\x01x", "\x8f\x80zzzz"}) {
        const std::string answer = raw(endpoint, good + frame);
        EXPECT_EQ(answer.substr(0, 12), "HTTP/1.1 101");
        EXPECT_NE(answer.find("s3pPLMBiTxaQ9kYGzzhZRbK+xOo="), std::string::npos) << "RFC 6455 §1.3";
    }
}

TEST_F(SocketTest, NotAWebSocketServer) {
    auto plain = listen(loop_, {}, test_routes, {}, {});
    ASSERT_TRUE(plain);
    const auto socket = open(Endpoint{"127.0.0.1", (*plain)->port(), "", false, std::nullopt});
    ASSERT_FALSE(socket);
    EXPECT_EQ(socket.error().code, Code::kHttp);
}

struct Tally {
    unsigned sent = 0;
    unsigned refused = 0;
};

Task<> send_one(std::shared_ptr<WebSocket> socket, std::shared_ptr<Tally> tally) {
    SocketMessage message{Frame::kBinary, Bytes(1U << 20U, 'x')};
    Task<Result<>> sending = socket->send(std::move(message));
    const Result<> sent = co_await std::move(sending);
    (sent ? tally->sent : tally->refused) += 1;
}

Task<> flood(Loop& loop, std::shared_ptr<WebSocket> socket, std::shared_ptr<Tally> tally) {
    constexpr int kMessages = 200;
    for (int i = 0; i < kMessages; ++i) {
        spawn(loop, send_one(socket, tally));
    }
    Task<Result<SocketMessage>> receiving = socket->receive();
    const Result<SocketMessage> ignored = co_await std::move(receiving);
}

TEST_F(SocketTest, SlowReaderIsBounded) {
    auto tally = std::make_shared<Tally>();
    const SocketHandler handler = [this, tally](Request, std::shared_ptr<WebSocket> socket) {
        return flood(loop_, std::move(socket), tally);
    };
    auto server = listen(loop_, {}, test_routes, handler, {});
    ASSERT_TRUE(server);
    const Endpoint endpoint{"127.0.0.1", (*server)->port(), "", false, std::nullopt};
    const auto socket = open(endpoint);
    ASSERT_TRUE(socket);
    let_pass(200);  // nobody calls receive(): the inbox fills, then the kernel's buffers, then the server's queue
    EXPECT_GT(tally->refused, 100U);
    EXPECT_EQ(next(*socket).size(), 1U << 20U);
}

}  // namespace
}  // namespace sublet::net
