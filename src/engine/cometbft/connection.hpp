// connection.hpp: one of CometBFT's connections: a thread that reads, a thread that writes, and between them the places
// of the answers, in the order of the requests. Reading never waits for writing: two ends that both wait to send would
// wait for ever.
#pragma once

#include <condition_variable>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <thread>

#include "base/bytes.hpp"
#include "base/result.hpp"

namespace sublet::abci {

inline constexpr std::size_t kMaxUnanswered = 1'000'000;  // of a connection; CometBFT's mempools are far smaller

class Connection : public std::enable_shared_from_this<Connection> {
public:
    // Of a message that came, with the place of its answer. An error ends the connection. On the reading thread.
    using Take = std::function<Result<>(const std::shared_ptr<Connection>&, std::uint64_t place, BytesView message,
                                        std::size_t waiting)>;

    // Owns the socket.
    Connection(int socket, Take take) : socket_(socket), take_(std::move(take)) {}
    ~Connection();
    Connection(const Connection&) = delete;
    Connection& operator=(const Connection&) = delete;

    void start();
    // From any thread: the framed answer for a place. Written once all before it are there.
    void answer(std::uint64_t place, Bytes framed);
    // Wakes both threads; they end.
    void stop();
    // After stop(), or once over().
    void join();
    [[nodiscard]] bool over() const;

private:
    void read();
    void write();
    Result<> read_on();

    int socket_;
    Take take_;
    std::thread reader_, writer_;

    mutable std::mutex mutex_;  // what follows
    std::condition_variable changed_;
    std::deque<std::optional<Bytes>> places_;
    std::uint64_t first_ = 0;  // number of the first of them
    bool stopping_ = false;
    bool read_over_ = false, write_over_ = false;
};

}  // namespace sublet::abci
