// session.cpp: one connection of the server: requests one after the other, perhaps at last a WebSocket.
// Spec: RFC 9110, RFC 9112, RFC 6455 §4.2.
#include "net/session.hpp"

#include "net/parser.hpp"
#include "net/socket.hpp"

namespace sublet::net {
namespace {

constexpr std::uint64_t kTlsHandshakeMs = 10'000;
constexpr std::uint64_t kRefuseMs = 2'000;
constexpr std::uint64_t kBodyTimeoutFactor = 4;  // a body or an answer may take so many idle time-outs in all

// Keeps the books of the server for one connection, whatever way it ends.
class Registration {
public:
    // Without a place it is one that only gets a 503.
    Registration(std::shared_ptr<ServerCore> core, std::shared_ptr<Wire> wire, std::unique_ptr<Places::Place> place)
        : core_(std::move(core)), wire_(std::move(wire)), place_(std::move(place)) {
        core_->refusing += place_ ? 0U : 1U;
        core_->wires.emplace(wire_.get(), wire_);
    }
    ~Registration() {
        core_->refusing -= place_ ? 0U : 1U;
        core_->wires.erase(wire_.get());
        wire_->close();
    }
    Registration(const Registration&) = delete;
    Registration& operator=(const Registration&) = delete;
    [[nodiscard]] Places::Place& place() const { return *place_; }

private:
    std::shared_ptr<ServerCore> core_;
    std::shared_ptr<Wire> wire_;
    std::unique_ptr<Places::Place> place_;
};

Response plain_response(unsigned status, std::string text) {
    Response response;
    response.status = status;
    response.headers["content-type"] = "text/plain; charset=utf-8";
    response.body = std::move(text);
    return response;
}

Response busy_response() {
    Response response = plain_response(503, "Too many connections; try again in a moment.\n");
    response.headers["retry-after"] = "1";
    return response;
}

void allow_any_origin(Headers& headers) {
    headers["access-control-allow-origin"] = "*";
    headers["access-control-allow-methods"] = "GET, POST, OPTIONS";
    headers["access-control-allow-headers"] = "Content-Type, Accept";
    headers["access-control-max-age"] = "600";
}

struct ReadRequest {
    Request request;
    HeadOptions answer;    // how the answer must look
    bool ended = false;    // the peer went away: nothing to answer
    unsigned refusal = 0;  // not 0: the request is bad, answer this and close
    std::string why;
};

class Session {
public:
    // `place` outlives the session.
    Session(std::shared_ptr<ServerCore> core, std::shared_ptr<Wire> wire, Places::Place& place)
        : core_(std::move(core)), wire_(std::move(wire)), place_(place) {}

    Task<> run() {
        bool more = true;
        if (core_->tls) {
            wire_->set_deadline(kTlsHandshakeMs);
            Task<Result<>> shaking = wire_->serve_tls(core_->tls);
            const Result<> shaken = co_await std::move(shaking);
            more = shaken.has_value();
        }
        while (more && !core_->stopped) {
            Task<bool> serving = serve_one();
            more = co_await std::move(serving);
        }
    }

private:
    // False: the connection is over.
    Task<bool> serve_one() {
        Task<ReadRequest> reading = read_request();
        ReadRequest read = co_await std::move(reading);
        if (read.ended) {
            co_return false;
        }
        if (read.refusal != 0) {
            read.answer.keep_alive = false;
            Response refusal = plain_response(read.refusal, read.why + "\n");
            Task<bool> writing = write(std::move(refusal), read.answer);
            co_return co_await std::move(writing);
        }
        const bool wants_socket = read.request.method == "GET" && core_->socket_handler &&
                                  header_lists(read.request.headers, "connection", "upgrade") &&
                                  header_lists(read.request.headers, "upgrade", "websocket");
        if (wants_socket) {
            Task<bool> upgrading = upgrade(std::move(read.request), read.answer);
            co_return co_await std::move(upgrading);
        }
        Task<Response> answering = answer(std::move(read.request));
        Response response = co_await std::move(answering);
        Task<bool> writing = write(std::move(response), read.answer);
        co_return co_await std::move(writing);
    }

    Task<ReadRequest> read_request() {
        ReadRequest out;
        HttpParser parser(HttpParser::Kind::kRequest, core_->options.max_body_bytes);
        wire_->set_deadline(core_->options.idle_timeout_ms);
        place_.wait_for_peer();
        bool began = !input_.empty();
        bool body_began = false;
        while (true) {
            if (!input_.empty()) {
                const Result<> fed = parser.feed(input_);
                if (!fed) {
                    out.refusal = parser.refusal_status();
                    out.why = fed.error().message;
                    co_return out;
                }
            }
            if (parser.done()) {
                break;
            }
            if (parser.header_done() && !body_began) {
                body_began = true;
                wire_->set_pace(core_->options.idle_timeout_ms, core_->options.idle_timeout_ms * kBodyTimeoutFactor);
                Task<> inviting = invite_body(header_lists(parser.headers(), "expect", "100-continue"));
                co_await std::move(inviting);
            }
            Task<Result<std::size_t>> reading = wire_->read(input_);
            const Result<std::size_t> count = co_await std::move(reading);
            if (!count || *count == 0) {
                out.ended = !count || !began;
                out.refusal = 400;
                out.why = "the request is not complete";
                co_return out;
            }
            began = true;
        }
        wire_->set_deadline(0);
        place_.work();
        fill(out, parser);
        co_return out;
    }

