// socket.cpp: Beast's WebSocket over a Wire, with an inbox and an outbox of bounded length: one of the three units that
// see Beast. Spec: RFC 6455.
#include <utility>  // before Asio with GCC 12

#include "net/socket.hpp"

#include <deque>

#include <boost/asio/post.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http/empty_body.hpp>
#include <boost/beast/http/message.hpp>
#include <boost/beast/websocket/stream.hpp>

#include "net/notify.hpp"
#include "net/parser.hpp"
#include "net/run.hpp"

namespace sublet::net {
namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace websocket = boost::beast::websocket;
using boost::system::error_code;

// Above the soft bound a sender waits for the peer to read; above the hard one (many senders) it is refused.
constexpr std::size_t kSoftQueueBytes = 256U << 10U;
constexpr std::size_t kMaxQueueBytes = 8U << 20U;
constexpr std::size_t kMaxQueueMessages = 4096;
constexpr std::size_t kMaxInboxMessages = 64;
constexpr std::uint64_t kSlowReaderMs = 30'000;  // so long may one message stay unread before the peer counts as gone
constexpr std::uint64_t kFlushMs = 5'000;
constexpr std::chrono::seconds kHandshakeLimit{10};
constexpr std::chrono::seconds kIdleLimit{60};
constexpr std::size_t kGatherBytes = 16U << 10U;
static_assert(kMaxQueueBytes >= 2 * kMaxSocketMessageBytes);

// A Wire in the shape that Beast's stream wants.
class BeastWire {
public:
    using executor_type = Wire::executor_type;
    explicit BeastWire(std::shared_ptr<Wire> wire) : wire_(std::move(wire)) {}
    executor_type get_executor() { return wire_->get_executor(); }
    [[nodiscard]] Wire& wire() const { return *wire_; }

    template <class Buffers, class Handler>
    auto async_read_some(const Buffers& buffers, Handler&& handler) {
        const auto start = [](auto own_handler, Wire* wire, asio::mutable_buffer room) {
            wire->start_read(room, shared_done(std::move(own_handler)));
        };
        asio::mutable_buffer room;
        for (auto at = asio::buffer_sequence_begin(buffers); at != asio::buffer_sequence_end(buffers); ++at) {
            room = *at;
            if (room.size() > 0) {
                break;
            }
        }
        return asio::async_initiate<Handler, void(error_code, std::size_t)>(start, handler, wire_.get(), room);
    }

    // Small pieces (a frame's header and its payload) leave together: one system call, one TLS record.
    template <class Buffers, class Handler>
    auto async_write_some(const Buffers& buffers, Handler&& handler) {
        const auto start = [](auto own_handler, Wire* wire, asio::const_buffer data) {
            wire->start_write(data, shared_done(std::move(own_handler)));
        };
        gathered_.resize(std::min(asio::buffer_size(buffers), kGatherBytes));
        asio::buffer_copy(asio::buffer(gathered_.data(), gathered_.size()), buffers);
        const asio::const_buffer data = asio::buffer(gathered_.data(), gathered_.size());
        return asio::async_initiate<Handler, void(error_code, std::size_t)>(start, handler, wire_.get(), data);
    }

    friend void beast_close_socket(BeastWire& self) { self.wire_->close(); }
    friend void teardown(beast::role_type, BeastWire& self, error_code& error) {
        self.wire_->shutdown_send();
        error = {};
    }
    template <class Handler>
    friend void async_teardown(beast::role_type, BeastWire& self, Handler&& handler) {
        self.wire_->shutdown_send();
        asio::post(self.get_executor(), beast::bind_front_handler(std::forward<Handler>(handler), error_code{}));
    }

private:
    // Beast's handlers only move; std::function wants copies.
    template <class Handler>
    static Wire::Done shared_done(Handler handler) {
        auto shared = std::make_shared<Handler>(std::move(handler));
        return [shared](error_code error, std::size_t count) {
            Handler own = std::move(*shared);
            own(error, count);
        };
    }

    std::shared_ptr<Wire> wire_;
    std::string gathered_;
};

using Stream = websocket::stream<BeastWire, false>;  // without deflate

struct Core {
    Core(Loop& own_loop, std::shared_ptr<Wire> own_wire)
        : loop(own_loop), wire(std::move(own_wire)), stream(wire), arrived(own_loop), drained(own_loop) {
        websocket::stream_base::timeout limits{};
        limits.handshake_timeout = kHandshakeLimit;
        limits.idle_timeout = kIdleLimit;
        limits.keep_alive_pings = true;
        stream.set_option(limits);
        stream.read_message_max(kMaxSocketMessageBytes);
        stream.auto_fragment(false);
        stream.write_buffer_bytes(kGatherBytes);
    }

