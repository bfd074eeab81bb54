// client.cpp: the Transport of the real world: connections that are kept, one exchange or one stream over each at a
// time. Spec: RFC 9110, RFC 9112 §9.
#include <algorithm>
#include <array>
#include <map>

#include "net/dial.hpp"
#include "net/parser.hpp"
#include "net/quiet.hpp"
#include "net/socket.hpp"

namespace sublet::net {
namespace {

using SteadyTime = std::chrono::steady_clock::time_point;

constexpr std::size_t kMaxKeptPerEndpoint = 8;
constexpr std::size_t kMaxKept = 64;
constexpr std::chrono::seconds kKeepFor{30};

// Which connections may serve which request: all that decides whom we talk to.
std::string pool_key(const Endpoint& endpoint) {
    std::string key = endpoint_name(endpoint);
    if (endpoint.spki_pin) {
        key += ' ';
        key += view_of(*endpoint.spki_pin);
    }
    return key;
}

struct Core {
    explicit Core(Loop& own_loop) : loop(own_loop) {}

    std::shared_ptr<Wire> take(const std::string& key) {
        auto found = kept.find(key);
        while (found != kept.end() && !found->second.empty()) {
            Kept last = std::move(found->second.back());
            found->second.pop_back();
            --kept_count;
            if (std::chrono::steady_clock::now() - last.since < kKeepFor && !last.wire->stale()) {
                return last.wire;
            }
            last.wire->close();
        }
        return nullptr;
    }

    void give_back(const std::string& key, std::shared_ptr<Wire> wire) {
        if (closed || wire->closed()) {
            return;
        }
        if (kept_count >= kMaxKept) {
            kept.clear();  // rare: more servers than we keep in mind; start over
            kept_count = 0;
        }
        wire->set_deadline(0);
        std::vector<Kept>& list = kept[key];
        if (list.size() < kMaxKeptPerEndpoint) {
            list.push_back({std::move(wire), std::chrono::steady_clock::now()});
            ++kept_count;
        }
    }

    struct Kept {
        std::shared_ptr<Wire> wire;
        SteadyTime since;
    };
    Loop& loop;
    std::shared_ptr<ClientTls> tls = std::make_shared<ClientTls>();
    std::map<std::string, std::vector<Kept>> kept;
    std::size_t kept_count = 0;
    std::map<const Wire*, std::weak_ptr<Wire>> busy;
    bool closed = false;
};

// Registers a wire as busy, and with the canceller, for as long as an exchange runs over it.
class Busy {
public:
    Busy(std::shared_ptr<Core> core, const std::shared_ptr<Wire>& wire, std::shared_ptr<Canceller> canceller)
        : core_(std::move(core)), wire_(wire), canceller_(std::move(canceller)) {
        core_->busy.emplace(wire.get(), wire);
        if (canceller_) {
            canceller_->on_cancel([weak = std::weak_ptr<Wire>(wire)] {
                if (const auto alive = weak.lock()) {
                    alive->close();
                }
            });
        }
    }
    ~Busy() {
        core_->busy.erase(wire_.get());
        if (canceller_) {
            canceller_->on_cancel({});
        }
    }
    Busy(const Busy&) = delete;
    Busy& operator=(const Busy&) = delete;

private:
    std::shared_ptr<Core> core_;
    std::shared_ptr<Wire> wire_;
    std::shared_ptr<Canceller> canceller_;
};

// What one exchange needs; lives in the frame of transact() and is passed on by pointer.
struct Plan {
    Endpoint endpoint;
    Request request;
    ChunkSink sink;                // none: the body goes into the response
    std::uint64_t timeout_ms = 0;  // without a sink: for all of it; with one: for the connecting
    std::uint64_t idle_ms = 0;     // with a sink: between two pieces
    Bytes head;                    // the request as it goes over the wire
    SteadyTime end;
};

struct Outcome {
    Result<Response> result = Response{};
    bool answered = false;  // at least one byte came back
    bool reusable = false;
};

std::uint64_t left_ms(const Plan& plan) {
    const auto left =
        std::chrono::duration_cast<std::chrono::milliseconds>(plan.end - std::chrono::steady_clock::now()).count();
    return left > 1 ? static_cast<std::uint64_t>(left) : 1;
}

Error with_request(const Plan& plan, Error error) {
    error.message = plan.request.method + " " + plan.request.target + ": " + error.message;
    return error;
}

// One message from the wire into the outcome; informational answers (1xx) are skipped.
class Exchange {
public:
    Exchange(std::shared_ptr<Wire> wire, const Plan& plan) : wire_(std::move(wire)), plan_(plan) { renew_parser(); }

