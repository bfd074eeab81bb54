// server.cpp: listens, tells reads of the committed state from work, gives work to the lane.
#include "engine/cometbft/server.hpp"

#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "engine/cometbft/loose.hpp"
#include "engine/cometbft/sockets.hpp"
#include "net/log.hpp"

namespace sublet::abci {
namespace {

constexpr int kLook_ms = 200;  // at connections that ended

// Work of the application's one thread.
bool is_work(const Request& request) {
    return request.check_tx || request.init_chain || request.prepare_proposal || request.process_proposal ||
           request.finalize_block || request.commit || request.offer_snapshot || request.apply_snapshot_chunk;
}

}  // namespace

Result<std::unique_ptr<Server>> Server::start(std::string address, Application& application) {
    TRY(listening, listen_at(address));
    return std::unique_ptr<Server>{new Server{listening, std::move(address), application}};
}

Server::Server(int listening, std::string address, Application& application)
    : listening_(listening), address_(std::move(address)), application_(application), lane_(application) {
    accepting_ = std::thread{[this] { accept_on(); }};
}

Server::~Server() {
    stopping_ = true;
    ::shutdown(listening_, SHUT_RDWR);
    accepting_.join();
    ::close(listening_);
    if (const std::string file = socket_file(address_); !file.empty()) {
        ::unlink(file.c_str());
    }
}

void Server::accept_on() {
    while (!stopping_) {
        pollfd listening{.fd = listening_, .events = POLLIN, .revents = 0};
        const int ready = ::poll(&listening, 1, kLook_ms);
        join_ended();
        if (ready <= 0 || stopping_) {
            continue;
        }
        const int socket = ::accept4(listening_, nullptr, nullptr, SOCK_CLOEXEC);
        if (socket < 0) {
            continue;
        }
        if (connections_.size() >= kMaxConnections) {
            net::log(net::LogLevel::kWarning, "abci", "a connection too many is closed");
            ::close(socket);
            continue;
        }
        connections_.push_back(std::make_shared<Connection>(
            socket, [this](const std::shared_ptr<Connection>& from, std::uint64_t place, BytesView message,
                           std::size_t waiting) { return take(from, place, message, waiting); }));
        connections_.back()->start();
    }
    for (const std::shared_ptr<Connection>& each : connections_) {
        each->stop();
        each->join();
    }
    connections_.clear();
}

void Server::join_ended() {
    std::erase_if(connections_, [](const std::shared_ptr<Connection>& each) {
        if (!each->over()) {
            return false;
        }
        each->join();
        return true;
    });
}

Result<> Server::take(const std::shared_ptr<Connection>& from, std::uint64_t place, BytesView message,
                      std::size_t waiting) {
    TRY(request, decode_loosely<Request>(message));
    if (is_work(request)) {
        lane_.give({from, place, std::move(request)});
        return {};
    }
    const std::optional<Response> response = answer_read(request, waiting);
    if (!response) {
        return fail(Code::kMalformed, "a request of a kind that is not known here, or of none");
    }
    from->answer(place, framed(*response));
    return {};
}

std::optional<Response> Server::answer_read(const Request& request, std::size_t waiting) {
    Response out;
    if (request.echo) {
        out.echo = ResponseEcho{request.echo->message};
    } else if (request.flush) {
        out.flush.emplace();  // written when all before it are
    } else if (request.info) {
        out.info = application_.info(*request.info);
    } else if (request.query) {
        if (lane_.waiting() > kBusyLane || waiting > kBusyConnection) {
            ++refused_;
            out.query = ResponseQuery{.code = static_cast<std::uint32_t>(Code::kRefused),
                                      .log = "the node has too much to do; ask again in a moment"};
        } else {
            out.query = application_.query(*request.query);
        }
    } else if (request.list_snapshots) {
        out.list_snapshots = application_.list_snapshots();
    } else if (request.load_snapshot_chunk) {
        out.load_snapshot_chunk = application_.load_snapshot_chunk(*request.load_snapshot_chunk);
    } else {
        return std::nullopt;
    }
    return out;
}

}  // namespace sublet::abci
