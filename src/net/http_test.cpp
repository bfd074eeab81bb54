// http_test.cpp: requests and answers over TCP and unix sockets, kept connections, streams, time-outs.
#include <sys/stat.h>

#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/local/stream_protocol.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "net/net_fixture.hpp"
#include "net/notify.hpp"

namespace sublet::net {
namespace {

struct Collected {
    std::vector<Bytes> pieces;
    std::size_t pieces_max = 1000;
};

Task<Result<>> collect(std::shared_ptr<Collected> out, Bytes piece) {
    out->pieces.push_back(std::move(piece));
    if (out->pieces.size() >= out->pieces_max) {
        co_return fail(Code::kConflict, "enough");
    }
    co_return Result<>{};
}

ChunkSink sink_into(const std::shared_ptr<Collected>& out) {
    return [out](Bytes piece) { return collect(out, std::move(piece)); };
}

// A server that knows no HTTP: reads what comes, answers with the given pieces, 30 ms apart, and closes if told so.
struct Script {
    std::vector<Bytes> pieces;
    bool close_at_end = true;
    unsigned connections = 0;
};

TEST_F(NetTest, AnswersMethods) {
    const Endpoint endpoint = serve({});
    for (const char* method : {"GET", "POST", "PUT", "DELETE", "PATCH", "X-OWN"}) {
        Request request;
        request.method = method;
        request.target = "/p%20q?a=1%2B1";
        request.body = std::string(method) == "GET" ? "" : std::string("b\0c", 3);
        const std::string body = request.body;
        const auto response = ask(endpoint, std::move(request));
        ASSERT_TRUE(response) << response.error().message;
        EXPECT_EQ(response->status, 200U);
        EXPECT_EQ(response->body, std::string(method) + " /p q 1+1|" + body);
    }
}

TEST_F(NetTest, HeadHasLengthButNoBody) {
    const Endpoint endpoint = serve({});
    Request request;
    request.method = "HEAD";
    request.target = "/h";
    const auto response = ask(endpoint, std::move(request));
    ASSERT_TRUE(response) << response.error().message;
    EXPECT_EQ(response->body, "");
    EXPECT_EQ(response->headers.at("content-length"), "9");
    const auto next = get(endpoint, "/after");  // the connection is still in step
    ASSERT_TRUE(next);
    EXPECT_EQ(next->body, "GET /after |");
}

TEST_F(NetTest, KeepsConnections) {
    const Endpoint endpoint = serve({});
    const auto first = get(endpoint, "/1");
    const auto second = get(endpoint, "/2");
    ASSERT_TRUE(first && second);
    EXPECT_EQ(first->headers.at("x-remote"), second->headers.at("x-remote"));
    Request closing;
    closing.headers["connection"] = "close";  // this room writes that header itself
    ASSERT_TRUE(ask(endpoint, std::move(closing)));
}

TEST_F(NetTest, StaleConnectionIsReplaced) {
    ServerOptions options;
    options.idle_timeout_ms = 50;
    const Endpoint endpoint = serve(std::move(options));
    const auto first = get(endpoint, "/1");
    let_pass(150);  // the server closes the idle connection
    const auto second = get(endpoint, "/2");
    ASSERT_TRUE(first && second);
    EXPECT_NE(first->headers.at("x-remote"), second->headers.at("x-remote"));
}

TEST_F(NetTest, ServerRestartIsNotNoticedByTheClient) {
    const Endpoint endpoint = serve({});
    ASSERT_TRUE(get(endpoint, "/1"));
    server_->stop();
    server_.reset();
    ServerOptions again;
    again.port = endpoint.port;
    serve(std::move(again));
    const auto second = get(endpoint, "/2");
    ASSERT_TRUE(second) << second.error().message;
}

TEST_F(NetTest, UnixSocket) {
    const TestFolder folder;
    ServerOptions options;
    options.unix_path = folder.file("s.sock");
    const Endpoint endpoint = serve(options);
    const auto response = get(endpoint, "/u");
    ASSERT_TRUE(response) << response.error().message;
    EXPECT_EQ(response->headers.at("x-remote"), "unix");
    struct stat info{};
    ASSERT_EQ(::stat(options.unix_path.c_str(), &info), 0);
    EXPECT_EQ(info.st_mode & 0777U, 0600U);
    const auto second = listen(loop_, options, test_routes, {}, {});
    ASSERT_FALSE(second);
    EXPECT_EQ(second.error().code, Code::kIo);
    server_->stop();
    EXPECT_FALSE(std::filesystem::exists(options.unix_path));
}

TEST_F(NetTest, LeftOverSocketFileIsReplacedButNoOtherFile) {
    const TestFolder folder;
    const std::string path = folder.file("s.sock");
    {
        boost::asio::local::stream_protocol::acceptor dead(loop_, boost::asio::local::stream_protocol::endpoint(path));
    }
    ServerOptions options;
    options.unix_path = path;
    EXPECT_TRUE(get(serve(options), "/"));
    options.unix_path = folder.file("file");
    ASSERT_TRUE(system_files()->write(options.unix_path, "x", 0600));
    EXPECT_FALSE(listen(loop_, options, test_routes, {}, {}));
    EXPECT_TRUE(std::filesystem::exists(options.unix_path));
}

TEST_F(NetTest, AddressInUseSaysWhich) {
    const Endpoint endpoint = serve({});
    ServerOptions options;
    options.port = endpoint.port;
    const auto second = listen(loop_, options, test_routes, {}, {});
    ASSERT_FALSE(second);
    EXPECT_EQ(second.error().code, Code::kIo);
    EXPECT_NE(second.error().message.find(std::to_string(endpoint.port)), std::string::npos);
}

TEST_F(NetTest, TimesOut) {
    const Endpoint endpoint = serve({});
    Request request;
    request.target = "/slow";
    const auto response = ask(endpoint, std::move(request), 100);
    ASSERT_FALSE(response);
    EXPECT_EQ(response.error().code, Code::kTimeout);
    EXPECT_NE(response.error().message.find("/slow"), std::string::npos);
}

TEST_F(NetTest, NobodyThere) {
    const Endpoint endpoint = serve({});
    server_->stop();
    server_.reset();
    let_pass(1);
    const auto response = get(endpoint, "/");
    ASSERT_FALSE(response);
    EXPECT_EQ(response.error().code, Code::kIo);
    const auto no_socket = get(Endpoint{"", 0, "/nonexistent/x.sock", false, std::nullopt}, "/");
    ASSERT_FALSE(no_socket);
    EXPECT_EQ(no_socket.error().code, Code::kIo);
    const auto no_name = get(Endpoint{"no-such-host.invalid", 80, "", false, std::nullopt}, "/");
    EXPECT_FALSE(no_name);
}

TEST_F(NetTest, LocalhostIsLookedUp) {
    Endpoint endpoint = serve({});
    endpoint.host = "localhost";
    EXPECT_TRUE(get(endpoint, "/"));
}

TEST_F(NetTest, ClientRefusesToBreakMessagesApart) {
    const Endpoint endpoint = serve({});
    Request header;
    header.headers["x"] = "a\r\ny: b";
    Request target;
    target.target = "/a b";
    Request method;
    method.method = "GET /\r\n";
    for (Request* request : {&header, &target, &method}) {
        const auto response = ask(endpoint, *request);
        ASSERT_FALSE(response);
        EXPECT_EQ(response.error().code, Code::kMalformed);
    }
}

TEST_F(NetTest, StreamsALongBody) {
    const Endpoint endpoint = serve({});
    auto collected = std::make_shared<Collected>();
    Request request;
    request.target = "/big";
    const auto response = run(loop_, client_->stream(endpoint, request, 1000, sink_into(collected)));
    ASSERT_TRUE(response) << response.error().message;
    std::size_t total = 0;
    for (const Bytes& piece : collected->pieces) {
        total += piece.size();
    }
    EXPECT_EQ(total, 3U << 20U);
    EXPECT_GT(collected->pieces.size(), 1U);
    EXPECT_EQ(response->body, "");
}

TEST_F(NetTest, StreamGivesAnErrorBodyToTheCaller) {
    const Endpoint endpoint = serve({});
    auto collected = std::make_shared<Collected>();
    Request request;
    request.target = "/missing";
    const auto response = run(loop_, client_->stream(endpoint, request, 1000, sink_into(collected)));
    ASSERT_TRUE(response);
    EXPECT_EQ(response->status, 404U);
    EXPECT_EQ(response->body, "GET /missing |");
    EXPECT_TRUE(collected->pieces.empty());
}

TEST_F(NetTest, SinkEndsTheTransfer) {
    const Endpoint endpoint = serve({});
    auto collected = std::make_shared<Collected>();
    collected->pieces_max = 1;
    Request request;
    request.target = "/big";
    const auto response = run(loop_, client_->stream(endpoint, request, 1000, sink_into(collected)));
    ASSERT_FALSE(response);
    EXPECT_EQ(response.error().code, Code::kConflict);
}

Task<> cancel_later(Loop& loop, std::shared_ptr<Canceller> canceller) {
    Notifier never(loop);
    Task<bool> waiting = never.wait_for(50);
    co_await std::move(waiting);
    canceller->cancel();
}

TEST_F(NetTest, CancelEndsAWaitingExchange) {
    const Endpoint endpoint = serve({});
    Request request;
    request.target = "/slow";
    request.canceller = std::make_shared<Canceller>();
    spawn(loop_, cancel_later(loop_, request.canceller));
    const auto response = ask(endpoint, request);
    ASSERT_FALSE(response);
    EXPECT_EQ(response.error().code, Code::kCancelled);
}

// ── a scripted server: chunked and endless bodies, broken answers ──

Task<> play_script(Loop& loop, std::shared_ptr<Script> script, std::shared_ptr<Wire> wire) {
    ++script->connections;
    Bytes request;
    Task<Result<std::size_t>> reading = wire->read(request);
    const Result<std::size_t> count = co_await std::move(reading);
    Notifier never(loop);
    for (std::size_t i = 0; count && i < script->pieces.size(); ++i) {
        Task<Result<>> writing = wire->write(script->pieces[i]);
        const Result<> written = co_await std::move(writing);
        Task<bool> pausing = never.wait_for(30);
        co_await std::move(pausing);
    }
    if (!script->close_at_end) {
        Task<bool> waiting = never.wait_for(2000);
        co_await std::move(waiting);
    }
    wire->close();
}

Task<> accept_scripted(Loop& loop, std::shared_ptr<Script> script,
                       std::shared_ptr<boost::asio::ip::tcp::acceptor> acceptor) {
    while (true) {
        boost::asio::ip::tcp::socket socket(loop);
        boost::system::error_code error;
        co_await acceptor->async_accept(socket, boost::asio::redirect_error(boost::asio::use_awaitable, error));
        if (error) {
            co_return;
        }
        auto wire = std::make_shared<Wire>(Socket(std::move(socket)), "test client");
        spawn(loop, play_script(loop, script, std::move(wire)));
    }
}

class ScriptTest : public NetTest {
protected:
    Endpoint play(Script script) {
        using boost::asio::ip::tcp;
        script_ = std::make_shared<Script>(std::move(script));
        const tcp::endpoint any(boost::asio::ip::make_address("127.0.0.1"), 0);
        acceptor_ = std::make_shared<tcp::acceptor>(loop_, any);
        spawn(loop_, accept_scripted(loop_, script_, acceptor_));
        return Endpoint{"127.0.0.1", acceptor_->local_endpoint().port(), "", false, std::nullopt};
    }
    Result<Response> stream(const Endpoint& endpoint, std::uint64_t idle_ms) {
        collected_ = std::make_shared<Collected>();
        Request request;
        return run(loop_, client_->stream(endpoint, request, idle_ms, sink_into(collected_)));
    }

