// slow_peer_test.cpp: peers that send or read too slowly are cut off, those that are only slow are served.
#include "net/net_fixture.hpp"

namespace sublet::net {
namespace {

using SlowPeerTest = NetTest;

TEST_F(SlowPeerTest, SlowSendersAreCutOff) {
    ServerOptions options;
    options.idle_timeout_ms = 60;
    const Endpoint endpoint = serve(std::move(options));
    for (const char* beginning : {"", "GET / HT", "GET / HTTP/1.1\r\nHost: h\r\n",
                                  "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 9\r\n\r\nabc"}) {
        const std::uint64_t start = clock_->monotonic_ms();
        EXPECT_EQ(raw(endpoint, beginning), "");
        EXPECT_LT(clock_->monotonic_ms() - start, 1000U) << beginning;
    }
}

// Opens a connection, sends `beginning` and then a byte each 10 ms until the server closes; how long that was.
Task<std::uint64_t> drip(Loop& loop, Clock& clock, Endpoint endpoint, Bytes beginning) {
    const std::uint64_t start = clock.monotonic_ms();
    Task<Result<std::shared_ptr<Wire>>> dialing = dial(loop, endpoint, std::make_shared<ClientTls>(), kTestTimeoutMs);
    const Result<std::shared_ptr<Wire>> dialed = co_await std::move(dialing);
    bool open = dialed.has_value();
    Bytes next = std::move(beginning);
    while (open && clock.monotonic_ms() - start < kTestTimeoutMs) {
        Task<Result<>> writing = (*dialed)->write(next);
        const Result<> written = co_await std::move(writing);
        Task<> sleeping = clock.sleep(10);
        co_await std::move(sleeping);
        open = written && !(*dialed)->stale();
        next = "x";
    }
    co_return clock.monotonic_ms() - start;
}

TEST_F(SlowPeerTest, ABodyByteByByteIsCutOff) {
    ServerOptions options;
    options.idle_timeout_ms = 200;
    const Endpoint endpoint = serve(std::move(options));
    const std::uint64_t took =
        run(loop_, drip(loop_, *clock_, endpoint, "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 999999\r\n\r\n"));
    EXPECT_GE(took, 150U);
    EXPECT_LT(took, 600U);  // the body's own limit is 800 ms
    EXPECT_LT(run(loop_, drip(loop_, *clock_, endpoint,
                              "POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\nfffff\r\n")),
              600U);
}

Task<Result<>> send_slowly(Loop& loop, Clock& clock, Endpoint endpoint, std::size_t pieces, Bytes piece) {
    Task<Result<std::shared_ptr<Wire>>> dialing = dial(loop, endpoint, std::make_shared<ClientTls>(), kTestTimeoutMs);
    const Result<std::shared_ptr<Wire>> dialed = co_await std::move(dialing);
    const Bytes head =
        "POST / HTTP/1.1\r\nHost: h\r\nConnection: close\r\nContent-Length: " + std::to_string(pieces * piece.size()) +
        "\r\n\r\n";
    Task<Result<>> beginning = (*dialed)->write(head);
    Result<> went = co_await std::move(beginning);
    for (std::size_t i = 0; i < pieces && went; ++i) {
        Task<> sleeping = clock.sleep(50);
        co_await std::move(sleeping);
        Task<Result<>> writing = (*dialed)->write(piece);
        went = co_await std::move(writing);
    }
    Bytes answer;
    Task<Result<std::size_t>> reading = (*dialed)->read(answer);
    const Result<std::size_t> count = co_await std::move(reading);
    co_return answer.starts_with("HTTP/1.1 200") ? Result<>{} : fail(Code::kIo, "no answer: " + answer);
}

TEST_F(SlowPeerTest, ASlowBodyThatMovesIsTaken) {
    ServerOptions options;
    options.idle_timeout_ms = 200;
    const Endpoint endpoint = serve(std::move(options));
    // 500 ms in all, at 40 KiB a second: more than the grace, less than the most.
    const Result<> sent = run(loop_, send_slowly(loop_, *clock_, endpoint, 10, Bytes(2048, 'b')));
    EXPECT_TRUE(sent) << sent.error().message;
}

// Asks for much, reads nothing; how long until the server closes.
Task<std::uint64_t> ask_and_not_read(Loop& loop, Clock& clock, Endpoint endpoint) {
    const std::uint64_t start = clock.monotonic_ms();
    Task<Result<std::shared_ptr<Wire>>> dialing = dial(loop, endpoint, std::make_shared<ClientTls>(), kTestTimeoutMs);
    const Result<std::shared_ptr<Wire>> dialed = co_await std::move(dialing);
    Bytes requests;
    for (int i = 0; i < 10; ++i) {
        requests += "GET /big HTTP/1.1\r\nHost: h\r\n\r\n";
    }
    Task<Result<>> writing = (*dialed)->write(requests);
    Result<> written = co_await std::move(writing);
    while (written && clock.monotonic_ms() - start < kTestTimeoutMs) {
        Task<> sleeping = clock.sleep(10);
        co_await std::move(sleeping);
        const Bytes more = "x";  // once the server has closed this is answered by a reset
        Task<Result<>> trying = (*dialed)->write(more);
        written = co_await std::move(trying);
    }
    co_return clock.monotonic_ms() - start;
}

TEST_F(SlowPeerTest, AnAnswerThatNobodyReadsIsCutOff) {
    ServerOptions options;
    options.idle_timeout_ms = 100;
    const Endpoint endpoint = serve(std::move(options));
    EXPECT_LT(run(loop_, ask_and_not_read(loop_, *clock_, endpoint)), 1'500U);
    EXPECT_EQ(get(endpoint, "/big")->body.size(), 3U << 20U);
}

}  // namespace
}  // namespace sublet::net
