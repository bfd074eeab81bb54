// load.cpp: one thread and epoll, so that what is measured is the server.
#include "load.hpp"

#include <arpa/inet.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <charconv>
#include <memory>
#include <nlohmann/json.hpp>

#include "base/bytes.hpp"
#include "crypto/sha256.hpp"
#include "result.hpp"
#include "world.hpp"

namespace sublet::bench {

namespace {

constexpr int kSilenceMs = 20'000;

scenario::Failure broken(const std::string& what, std::string_view text) {
    return scenario::Failure(what + ": " + std::string{text.substr(0, 400)});
}

std::size_t body_length(std::string_view head) {
    std::string lower{head};
    std::ranges::transform(lower, lower.begin(), [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
    const std::size_t at = lower.find("content-length:");
    std::size_t length = 0;
    if (!lower.starts_with("http/1.1 200") || at == std::string::npos) {
        throw broken("not an answer with a length", head);
    }
    const std::size_t digits = lower.find_first_not_of(' ', at + 15);
    std::from_chars(lower.data() + digits, lower.data() + lower.size(), length);
    return length;
}

void check(std::string_view body, const Call& call) {
    const nlohmann::json answer = nlohmann::json::parse(body, nullptr, false);
    if (!answer.is_object() || !answer.contains("result") || answer["result"].value("code", -1) != 0 ||
        answer["result"].value("hash", "") != call.hash) {
        throw broken("not accepted", body);
    }
}

class Connection {
public:
    Connection(std::uint16_t port, const std::deque<Call>& calls)
        : socket_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)), calls_(calls) {
        sockaddr_in to{};
        to.sin_family = AF_INET;
        to.sin_port = htons(port);
        to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        const int on = 1;
        ::setsockopt(socket_, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
        if (::connect(socket_, reinterpret_cast<const sockaddr*>(&to), sizeof to) != 0) {
            throw scenario::Failure("cannot connect to port " + std::to_string(port));
        }
    }
    ~Connection() { ::close(socket_); }
    Connection(const Connection&) = delete;
    Connection& operator=(const Connection&) = delete;

    [[nodiscard]] int socket() const { return socket_; }
    // Sends the next call; false when there is none.
    bool send_next() {
        if (next_ == calls_.size()) {
            return false;
        }
        const std::string& request = calls_[next_].request;  // small: the socket's buffer is empty and takes it whole
        if (::send(socket_, request.data(), request.size(), MSG_NOSIGNAL) != static_cast<ssize_t>(request.size())) {
            throw scenario::Failure("cannot send");
        }
        return true;
    }
    // What came; true when the answer is whole, and right.
    bool receive() {
        std::array<char, 4'096> piece{};
        const ssize_t count = ::recv(socket_, piece.data(), piece.size(), 0);
        if (count <= 0) {
            throw broken("the server closed a connection after", received_);
        }
        received_.append(piece.data(), static_cast<std::size_t>(count));
        const std::size_t head = received_.find("\r\n\r\n");
        if (head == std::string::npos) {
            return false;
        }
        const std::size_t whole = head + 4 + body_length(std::string_view{received_}.substr(0, head));
        if (received_.size() < whole) {
            return false;
        }
        check(std::string_view{received_}.substr(head + 4), calls_[next_]);
        received_.clear();
        ++next_;
        return true;
    }

private:
    int socket_;
    const std::deque<Call>& calls_;
    std::size_t next_ = 0;
    std::string received_;
};

class Poll {
public:
    void add(Connection& connection) const {
        epoll_event event{};
        event.events = EPOLLIN;
        event.data.ptr = &connection;
        ::epoll_ctl(poll_, EPOLL_CTL_ADD, connection.socket(), &event);
    }
    // Connections with something to read.
    std::vector<Connection*> wait() const {
        std::array<epoll_event, 64> events{};
        const int count = ::epoll_wait(poll_, events.data(), static_cast<int>(events.size()), kSilenceMs);
        if (count <= 0) {
            throw scenario::Failure("the server is silent");
        }
        std::vector<Connection*> out;
        for (std::size_t i = 0; i < static_cast<std::size_t>(count); ++i) {
            out.push_back(static_cast<Connection*>(events.at(i).data.ptr));
        }
        return out;
    }
    Poll() = default;
    ~Poll() { ::close(poll_); }
    Poll(const Poll&) = delete;
    Poll& operator=(const Poll&) = delete;

private:
    int poll_ = ::epoll_create1(EPOLL_CLOEXEC);
};

}  // namespace

double call_rate(std::uint16_t port, const std::vector<std::deque<Call>>& of_connection) {
    const Poll poll;
    std::vector<std::unique_ptr<Connection>> all;
    std::size_t count = 0;
    for (const std::deque<Call>& calls : of_connection) {
        all.push_back(std::make_unique<Connection>(port, calls));
        poll.add(*all.back());
        count += calls.size();
    }
    const Timer::time_point start = Timer::now();
    std::size_t busy = 0;
    for (const std::unique_ptr<Connection>& each : all) {
        busy += each->send_next() ? 1U : 0U;
    }
    while (busy > 0) {
        for (Connection* each : poll.wait()) {
            busy -= each->receive() && !each->send_next() ? 1U : 0U;
        }
    }
    return static_cast<double>(count) / seconds_since(start);
}

Call broadcast(std::string_view transaction) {
    const std::string body =
        R"({"jsonrpc":"2.0","id":1,"method":"broadcast_tx_sync","params":{"tx":")" + to_base64(transaction) + R"("}})";
    Call out;
    out.request = "POST / HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\nContent-Length: " +
                  std::to_string(body.size()) + "\r\n\r\n" + body;
    out.hash = to_hex(view_of(crypto::sha256(transaction)));
    std::ranges::transform(out.hash, out.hash.begin(),
                           [](unsigned char c) { return static_cast<char>(std::toupper(c)); });
    return out;
}

}  // namespace sublet::bench