    void end(Error error) {
        if (!ended) {
            ended = std::move(error);
        }
        arrived.notify_all();
        drained.notify_all();
    }

    Loop& loop;
    std::shared_ptr<Wire> wire;
    Stream stream;
    std::deque<SocketMessage> inbox;
    std::deque<SocketMessage> outbox;
    std::size_t outbox_bytes = 0;
    bool writing = false;
    bool closing = false;
    std::optional<Error> ended;
    Notifier arrived;  // the inbox or `ended` changed
    Notifier drained;  // the outbox shrank
};

Error reading_error(const Core& core, const error_code& error) {
    if (error == websocket::error::closed) {
        const websocket::close_reason& reason = core.stream.reason();
        std::string text = core.wire->name() + " closed the WebSocket with code " + std::to_string(reason.code);
        if (!reason.reason.empty()) {
            text.append(": ").append(reason.reason.data(), reason.reason.size());
        }
        return {Code::kCancelled, std::move(text)};
    }
    if (error == websocket::error::message_too_big) {
        return {Code::kTooLarge, core.wire->name() + " sent a WebSocket message longer than " +
                                     std::to_string(kMaxSocketMessageBytes) + " bytes"};
    }
    if (error == beast::error::timeout) {
        return {Code::kTimeout, core.wire->name() + " was silent for too long"};
    }
    return core.wire->error_from(error, "WebSocket of");
}

// Reads all the time, so that pings are answered and a close is seen even while nobody calls receive().
Task<> read_loop(std::shared_ptr<Core> core) {
    beast::flat_buffer buffer;
    while (!core->ended) {
        if (core->inbox.size() >= kMaxInboxMessages) {
            Task<> waiting = core->drained.wait();
            co_await std::move(waiting);
            continue;
        }
        error_code error;
        co_await core->stream.async_read(buffer, asio::redirect_error(asio::use_awaitable, error));
        if (error) {
            core->end(reading_error(*core, error));
            break;
        }
        const auto data = buffer.cdata();
        SocketMessage message{core->stream.got_text() ? Frame::kText : Frame::kBinary,
                              Bytes(static_cast<const char*>(data.data()), data.size())};
        buffer.consume(data.size());
        core->inbox.push_back(std::move(message));
        core->arrived.notify_all();
    }
}

Task<> write_loop(std::shared_ptr<Core> core) {
    while (!core->outbox.empty() && !core->ended) {
        core->stream.text(core->outbox.front().frame == Frame::kText);
        const asio::const_buffer data = asio::buffer(core->outbox.front().data);
        error_code error;
        core->wire->set_deadline(kSlowReaderMs);
        co_await core->stream.async_write(data, asio::redirect_error(asio::use_awaitable, error));
        core->wire->set_deadline(0);
        if (error) {
            core->end(core->wire->error_from(error, "WebSocket to"));
            break;
        }
        core->outbox_bytes -= core->outbox.front().data.size();
        core->outbox.pop_front();
        core->drained.notify_all();
    }
    core->writing = false;
    core->drained.notify_all();
}

class BeastSocket final : public WebSocket {
public:
    explicit BeastSocket(std::shared_ptr<Core> core) : core_(std::move(core)) {}
    ~BeastSocket() override {
        core_->wire->close();
        core_->end(Error{Code::kCancelled, "the WebSocket was given up here"});
    }

    // Each starts a coroutine that holds the core itself: the handle may die while it waits.
    Task<Result<SocketMessage>> receive() override { return receive_from(core_); }
    Task<Result<>> send(SocketMessage message) override { return send_over(core_, std::move(message)); }
    Task<> close(std::uint16_t code, std::string reason) override { return close_core(core_, code, std::move(reason)); }

private:
    static Task<Result<SocketMessage>> receive_from(std::shared_ptr<Core> core) {
        while (core->inbox.empty()) {
            if (core->ended) {
                co_return std::unexpected(*core->ended);
            }
            Task<> waiting = core->arrived.wait();
            co_await std::move(waiting);
        }
        SocketMessage message = std::move(core->inbox.front());
        core->inbox.pop_front();
        core->drained.notify_all();
        co_return message;
    }