    Task<Outcome> run() {
        wire_->set_deadline(plan_.sink ? plan_.idle_ms : left_ms(plan_));
        Task<Result<>> writing = wire_->write(plan_.head);
        const Result<> written = co_await std::move(writing);
        // A server that refuses early may have answered and closed before it read everything: look before giving up.
        if (!written && written.error().code != Code::kIo) {
            outcome_.result = std::unexpected(written.error());
            co_return std::move(outcome_);
        }
        Task<Result<>> reading = read_answer();
        Result<> read = co_await std::move(reading);
        if (!read) {
            outcome_.result =
                std::unexpected(!written && !outcome_.answered ? written.error() : std::move(read).error());
            co_return std::move(outcome_);
        }
        Response response;
        response.status = parser_->status();
        outcome_.reusable = written && parser_->keep_alive() && !parser_->ends_with_connection() && input_.empty();
        response.headers = parser_->take_headers();
        response.body = std::move(body_);
        outcome_.result = std::move(response);
        co_return std::move(outcome_);
    }

private:
    [[nodiscard]] bool to_sink() const { return plan_.sink && parser_->header_done() && parser_->status() < 400; }

    void renew_parser() {
        const bool is_head = plan_.request.method == "HEAD";
        const auto limit = plan_.sink ? std::nullopt : std::optional<std::uint64_t>(kMaxBodyBytes);
        parser_ = std::make_unique<HttpParser>(is_head ? HttpParser::Kind::kHeadResponse : HttpParser::Kind::kResponse,
                                               limit);
    }

    Task<Result<>> read_answer() {
        while (true) {
            if (!input_.empty() && !parser_->done()) {
                CO_TRY_OK(parser_->feed(input_));
            }
            if (parser_->done() && parser_->status() < 200 && parser_->status() != 101) {
                renew_parser();
                if (!input_.empty()) {
                    continue;
                }
            }
            Task<Result<>> passing = pass_body();
            const Result<> passed = co_await std::move(passing);
            if (!passed || parser_->done()) {
                co_return passed;
            }
            if (plan_.sink) {
                wire_->set_deadline(plan_.idle_ms);
            }
            Task<Result<std::size_t>> reading = wire_->read(input_);
            const Result<std::size_t> count = co_await std::move(reading);
            if (!count) {
                co_return std::unexpected(count.error());
            }
            if (*count == 0) {
                co_return end_of_connection();
            }
            outcome_.answered = true;
        }
    }

    Result<> end_of_connection() {
        if (!outcome_.answered) {
            return fail(Code::kIo, wire_->name() + " closed the connection without an answer");
        }
        return parser_->feed_end();
    }

    Task<Result<>> pass_body() {
        Bytes piece = parser_->take_body();
        if (piece.empty()) {
            co_return Result<>{};
        }
        if (!to_sink()) {
            if (body_.size() + piece.size() > kMaxBodyBytes) {
                co_return fail(Code::kTooLarge, "the body is longer than " + std::to_string(kMaxBodyBytes) + " bytes");
            }
            body_ += piece;
            co_return Result<>{};
        }
        wire_->set_deadline(0);  // the time that the sink takes is not the server's
        Task<Result<>> sinking = plan_.sink(std::move(piece));
        co_return co_await std::move(sinking);
    }

