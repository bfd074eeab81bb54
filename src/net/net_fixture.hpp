// net_fixture.hpp: what the tests of this room share: a loop with a server of a few routes, and a client.
#pragma once

#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>

#include "net/dial.hpp"
#include "net/host.hpp"
#include "net/http.hpp"
#include "net/run.hpp"

namespace sublet::net {

inline constexpr std::uint64_t kTestTimeoutMs = 5'000;

// A folder that goes with the test, even a failing one.
class TestFolder {
public:
    TestFolder() {
        std::string name = (std::filesystem::temp_directory_path() / "sublet-net-XXXXXX").string();
        path_ = ::mkdtemp(name.data()) != nullptr ? name : "";
    }
    ~TestFolder() {
        std::error_code ignored;
        std::filesystem::remove_all(path_, ignored);
    }
    TestFolder(const TestFolder&) = delete;
    TestFolder& operator=(const TestFolder&) = delete;
    [[nodiscard]] std::string file(const std::string& name) const { return path_ + "/" + name; }

private:
    std::string path_;
};

// Echoes: "<method> <path> <query a>|<body>"; some paths do special things.
inline Task<Response> test_routes(Request request) {
    Response response;
    if (request.path == "/throw") {
        throw std::runtime_error("secret detail");
    }
    if (request.path == "/slow") {
        const std::unique_ptr<Clock> clock = system_clock();
        Task<> sleeping = clock->sleep(400);
        co_await std::move(sleeping);
    }
    if (request.path == "/big") {
        response.body.assign(3U << 20U, 'x');
        co_return response;
    }
    response.status = request.path == "/missing" ? 404 : 200;
    if (request.path == "/split") {
        response.headers["x-bad"] = "a\r\nset-cookie: b";
    }
    response.headers["x-remote"] = request.remote;
    response.body = request.method + " " + request.path + " " + request.query["a"] + "|" + request.body;
    co_return response;
}

// Echoes messages; "close" closes with 4001, "throw" throws, "flood" sends until refused.
inline Task<> test_socket(Request request, std::shared_ptr<WebSocket> socket) {
    SocketMessage hello{Frame::kText, "hello " + request.path};
    Task<Result<>> greeting = socket->send(std::move(hello));
    const Result<> greeted = co_await std::move(greeting);
    while (greeted) {
        Task<Result<SocketMessage>> receiving = socket->receive();
        Result<SocketMessage> message = co_await std::move(receiving);
        if (!message) {
            co_return;
        }
        if (message->data == "throw") {
            throw std::runtime_error("secret detail");
        }
        if (message->data == "close") {
            std::string reason = "as you wish";
            Task<> closing = socket->close(4001, std::move(reason));
            co_await std::move(closing);
            co_return;
        }
        Task<Result<>> sending = socket->send(std::move(*message));
        const Result<> sent = co_await std::move(sending);
        if (!sent) {
            co_return;
        }
    }
}

class NetTest : public ::testing::Test {
protected:
    // Starts the server; fails the test if it cannot.
    Endpoint serve(ServerOptions options) {
        Endpoint endpoint{"127.0.0.1", 0, options.unix_path, options.tls.has_value(), std::nullopt};
        auto started = listen(loop_, std::move(options), test_routes, test_socket, gate_);
        if (!started) {
            ADD_FAILURE() << started.error().message;
            return endpoint;
        }
        server_ = std::move(*started);
        endpoint.port = server_->port();
        return endpoint;
    }

    Result<Response> ask(const Endpoint& endpoint, Request request, std::uint64_t timeout_ms = kTestTimeoutMs) {
        return run(loop_, client_->send(endpoint, std::move(request), timeout_ms));
    }
    Result<Response> get(const Endpoint& endpoint, std::string target) {
        Request request;
        request.target = std::move(target);
        return ask(endpoint, std::move(request));
    }

    // Sends bytes as they are and gives everything that comes back until the server closes.
    std::string raw(const Endpoint& endpoint, Bytes bytes) {
        return run(loop_, raw_exchange(loop_, endpoint, std::move(bytes)));
    }

    // Lets the other coroutines of the loop move for a while.
    void let_pass(std::uint64_t length_ms) { run(loop_, clock_->sleep(length_ms)); }

    Loop loop_;
    UpgradeGate gate_;
    std::unique_ptr<Clock> clock_ = system_clock();
    std::unique_ptr<Transport> client_ = system_transport(loop_);
    std::unique_ptr<Server> server_;

private:
    static Task<std::string> raw_exchange(Loop& loop, Endpoint endpoint, Bytes bytes) {
        auto tls = std::make_shared<ClientTls>();
        Task<Result<std::shared_ptr<Wire>>> dialing = dial(loop, endpoint, tls, kTestTimeoutMs);
        Result<std::shared_ptr<Wire>> wire = co_await std::move(dialing);
        if (!wire) {
            co_return "no connection: " + wire.error().message;
        }
        Task<Result<>> writing = (*wire)->write(bytes);
        const Result<> written = co_await std::move(writing);
        Bytes answer;
        while (written) {
            Task<Result<std::size_t>> reading = (*wire)->read(answer);
            const Result<std::size_t> count = co_await std::move(reading);
            if (!count || *count == 0) {
                break;
            }
        }
        (*wire)->close();
        co_return answer;
    }
};

}  // namespace sublet::net