    static Task<Result<>> send_over(std::shared_ptr<Core> core, SocketMessage message) {
        const std::size_t size = message.data.size();
        if (core->ended || core->closing) {
            co_return core->ended ? std::unexpected(*core->ended) : fail(Code::kCancelled, "the WebSocket is closing");
        }
        if (size > kMaxSocketMessageBytes) {
            co_return fail(Code::kTooLarge, "a WebSocket message of " + std::to_string(size) + " bytes; at most " +
                                                std::to_string(kMaxSocketMessageBytes));
        }
        if (core->outbox_bytes + size > kMaxQueueBytes || core->outbox.size() >= kMaxQueueMessages) {
            co_return fail(Code::kRefused, core->wire->name() + " reads too slowly: " +
                                               std::to_string(core->outbox.size()) + " messages wait already");
        }
        core->outbox_bytes += size;
        core->outbox.push_back(std::move(message));
        if (!core->writing) {
            core->writing = true;
            spawn(core->loop, write_loop(core));
        }
        while (core->outbox_bytes > kSoftQueueBytes && !core->ended) {
            Task<> waiting = core->drained.wait();
            co_await std::move(waiting);
        }
        if (core->ended) {
            co_return std::unexpected(*core->ended);
        }
        co_return Result<>{};
    }

    static Task<> close_core(std::shared_ptr<Core> core, std::uint16_t code, std::string reason) {
        if (core->closing || core->ended) {
            core->wire->close();
            co_return;
        }
        core->closing = true;
        while (core->writing && !core->ended) {
            Task<bool> waiting = core->drained.wait_for(kFlushMs);
            const bool moved = co_await std::move(waiting);
            if (!moved) {
                break;
            }
        }
        if (!core->ended && !core->writing) {
            constexpr std::size_t kMaxReasonBytes = 123;  // RFC 6455 §5.5
            const websocket::close_reason why(static_cast<websocket::close_code>(code),
                                              reason.substr(0, kMaxReasonBytes));
            error_code ignored;
            co_await core->stream.async_close(why, asio::redirect_error(asio::use_awaitable, ignored));
        }
        core->wire->close();
        core->end(Error{Code::kCancelled, "the WebSocket was closed here"});
    }

    std::shared_ptr<Core> core_;
};

std::shared_ptr<WebSocket> make_socket(std::shared_ptr<Core> core) {
    core->wire->set_deadline(0);  // from here on Beast's own time-outs hold
    spawn(core->loop, read_loop(core));
    return std::make_shared<BeastSocket>(std::move(core));
}

}  // namespace

Task<Result<std::shared_ptr<WebSocket>>> accept_socket(Loop& loop, std::shared_ptr<Wire> wire, Request request) {
    auto core = std::make_shared<Core>(loop, wire);
    beast::http::request<beast::http::empty_body> upgrade(beast::http::verb::get, request.target, 11);
    for (const auto& [name, value] : request.headers) {
        upgrade.set(name, value);
    }
    error_code error;
    co_await core->stream.async_accept(upgrade, asio::redirect_error(asio::use_awaitable, error));
    if (error) {
        Error reason = wire->error_from(error, "WebSocket upgrade of");
        co_return fail(reason.code == Code::kIo ? Code::kMalformed : reason.code, std::move(reason.message));
    }
    co_return make_socket(std::move(core));
}

Task<Result<std::shared_ptr<WebSocket>>> request_socket(Loop& loop, std::shared_ptr<Wire> wire, std::string host,
                                                        Request request) {
    for (const auto& [name, value] : request.headers) {
        if (!is_token(name) || !is_field_value(value)) {
            co_return fail(Code::kMalformed, "header '" + name + "' has characters that a header may not have");
        }
    }
    auto core = std::make_shared<Core>(loop, wire);
    core->stream.set_option(
        websocket::stream_base::decorator([headers = request.headers](websocket::request_type& upgrade) {
            for (const auto& [name, value] : headers) {
                upgrade.set(name, value);
            }
        }));
    websocket::response_type answer;
    error_code error;
    co_await core->stream.async_handshake(answer, host, request.target,
                                          asio::redirect_error(asio::use_awaitable, error));
    if (error == websocket::error::upgrade_declined) {
        const unsigned status = answer.result_int();
        const Code code = status == 401 || status == 403 ? Code::kUnauthorized
                          : status == 404                ? Code::kNotFound
                                                         : Code::kHttp;
        co_return fail(code, wire->name() + " answered the WebSocket upgrade with status " + std::to_string(status));
    }
    if (error) {
        co_return std::unexpected(wire->error_from(error, "WebSocket upgrade by"));
    }
    co_return make_socket(std::move(core));
}

}  // namespace sublet::net