    std::shared_ptr<Wire> wire_;
    const Plan& plan_;
    std::unique_ptr<HttpParser> parser_;
    Bytes input_;
    Bytes body_;
    Outcome outcome_;
};

// A kept connection first; if the server had closed it unseen, once more over a fresh one.
Task<Result<Response>> transact(std::shared_ptr<Core> core, Plan plan) {
    const std::string key = pool_key(plan.endpoint);
    const std::shared_ptr<Canceller> canceller = plan.request.canceller;
    auto head = write_head(plan.request, host_header(plan.endpoint));
    if (!head) {
        co_return std::unexpected(std::move(head).error());
    }
    plan.head = std::move(*head);
    plan.end = std::chrono::steady_clock::now() + std::chrono::milliseconds(plan.timeout_ms);
    while (true) {
        std::shared_ptr<Wire> wire = core->take(key);
        const bool kept = wire != nullptr;
        if (!kept) {
            Task<Result<std::shared_ptr<Wire>>> dialing = dial(core->loop, plan.endpoint, core->tls, left_ms(plan));
            Result<std::shared_ptr<Wire>> dialed = co_await std::move(dialing);
            if (!dialed) {
                co_return std::unexpected(with_request(plan, std::move(dialed).error()));
            }
            wire = std::move(*dialed);
        }
        if (core->closed || (canceller && canceller->cancelled())) {
            wire->close();
            co_return std::unexpected(with_request(plan, {Code::kCancelled, "cancelled here"}));
        }
        const Busy busy(core, wire, canceller);
        Exchange exchange(wire, plan);
        Task<Outcome> running = exchange.run();
        Outcome outcome = co_await std::move(running);
        if (outcome.result && outcome.reusable) {
            core->give_back(key, wire);
            co_return std::move(outcome.result);
        }
        wire->close();
        if (outcome.result) {
            co_return std::move(outcome.result);
        }
        if (!kept || outcome.answered || outcome.result.error().code != Code::kIo) {
            co_return std::unexpected(with_request(plan, std::move(outcome.result).error()));
        }
    }
}

Task<Result<std::shared_ptr<WebSocket>>> upgrade(std::shared_ptr<Core> core, Endpoint endpoint, Request request,
                                                 std::uint64_t timeout_ms) {
    Task<Result<std::shared_ptr<Wire>>> dialing = dial(core->loop, endpoint, core->tls, timeout_ms);
    Result<std::shared_ptr<Wire>> dialed = co_await std::move(dialing);
    if (!dialed) {
        co_return std::unexpected(std::move(dialed).error());
    }
    const std::shared_ptr<Wire> wire = std::move(*dialed);
    const Busy busy(core, wire, request.canceller);
    std::string host = host_header(endpoint);
    Task<Result<std::shared_ptr<WebSocket>>> asking =
        request_socket(core->loop, wire, std::move(host), std::move(request));
    Result<std::shared_ptr<WebSocket>> socket = co_await std::move(asking);
    if (!socket) {
        wire->close();
    }
    co_return socket;
}

class SystemTransport final : public Transport {
public:
    explicit SystemTransport(Loop& loop) : core_(std::make_shared<Core>(loop)) {}
    ~SystemTransport() override {
        core_->closed = true;
        core_->kept.clear();
        for (const auto& [key, weak] : core_->busy) {
            if (const auto wire = weak.lock()) {
                wire->close();
            }
        }
    }

    Task<Result<Response>> send(Endpoint endpoint, Request request, std::uint64_t timeout_ms) override {
        Plan plan{std::move(endpoint), std::move(request), {}, timeout_ms, 0, {}, {}};
        return transact(core_, std::move(plan));
    }
    Task<Result<Response>> stream(Endpoint endpoint, Request request, std::uint64_t idle_timeout_ms,
                                  ChunkSink sink) override {
        Plan plan{std::move(endpoint), std::move(request), std::move(sink), kDefaultTimeoutMs, idle_timeout_ms, {}, {}};
        return transact(core_, std::move(plan));
    }
    Task<Result<std::shared_ptr<WebSocket>>> open_socket(Endpoint endpoint, Request request,
                                                         std::uint64_t timeout_ms) override {
        return upgrade(core_, std::move(endpoint), std::move(request), timeout_ms);
    }

private:
    std::shared_ptr<Core> core_;
};

}  // namespace

std::unique_ptr<Transport> system_transport(Loop& loop) { return std::make_unique<SystemTransport>(loop); }

}  // namespace sublet::net
