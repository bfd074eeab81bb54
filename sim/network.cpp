// network.cpp: requests as calls between the loops of one program.
#include "network.hpp"

#include <deque>

#include "net/notify.hpp"
#include "net/quiet.hpp"
#include "net/run.hpp"

namespace sublet::sim {

using net::Endpoint;
using net::Request;
using net::Response;
using net::Task;

namespace {
constexpr std::size_t kMaxSocketMessages = 1'024;  // that the other end has not read
}

struct SimNetwork::Exchange {
    Exchange(net::Loop& client, std::string client_name, std::string server_name)
        : changed(client), from(std::move(client_name)), to(std::move(server_name)) {}
    net::Notifier changed;
    std::string from, to;
    std::optional<Response> response;
    bool broken = false;
};

// One end of a WebSocket; what it sends is in the other end's queue at once, and breaks with either process.
class SimNetwork::Socket final : public net::WebSocket {
public:
    Socket(SimNetwork& network, net::Loop& loop, std::string process)
        : network_(network), changed_(loop), process_(std::move(process)) {}
    void join(const std::shared_ptr<Socket>& other) { other_ = other; }
    [[nodiscard]] const std::string& process() const { return process_; }

    Task<Result<net::SocketMessage>> receive() override {
        while (queue_.empty() && !closed_) {
            co_await changed_.wait();
        }
        if (queue_.empty()) {
            co_return fail(closed_->code, closed_->message);
        }
        net::SocketMessage out = std::move(queue_.front());
        queue_.pop_front();
        co_return out;
    }
    Task<Result<>> send(net::SocketMessage message) override {
        if (closed_) {
            co_return fail(closed_->code, closed_->message);
        }
        const std::shared_ptr<Socket> other = other_.lock();
        const bool lost =
            network_.is_cut(process_) || network_.dice_of(process_).chance(network_.weather.broken_socket_permille);
        if (!other || lost || other->queue_.size() >= kMaxSocketMessages) {
            break_both({Code::kIo, "the connection broke"});
            co_return fail(Code::kIo, "the connection broke");
        }
        other->queue_.push_back(std::move(message));
        other->changed_.notify_all();
        co_return Result<>{};
    }
    Task<> close(std::uint16_t code, std::string reason) override {
        break_both({Code::kCancelled, "closed with " + std::to_string(code) + ": " + reason});
        co_return;
    }
    void break_both(const Error& why) {
        end(why);
        if (const std::shared_ptr<Socket> other = other_.lock()) {
            other->end(why);
        }
    }

private:
    void end(const Error& why) {
        if (!closed_) {
            closed_ = why;
            changed_.notify_all();
        }
    }
    SimNetwork& network_;
    net::Notifier changed_;
    std::string process_;
    std::weak_ptr<Socket> other_;
    std::deque<net::SocketMessage> queue_;
    std::optional<Error> closed_;
};

Result<std::shared_ptr<SimNetwork::Served>> SimNetwork::find(const Endpoint& endpoint, const std::string& from) {
    const auto found = servers_.find({endpoint.unix_path.empty() ? endpoint.host : endpoint.unix_path, endpoint.port});
    if (found == servers_.end()) {
        return fail(Code::kIo, "connection refused: " + endpoint.host + ":" + std::to_string(endpoint.port));
    }
    const Served& served = *found->second;
    if (is_cut(from) || is_cut(served.process)) {
        return fail(Code::kTimeout, "no route from " + from + " to " + served.process);
    }
    if (endpoint.tls != served.options.tls.has_value() ||
        (endpoint.spki_pin && *endpoint.spki_pin != served.options.tls->spki)) {
        return fail(Code::kTls, "not the key that was expected of " + served.process);
    }
    return found->second;
}

void SimNetwork::drop(const std::string& process) {
    std::erase_if(servers_, [&](const auto& each) { return each.second->process == process; });
    for (const auto& weak : exchanges_) {
        const std::shared_ptr<Exchange> exchange = weak.lock();
        if (exchange && (exchange->to == process || exchange->from == process)) {
            exchange->broken = true;
            exchange->changed.notify_all();
        }
    }
    for (const auto& weak : sockets_) {
        const std::shared_ptr<Socket> socket = weak.lock();
        if (socket && socket->process() == process) {
            socket->break_both({Code::kIo, "the other end is gone"});
        }
    }
}

class SimTransport final : public net::Transport {
public:
    SimTransport(SimNetwork& network, net::Loop& loop, std::string process)
        : network_(network), loop_(loop), process_(std::move(process)) {}

    Task<Result<Response>> send(Endpoint endpoint, Request request, std::uint64_t timeout_ms) override {
        ++network_.exchange_count_;
        co_await pause(network_.latency_ms(process_));
        Result<std::shared_ptr<SimNetwork::Served>> found = network_.find(endpoint, process_);
        const bool lost = network_.dice_of(process_).chance(network_.weather.lost_request_permille);
        if (!found || lost) {
            if (!found && found.error().code != Code::kTimeout) {
                co_return std::unexpected{found.error()};
            }
            co_await pause(timeout_ms);
            co_return fail(Code::kTimeout, "no answer within " + std::to_string(timeout_ms) + " ms");
        }
        auto exchange = std::make_shared<SimNetwork::Exchange>(loop_, process_, (*found)->process);
        std::erase_if(network_.exchanges_, [](const auto& each) { return each.expired(); });
        network_.exchanges_.push_back(exchange);
        net::split_target(request);
        request.remote = process_;
        Task<> serving = serve(*found, std::move(request), exchange);
        net::spawn(*(*found)->loop, std::move(serving));
        const std::uint64_t until_ms = network_.time_.now_ms() + timeout_ms;
        while (!exchange->response && !exchange->broken && network_.time_.now_ms() < until_ms) {
            co_await exchange->changed.wait_for(until_ms - network_.time_.now_ms());
        }
        if (exchange->broken) {
            co_return fail(Code::kIo, "connection reset");
        }
        if (!exchange->response || network_.dice_of(process_).chance(network_.weather.lost_answer_permille)) {
            co_await pause(until_ms - std::min(until_ms, network_.time_.now_ms()));
            co_return fail(Code::kTimeout, "no answer within " + std::to_string(timeout_ms) + " ms");
        }
        co_await pause(network_.latency_ms(process_));
        co_return std::move(*exchange->response);
    }