    Task<> invite_body(bool asked) {
        if (asked) {
            const Bytes go_on = "HTTP/1.1 100 Continue\r\n\r\n";
            Task<Result<>> writing = wire_->write(go_on);
            const Result<> ignored = co_await std::move(writing);  // the next read tells
        }
    }

    void fill(ReadRequest& out, HttpParser& parser) const {
        out.answer.keep_alive = parser.keep_alive();
        out.answer.http10 = parser.is_http10();
        out.request.method = parser.take_method();
        out.request.target = parser.take_target();
        out.request.headers = parser.take_headers();
        out.request.body = parser.take_body();
        out.request.remote = wire_->name();
        split_target(out.request);
        out.answer.with_body = out.request.method != "HEAD";
        if (!out.answer.http10 && !out.request.headers.contains("host")) {
            out.refusal = 400;
            out.why = "a request of HTTP/1.1 names its host";
        }
    }

    Task<Response> answer(Request request) {
        if (core_->options.cors && request.method == "OPTIONS") {
            Response response;
            response.status = 204;
            co_return response;
        }
        Response response;
        bool failed = !core_->handler;
        try {
            if (core_->handler) {
                Task<Response> handling = core_->handler(std::move(request));
                response = co_await std::move(handling);
            }
        } catch (...) {
            failed = true;  // what went wrong is not the caller's business
        }
        co_return failed ? plain_response(500, "The server could not answer this request.\n") : std::move(response);
    }

    // False: the connection is over.
    Task<bool> write(Response response, HeadOptions options) {
        if (core_->options.cors) {
            allow_any_origin(response.headers);
        }
        if (core_->stopped) {
            options.keep_alive = false;
        }
        Result<Bytes> text = write_head(response, options);
        if (!text) {
            text = write_head(plain_response(500, "The server could not answer this request.\n"), options);
        }
        const Bytes bytes = text ? std::move(*text) : Bytes{};
        place_.wait_for_peer();
        wire_->set_pace(core_->options.idle_timeout_ms, core_->options.idle_timeout_ms * kBodyTimeoutFactor);
        Task<Result<>> writing = wire_->write(bytes);
        const Result<> written = co_await std::move(writing);
        if (!written || options.keep_alive) {
            co_return written.has_value();
        }
        Task<> finishing = wire_->finish();
        co_await std::move(finishing);
        co_return false;
    }

    Task<bool> upgrade(Request request, HeadOptions options) {
        std::optional<Response> refusal;
        try {
            refusal = core_->gate ? core_->gate(request) : std::nullopt;
        } catch (...) {
            refusal = plain_response(500, "The server could not answer this request.\n");
        }
        if (!refusal && !place_.become_socket()) {
            refusal = busy_response();
        }
        if (refusal) {
            Task<bool> writing = write(std::move(*refusal), options);
            co_return co_await std::move(writing);
        }
        wire_->unread(std::exchange(input_, {}));
        Task<Result<std::shared_ptr<WebSocket>>> accepting = accept_socket(core_->loop, wire_, request);
        Result<std::shared_ptr<WebSocket>> accepted = co_await std::move(accepting);
        if (!accepted) {
            co_return false;
        }
        const std::shared_ptr<WebSocket> socket = std::move(*accepted);
        bool failed = false;
        try {
            Task<> handling = core_->socket_handler(std::move(request), socket);
            co_await std::move(handling);
        } catch (...) {
            failed = true;
        }
        std::string reason = failed ? "internal error" : "";
        Task<> closing = socket->close(failed ? 1011 : 1000, std::move(reason));
        co_await std::move(closing);
        co_return false;
    }

    std::shared_ptr<ServerCore> core_;
    std::shared_ptr<Wire> wire_;
    Places::Place& place_;
    Bytes input_;
};

Task<> serve(std::shared_ptr<Registration> registration, std::shared_ptr<ServerCore> core, std::shared_ptr<Wire> wire) {
    Session session(core, wire, registration->place());
    Task<> running = session.run();
    co_await std::move(running);
    registration.reset();
}

Task<> refuse(std::shared_ptr<Registration> registration, std::shared_ptr<ServerCore> core,
              std::shared_ptr<Wire> wire) {
    wire->set_deadline(kRefuseMs);
    if (core->tls) {
        Task<Result<>> shaking = wire->serve_tls(core->tls);
        const Result<> shaken = co_await std::move(shaking);
        if (!shaken) {
            co_return;
        }
    }
    HeadOptions options;
    options.keep_alive = false;
    const Result<Bytes> text = write_head(busy_response(), options);
    if (text) {
        Task<Result<>> writing = wire->write(*text);
        const Result<> ignored = co_await std::move(writing);
    }
    Task<> finishing = wire->finish();
    co_await std::move(finishing);
    registration.reset();
}

}  // namespace

// Not coroutines themselves: the connection counts from the call on, not from the coroutine's first step.
Task<> serve_connection(std::shared_ptr<ServerCore> core, std::shared_ptr<Wire> wire,
                        std::unique_ptr<Places::Place> place) {
    auto registration = std::make_shared<Registration>(core, wire, std::move(place));
    return serve(std::move(registration), std::move(core), std::move(wire));
}

Task<> refuse_connection(std::shared_ptr<ServerCore> core, std::shared_ptr<Wire> wire) {
    auto registration = std::make_shared<Registration>(core, wire, nullptr);
    return refuse(std::move(registration), std::move(core), std::move(wire));
}

}  // namespace sublet::net