    std::shared_ptr<Script> script_;
    std::shared_ptr<Collected> collected_;
    std::shared_ptr<boost::asio::ip::tcp::acceptor> acceptor_;
};

constexpr const char* kChunkedHead = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n";

TEST_F(ScriptTest, ChunkedBodyComesPieceByPiece) {
    const Endpoint endpoint = play({{kChunkedHead, "3\r\nabc\r\n", "4;x=y\r\nde", "fg\r\n", "0\r\n\r\n"}, true});
    const auto response = stream(endpoint, 1000);
    ASSERT_TRUE(response) << response.error().message;
    EXPECT_EQ(collected_->pieces, (std::vector<Bytes>{"abc", "de", "fg"}));
}

TEST_F(ScriptTest, RawBodyEndsWithTheConnection) {
    const Endpoint endpoint =
        play({{"HTTP/1.1 200 OK\r\nContent-Type: application/vnd.docker.raw-stream\r\n\r\n", "one", "two"}, true});
    const auto response = stream(endpoint, 1000);
    ASSERT_TRUE(response) << response.error().message;
    EXPECT_EQ(collected_->pieces, (std::vector<Bytes>{"one", "two"}));
}

TEST_F(ScriptTest, SilenceInAStreamTimesOut) {
    const auto response = stream(play({{kChunkedHead, "3\r\nabc\r\n"}, false}), 100);
    ASSERT_FALSE(response);
    EXPECT_EQ(response.error().code, Code::kTimeout);
    EXPECT_EQ(collected_->pieces, (std::vector<Bytes>{"abc"}));
}

TEST_F(ScriptTest, TruncatedAndBrokenAnswers) {
    struct Row {
        Bytes answer;
        Code code;
    };
    const Row rows[] = {
        {std::string(kChunkedHead) + "3\r\nab", Code::kIo},
        {"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nabc", Code::kIo},
        {"HTTP/1.1 200 OK\r\nContent-Le", Code::kIo},
        {"SSH-2.0-OpenSSH\r\n\r\n", Code::kMalformed},
        {std::string(kChunkedHead) + "zz\r\n", Code::kMalformed},
        {"HTTP/1.1 200 OK\r\nContent-Length: 99999999999\r\n\r\n", Code::kTooLarge},
        {"HTTP/1.1 200 OK\r\nX: " + std::string(kMaxHeaderBytes, 'x') + "\r\n\r\n", Code::kTooLarge},
    };
    for (const Row& row : rows) {
        const auto response = get(play({{row.answer}, true}), "/");
        ASSERT_FALSE(response) << row.answer.substr(0, 80);
        EXPECT_EQ(response.error().code, row.code) << row.answer.substr(0, 80) << response.error().message;
        EXPECT_EQ(script_->connections, 1U) << "an answered request is not repeated";
    }
}

TEST_F(ScriptTest, ContinueIsSkipped) {
    const auto response =
        get(play({{"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"}, true}), "/");
    ASSERT_TRUE(response) << response.error().message;
    EXPECT_EQ(response->status, 200U);
    EXPECT_EQ(response->body, "ok");
}

}  // namespace
}  // namespace sublet::net