    Task<Result<Response>> stream(Endpoint endpoint, Request request, std::uint64_t idle_timeout_ms,
                                  net::ChunkSink sink) override {
        Task<Result<Response>> sending = send(std::move(endpoint), std::move(request), idle_timeout_ms);
        Result<Response> response = co_await std::move(sending);
        if (response && response->status < 400) {
            Task<Result<>> taking = sink(std::move(response->body));
            const Result<> taken = co_await std::move(taking);
            if (!taken) {
                co_return std::unexpected{taken.error()};
            }
        }
        co_return response;
    }

    Task<Result<std::shared_ptr<net::WebSocket>>> open_socket(Endpoint endpoint, Request request,
                                                              std::uint64_t timeout_ms) override {
        co_await pause(network_.latency_ms(process_));
        Result<std::shared_ptr<SimNetwork::Served>> found = network_.find(endpoint, process_);
        if (!found) {
            if (found.error().code == Code::kTimeout) {
                co_await pause(timeout_ms);
            }
            co_return std::unexpected{found.error()};
        }
        const SimNetwork::Served& served = **found;
        net::split_target(request);
        if (const std::optional<Response> refused = served.gate ? served.gate(request) : std::nullopt) {
            co_return fail(Code::kHttp, "refused with status " + std::to_string(refused->status));
        }
        auto near = std::make_shared<SimNetwork::Socket>(network_, loop_, process_);
        auto far = std::make_shared<SimNetwork::Socket>(network_, *served.loop, served.process);
        near->join(far);
        far->join(near);
        std::erase_if(network_.sockets_, [](const auto& each) { return each.expired(); });
        network_.sockets_.push_back(near);
        network_.sockets_.push_back(far);
        Task<> serving = serve_socket(*found, std::move(request), far);
        net::spawn(*served.loop, std::move(serving));
        co_return std::shared_ptr<net::WebSocket>{near};
    }

private:
    Task<> pause(std::uint64_t length_ms) {
        const std::shared_ptr<net::Timer> timer = network_.time_.make_timer(loop_);
        co_await timer->wait(length_ms);
    }
    static Task<> serve(std::shared_ptr<SimNetwork::Served> served, Request request,
                        std::shared_ptr<SimNetwork::Exchange> exchange) {
        Task<Response> handling = served->handler(std::move(request));
        exchange->response = co_await std::move(handling);
        exchange->changed.notify_all();
    }
    static Task<> serve_socket(std::shared_ptr<SimNetwork::Served> served, Request request,
                               std::shared_ptr<SimNetwork::Socket> socket) {
        Task<> handling = served->socket_handler(std::move(request), socket);
        co_await std::move(handling);
        socket->break_both({Code::kCancelled, "the server ended the stream"});
    }

    SimNetwork& network_;
    net::Loop& loop_;
    std::string process_;
};

class SimServer final : public net::Server {
public:
    SimServer(SimNetwork& network, SimNetwork::Address address) : network_(network), address_(std::move(address)) {}
    ~SimServer() override { SimServer::stop(); }
    SimServer(const SimServer&) = delete;
    SimServer& operator=(const SimServer&) = delete;
    [[nodiscard]] std::uint16_t port() const override { return address_.second; }
    void stop() override { network_.servers_.erase(address_); }

private:
    SimNetwork& network_;
    SimNetwork::Address address_;
};

class SimListener final : public net::Listener {
public:
    SimListener(SimNetwork& network, net::Loop& loop, std::string process, std::string host)
        : network_(network), loop_(loop), process_(std::move(process)), host_(std::move(host)) {}
    Result<std::unique_ptr<net::Server>> listen(net::ServerOptions options, net::Handler handler,
                                                net::SocketHandler socket_handler, net::UpgradeGate gate) override {
        const bool local = !options.unix_path.empty();
        const std::uint16_t port = local ? std::uint16_t{0} : options.port != 0 ? options.port : network_.next_port_++;
        SimNetwork::Address address{local ? options.unix_path : host_, port};
        if (network_.servers_.contains(address)) {
            return fail(Code::kIo, "address in use: " + address.first + ":" + std::to_string(port));
        }
        network_.servers_[address] = std::make_shared<SimNetwork::Served>(SimNetwork::Served{
            process_, &loop_, std::move(options), std::move(handler), std::move(socket_handler), std::move(gate)});
        return std::unique_ptr<net::Server>{std::make_unique<SimServer>(network_, std::move(address))};
    }

private:
    SimNetwork& network_;
    net::Loop& loop_;
    std::string process_, host_;
};

std::unique_ptr<net::Transport> SimNetwork::transport(net::Loop& loop, std::string process) {
    return std::make_unique<SimTransport>(*this, loop, std::move(process));
}
std::unique_ptr<net::Listener> SimNetwork::listener(net::Loop& loop, std::string process, std::string host) {
    return std::make_unique<SimListener>(*this, loop, std::move(process), std::move(host));
}

}  // namespace sublet::sim
