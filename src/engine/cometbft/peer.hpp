// peer.hpp: the other end of a connection: what CometBFT does, for tests, benches and the simulator.
#pragma once

#include <memory>
#include <string>

#include "engine/cometbft/frames.hpp"
#include "engine/cometbft/messages.hpp"

namespace sublet::abci {

inline constexpr unsigned kPeerPatience_s = 30;  // for one answer

class Peer {
public:
    // `address` as Server::address(). Errors: kUsage, kIo.
    static Result<std::unique_ptr<Peer>> dial(const std::string& address);
    ~Peer();
    Peer(const Peer&) = delete;
    Peer& operator=(const Peer&) = delete;

    // Errors: kIo (the other end is gone).
    Result<> send(BytesView bytes);
    Result<> send(const Request& request);
    // The next answer. Errors: kIo (closed), kTimeout, kMalformed.
    Result<Response> receive();
    // Sends it with a flush behind it and waits for both answers.
    Result<Response> ask(const Request& request);

private:
    explicit Peer(int socket) : socket_(socket) {}
    int socket_;
    FrameReader frames_;
};

}  // namespace sublet::abci
