// server_test.cpp: what the server refuses, its limits, and its end.
#include <csignal>

#include "net/net_fixture.hpp"
#include "net/notify.hpp"
#include "net/signals.hpp"

namespace sublet::net {
namespace {

using ServerTest = NetTest;

TEST_F(ServerTest, RefusesMalformedRequests) {
    ServerOptions options;
    options.max_body_bytes = 100;
    const Endpoint endpoint = serve(std::move(options));
    struct Row {
        Bytes sent;
        const char* status;
    };
    const Row rows[] = {
        {"\r\n\r\n", "400"},
        {"GET\r\n\r\n", "400"},
        {"GET / HTTP/1.1\r\n\r\n", "400"},  // no host
        {"GET / HTTP/2.0\r\nHost: h\r\n\r\n", "505"},
        {"G ET / HTTP/1.1\r\nHost: h\r\n\r\n", "505"},
        {"GET / HTTP/1.1\r\nHost: h\r\nbad header\r\n\r\n", "400"},
        {"GET / HTTP/1.1\r\nHost: h\r\nContent-Length: x\r\n\r\n", "400"},
        {"GET / HTTP/1.1\r\nHost: h\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n", "400"},
        {"POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", "400"},
        {"POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n", "400"},
        {"POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: xchunked\r\n\r\n0\r\n\r\n", "400"},
        {"POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked, identity\r\n\r\n", "400"},
        {"POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 101\r\n\r\n", "413"},
        {"POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n65\r\n", "413"},
        {"GET / HTTP/1.1\r\nHost: h\r\nX: " + std::string(kMaxHeaderBytes, 'x') + "\r\n\r\n", "431"},
        {"GET /" + std::string(kMaxHeaderBytes, 'x') + " HTTP/1.1\r\nHost: h\r\n\r\n", "431"},
        {std::string("\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03", 11) + std::string(60, '\0') + "\r\n\r\n", "400"},
    };
    for (const Row& row : rows) {
        const std::string answer = raw(endpoint, row.sent);
        EXPECT_EQ(answer.substr(0, 12), std::string("HTTP/1.1 ") + row.status)
            << row.sent.substr(0, 100) << " -> " << answer;
        EXPECT_NE(answer.find("Connection: close"), std::string::npos);
    }
    EXPECT_TRUE(get(endpoint, "/still-there"));
}

TEST_F(ServerTest, TooManyHeaders) {
    const Endpoint endpoint = serve({});
    std::string request = "GET / HTTP/1.1\r\nHost: h\r\n";
    for (int i = 0; i < 200; ++i) {
        request += "x: y\r\n";
    }
    EXPECT_EQ(raw(endpoint, request + "\r\n").substr(0, 12), "HTTP/1.1 431");
}

TEST_F(ServerTest, ServesPipelinedAndOldRequests) {
    const Endpoint endpoint = serve({});
    const std::string two =
        raw(endpoint, "GET /1 HTTP/1.1\r\nHost: h\r\n\r\nGET /2 HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n");
    EXPECT_LT(two.find("GET /1 |"), two.find("GET /2 |"));
    EXPECT_NE(two.find("GET /2 |"), std::string::npos);
    const std::string old = raw(endpoint, "GET /old HTTP/1.0\r\n\r\n");  // closes by itself
    EXPECT_NE(old.find("GET /old |"), std::string::npos);
    const std::string chunked =
        raw(endpoint,
            "POST /c HTTP/1.1\r\nHost: h\r\nConnection: close\r\nTransfer-Encoding: chunked\r\n\r\n"
            "2\r\nab\r\n1\r\nc\r\n0\r\nTrailer: t\r\n\r\n");
    EXPECT_NE(chunked.find("POST /c |abc"), std::string::npos);
}

TEST_F(ServerTest, InvitesABodyThatWaitsForIt) {
    ServerOptions options;
    options.idle_timeout_ms = 30;  // the body never comes
    const std::string answer = raw(serve(std::move(options)),
                                   "POST /e HTTP/1.1\r\nHost: h\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\n");
    EXPECT_EQ(answer, "HTTP/1.1 100 Continue\r\n\r\n");
}

TEST_F(ServerTest, BodyTooLargeIsSaidToTheClient) {
    ServerOptions options;
    options.max_body_bytes = 1000;
    const Endpoint endpoint = serve(std::move(options));
    for (const std::size_t size : {1000UL, 1001UL, 8UL << 20U}) {
        Request request;
        request.method = "POST";
        request.body.assign(size, 'b');
        const auto response = ask(endpoint, std::move(request));
        ASSERT_TRUE(response) << size << response.error().message;
        EXPECT_EQ(response->status, size > 1000 ? 413U : 200U);
    }
}

TEST_F(ServerTest, HandlerThatThrowsSaysNothing) {
    const Endpoint endpoint = serve({});
    for (const char* path : {"/throw", "/split"}) {
        const auto response = get(endpoint, path);
        ASSERT_TRUE(response) << response.error().message;
        EXPECT_EQ(response->status, 500U);
        EXPECT_EQ(response->body.find("secret"), std::string::npos);
        EXPECT_FALSE(response->headers.contains("set-cookie"));
    }
}

Task<> ask_in_passing(Transport& client, Endpoint endpoint, std::optional<Result<Response>>* out) {
    Request request;
    request.target = "/slow";
    Task<Result<Response>> sending = client.send(std::move(endpoint), std::move(request), kTestTimeoutMs);
    *out = co_await std::move(sending);
}

TEST_F(ServerTest, OneConnectionTooMany) {
    ServerOptions options;
    options.max_connections = 1;
    const Endpoint endpoint = serve(std::move(options));
    std::optional<Result<Response>> slow;
    spawn(loop_, ask_in_passing(*client_, endpoint, &slow));
    let_pass(100);  // its handler works
    const std::string answer = raw(endpoint, "GET / HTTP/1.1\r\nHost: h\r\n\r\n");
    EXPECT_EQ(answer.substr(0, 12), "HTTP/1.1 503");
    let_pass(600);
    ASSERT_TRUE(slow && *slow);
    EXPECT_EQ((*slow)->status, 200U);
    EXPECT_EQ(get(endpoint, "/2")->status, 200U);
}

TEST_F(ServerTest, AKeptConnectionGivesItsPlaceUp) {
    ServerOptions options;
    options.max_connections = 1;
    const Endpoint endpoint = serve(std::move(options));
    ASSERT_TRUE(get(endpoint, "/1"));  // the client keeps this connection
    const std::string answer = raw(endpoint, "GET / HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n");
    EXPECT_EQ(answer.substr(0, 12), "HTTP/1.1 200");
    const auto again = get(endpoint, "/2");  // by another one
    ASSERT_TRUE(again) << again.error().message;
    EXPECT_EQ(again->status, 200U);
}

TEST_F(ServerTest, OneWebSocketTooMany) {
    ServerOptions options;
    options.max_connections = 7;  // of which one of a peer may be a WebSocket
    const Endpoint endpoint = serve(std::move(options));
    Request request;
    const auto first = run(loop_, client_->open_socket(endpoint, request, kTestTimeoutMs));
    ASSERT_TRUE(first) << first.error().message;
    const auto second = run(loop_, client_->open_socket(endpoint, request, kTestTimeoutMs));
    ASSERT_FALSE(second);
    EXPECT_NE(second.error().message.find("503"), std::string::npos) << second.error().message;
    EXPECT_TRUE(run(loop_, (*first)->receive()));
    EXPECT_EQ(get(endpoint, "/1")->status, 200U);
}

TEST_F(ServerTest, Cors) {
    ServerOptions options;
    options.cors = true;
    const Endpoint endpoint = serve(std::move(options));
    Request request;
    request.method = "OPTIONS";
    const auto preflight = ask(endpoint, std::move(request));
    ASSERT_TRUE(preflight);
    EXPECT_EQ(preflight->status, 204U);
    EXPECT_EQ(preflight->headers.at("access-control-allow-origin"), "*");
    EXPECT_EQ(get(endpoint, "/")->headers.at("access-control-allow-origin"), "*");
}

TEST_F(ServerTest, BadAddressesAreRefused) {
    ServerOptions options;
    options.address = "no address";
    const auto server = listen(loop_, options, test_routes, {}, {});
    ASSERT_FALSE(server);
    EXPECT_EQ(server.error().code, Code::kIo);
}

Task<> stop_later(Loop& loop, std::unique_ptr<Server>* server) {
    Notifier never(loop);
    Task<bool> waiting = never.wait_for(50);
    co_await std::move(waiting);
    (*server)->stop();
}

TEST_F(ServerTest, StopEndsEverything) {
    const Endpoint endpoint = serve({});
    ASSERT_TRUE(get(endpoint, "/kept"));
    Request request;
    auto socket = run(loop_, client_->open_socket(endpoint, request, kTestTimeoutMs));
    ASSERT_TRUE(socket) << socket.error().message;
    ASSERT_TRUE(run(loop_, (*socket)->receive()));
    spawn(loop_, stop_later(loop_, &server_));
    Request slow;
    slow.target = "/slow";
    const auto response = ask(endpoint, std::move(slow));  // its handler still runs when the server stops
    ASSERT_FALSE(response);
    EXPECT_EQ(response.error().code, Code::kIo);
    EXPECT_FALSE(run(loop_, (*socket)->receive()));
    EXPECT_FALSE(get(endpoint, "/gone"));
    server_.reset();
    socket->reset();
    client_.reset();
    loop_.restart();
    const std::uint64_t start = clock_->monotonic_ms();
    loop_.run();  // ends: nothing is left that waits
    EXPECT_LT(clock_->monotonic_ms() - start, 2000U);
}

Task<> wait_on(Notifier* notifier, int* woken) {
    Task<> waiting = notifier->wait();
    co_await std::move(waiting);
    ++*woken;
}

TEST_F(ServerTest, NotifierWakesAllAndTimesOut) {
    Notifier notifier(loop_);
    int woken = 0;
    spawn(loop_, wait_on(&notifier, &woken));
    spawn(loop_, wait_on(&notifier, &woken));
    EXPECT_FALSE(run(loop_, notifier.wait_for(20)));
    EXPECT_EQ(woken, 0);
    notifier.notify_all();
    let_pass(1);
    EXPECT_EQ(woken, 2);
}

TEST_F(ServerTest, SignalsAreWaitedFor) {
    for (const int number : {SIGTERM, SIGINT}) {
        Task<int> waiting = wait_for_signal(loop_);
        ASSERT_EQ(::raise(number), 0);
        EXPECT_EQ(run(loop_, std::move(waiting)), number);
    }
}

Task<int> throwing() {
    throw std::runtime_error("thrown");
    co_return 1;
}

Task<> throwing_alone() {
    throw std::runtime_error("thrown");
    co_return;
}

TEST_F(ServerTest, RunThrowsAndSpawnDoesNot) {
    EXPECT_THROW(run(loop_, throwing()), std::runtime_error);
    spawn(loop_, throwing_alone());
    let_pass(1);
}

}  // namespace
}  // namespace sublet::net
