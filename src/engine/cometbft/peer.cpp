// peer.cpp: blocking, one thread.
#include "engine/cometbft/peer.hpp"

#include <array>
#include <cerrno>

#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include "codec/encode.hpp"
#include "engine/cometbft/loose.hpp"
#include "engine/cometbft/sockets.hpp"

namespace sublet::abci {

Result<std::unique_ptr<Peer>> Peer::dial(const std::string& address) {
    TRY(socket, abci::dial(address));
    const timeval patience{.tv_sec = kPeerPatience_s, .tv_usec = 0};
    ::setsockopt(socket, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
    return std::unique_ptr<Peer>{new Peer{socket}};
}

Peer::~Peer() { ::close(socket_); }

Result<> Peer::send(BytesView bytes) {
    return send_all(socket_, bytes) ? Result<>{} : fail(Code::kIo, "the application closed the connection");
}

Result<> Peer::send(const Request& request) {
    Bytes out;
    append_frame(out, codec::encode(request));
    return send(out);
}

Result<Response> Peer::receive() {
    std::array<char, 65'536> piece{};
    while (true) {
        TRY(message, frames_.next());
        if (message) {
            return decode_loosely<Response>(*message);
        }
        const ssize_t got = ::recv(socket_, piece.data(), piece.size(), 0);
        if (got < 0 && errno == EINTR) {
            continue;
        }
        if (got < 0 && errno == EAGAIN) {
            return fail(Code::kTimeout, "no answer within " + std::to_string(kPeerPatience_s) + " s");
        }
        if (got <= 0) {
            return fail(Code::kIo, "the application closed the connection");
        }
        frames_.feed({piece.data(), static_cast<std::size_t>(got)});
    }
}

Result<Response> Peer::ask(const Request& request) {
    TRY_OK(send(request));
    Request flush;
    flush.flush.emplace();
    TRY_OK(send(flush));
    TRY(response, receive());
    TRY(flushed, receive());
    return flushed.flush ? Result<Response>{std::move(response)}
                         : fail(Code::kMalformed, "behind an answer came something else than that of its flush");
}

}  // namespace sublet::abci
