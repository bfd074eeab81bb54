// server.hpp: an ABCI 2.0 server over a Unix or a TCP socket, as CometBFT v0.38 to v0.40 dial it: four connections,
// served at once. What reads the committed state is answered beside a block that is executed, and first refused when
// there is too much to do; what CometBFT cannot do without never is.
// Spec: docs/spec/consensus.md.
#pragma once

#include <list>
#include <memory>
#include <mutex>
#include <string>
#include <thread>

#include "engine/cometbft/lane.hpp"

namespace sublet::abci {

inline constexpr std::size_t kMaxConnections = 32;         // more are closed at once; CometBFT opens four
inline constexpr std::size_t kBusyLane = 5'000;            // requests that wait: then queries are refused
inline constexpr std::size_t kBusyConnection = 1U << 20U;  // bytes that wait behind a query: the same

class Server {
public:
    // `address` as of listen_at(). The application outlives the server. Errors: kUsage, kIo.
    static Result<std::unique_ptr<Server>> start(std::string address, Application& application);
    ~Server();
    Server(const Server&) = delete;
    Server& operator=(const Server&) = delete;

    // As CometBFT is told it, with the port.
    [[nodiscard]] const std::string& address() const { return address_; }
    // Why the application could not go on.
    [[nodiscard]] std::optional<std::string> halted() const { return lane_.halted(); }
    [[nodiscard]] std::uint64_t refused_queries() const { return refused_; }

private:
    Server(int listening, std::string address, Application& application);
    void accept_on();
    void join_ended();
    Result<> take(const std::shared_ptr<Connection>& from, std::uint64_t place, BytesView message, std::size_t waiting);
    std::optional<Response> answer_read(const Request& request, std::size_t waiting);

    int listening_;
    std::string address_;
    Application& application_;
    std::atomic<std::uint64_t> refused_ = 0;
    std::atomic<bool> stopping_ = false;
    std::list<std::shared_ptr<Connection>> connections_;  // the accepting thread's
    Lane lane_;
    std::thread accepting_;
};

}  // namespace sublet::abci
