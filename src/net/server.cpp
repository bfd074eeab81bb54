// server.cpp: binds, accepts, counts and stops; what happens on a connection is in session.cpp.
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <boost/asio/basic_socket_acceptor.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/local/stream_protocol.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "net/run.hpp"
#include "net/session.hpp"

namespace sublet::net {
namespace {

namespace asio = boost::asio;
using asio::ip::tcp;
using boost::system::error_code;
using UnixProtocol = asio::local::stream_protocol;

constexpr unsigned kMaxRefusing = 64;
constexpr std::uint64_t kAcceptPauseMs = 50;  // after an error of accept(), for example no descriptor left

// One acceptor for both kinds of sockets. The file of a unix socket goes with it.
struct Acceptor {
    explicit Acceptor(Loop& loop) : tcp_acceptor(loop), unix_acceptor(loop), pause(loop) {}
    ~Acceptor() { close(); }
    Acceptor(const Acceptor&) = delete;
    Acceptor& operator=(const Acceptor&) = delete;

    void close() noexcept {
        error_code ignored;
        tcp_acceptor.close(ignored);
        unix_acceptor.close(ignored);
        pause.cancel(ignored);
        if (!unix_path.empty()) {
            ::unlink(unix_path.c_str());
            unix_path.clear();
        }
    }

    tcp::acceptor tcp_acceptor;
    UnixProtocol::acceptor unix_acceptor;
    asio::steady_timer pause;
    std::string unix_path;  // set once it is ours
};

std::string remote_name(const tcp::endpoint& peer) {
    const bool is_v6 = peer.address().is_v6();
    const std::string address = peer.address().to_string();
    return (is_v6 ? "[" + address + "]" : address) + ":" + std::to_string(peer.port());
}

void take_in(const std::shared_ptr<ServerCore>& core, Socket socket, std::string remote, const std::string& peer) {
    auto wire = std::make_shared<Wire>(std::move(socket), std::move(remote));
    auto place = core->places.take(peer, [weak = std::weak_ptr<Wire>(wire)] {
        if (const auto held = weak.lock()) {
            held->close();
        }
    });
    if (place) {
        spawn(core->loop, serve_connection(core, std::move(wire), std::move(place)));
    } else if (core->refusing < kMaxRefusing) {
        spawn(core->loop, refuse_connection(core, std::move(wire)));
    }
}

// Gives the next connection to take_in(); false when there was none.
Task<bool> accept_one(std::shared_ptr<ServerCore> core, std::shared_ptr<Acceptor> acceptor) {
    error_code error;
    if (acceptor->unix_acceptor.is_open()) {
        UnixProtocol::socket socket(core->loop);
        co_await acceptor->unix_acceptor.async_accept(socket, asio::redirect_error(asio::use_awaitable, error));
        if (!error && !core->stopped) {
            take_in(core, Socket(std::move(socket)), "unix", "unix");
        }
        co_return !error;
    }
    tcp::socket socket(core->loop);
    tcp::endpoint peer;
    co_await acceptor->tcp_acceptor.async_accept(socket, peer, asio::redirect_error(asio::use_awaitable, error));
    if (!error && !core->stopped) {
        take_in(core, Socket(std::move(socket)), remote_name(peer), peer_of(peer.address()));
    }
    co_return !error;
}

Task<> accept_loop(std::shared_ptr<ServerCore> core, std::shared_ptr<Acceptor> acceptor) {
    while (!core->stopped) {
        Task<bool> accepting = accept_one(core, acceptor);
        const bool accepted = co_await std::move(accepting);
        if (!accepted && !core->stopped) {
            acceptor->pause.expires_after(std::chrono::milliseconds(kAcceptPauseMs));
            error_code ignored;
            co_await acceptor->pause.async_wait(asio::redirect_error(asio::use_awaitable, ignored));
        }
    }
}

// How many files this process may have open.
std::uint64_t files_max() {
    rlimit files{};
    return ::getrlimit(RLIMIT_NOFILE, &files) == 0 ? files.rlim_cur : kMaxServerConnections;
}

class SystemServer final : public Server {
public:
    SystemServer(std::shared_ptr<ServerCore> core, std::shared_ptr<Acceptor> acceptor, std::uint16_t port)
        : core_(std::move(core)), acceptor_(std::move(acceptor)), port_(port) {}
    ~SystemServer() override { SystemServer::stop(); }

    [[nodiscard]] std::uint16_t port() const override { return port_; }

    void stop() override {
        core_->stopped = true;
        acceptor_->close();
        for (const auto& [key, weak] : core_->wires) {
            if (const auto wire = weak.lock()) {
                wire->close();
            }
        }
    }

private:
    std::shared_ptr<ServerCore> core_;
    std::shared_ptr<Acceptor> acceptor_;
    std::uint16_t port_;
};

std::unexpected<Error> bind_error(const std::string& where, const error_code& error) {
    const char* advice = error == asio::error::address_in_use ? "; stop what listens there or choose another one" : "";
    return fail(Code::kIo, "listening on " + where + ": " + error.message() + advice);
}

// A socket file that nobody answers on is left over from a crash and may go; anything else at that path stays.
Result<> clear_path(Loop& loop, const std::string& path) {
    struct stat info{};
    if (::lstat(path.c_str(), &info) != 0) {
        return {};
    }
    error_code error;
    UnixProtocol::socket probe(loop);
    if (S_ISSOCK(info.st_mode)) {
        probe.connect(UnixProtocol::endpoint(path), error);
    }
    if (!S_ISSOCK(info.st_mode) || !error) {
        return bind_error("unix://" + path, asio::error::address_in_use);
    }
    ::unlink(path.c_str());
    return {};
}

Result<> bind_unix(Loop& loop, Acceptor& acceptor, const std::string& path) {
    if (path.size() > 107) {  // sockaddr_un
        return fail(Code::kIo, "the socket path " + path + " is longer than 107 bytes; choose a shorter folder");
    }
    TRY_OK(clear_path(loop, path));
    error_code error;
    acceptor.unix_acceptor.open(UnixProtocol(), error);
    if (!error) {
        acceptor.unix_acceptor.bind(UnixProtocol::endpoint(path), error);
    }
    if (error) {
        return bind_error("unix://" + path, error);
    }
    acceptor.unix_path = path;
    ::chmod(path.c_str(), 0600);  // before anybody can connect
    acceptor.unix_acceptor.listen(asio::socket_base::max_listen_connections, error);
    return error ? Result<>(bind_error("unix://" + path, error)) : Result<>{};
}

Result<std::uint16_t> bind_tcp(Acceptor& acceptor, const std::string& host, std::uint16_t port) {
    const std::string where = host + ":" + std::to_string(port);
    error_code error;
    const asio::ip::address address = asio::ip::make_address(host == "localhost" ? "127.0.0.1" : host, error);
    if (error) {
        return fail(Code::kIo, "cannot listen on '" + host + "': give an address such as 127.0.0.1 or 0.0.0.0");
    }
    const tcp::endpoint endpoint(address, port);
    acceptor.tcp_acceptor.open(endpoint.protocol(), error);
    if (!error) {
        acceptor.tcp_acceptor.set_option(tcp::acceptor::reuse_address(true), error);
    }
    if (!error) {
        acceptor.tcp_acceptor.bind(endpoint, error);
    }
    if (!error) {
        acceptor.tcp_acceptor.listen(asio::socket_base::max_listen_connections, error);
    }
    const tcp::endpoint bound = error ? endpoint : acceptor.tcp_acceptor.local_endpoint(error);
    if (error) {
        return bind_error(where, error);
    }
    return bound.port();
}

}  // namespace

Result<std::unique_ptr<Server>> listen(Loop& loop, ServerOptions options, Handler handler, SocketHandler socket_handler,
                                       UpgradeGate gate) {
    const PlaceLimits limits = place_limits(options.max_connections, files_max());
    auto core = std::make_shared<ServerCore>(loop, std::move(options), limits);
    core->handler = std::move(handler);
    core->socket_handler = std::move(socket_handler);
    core->gate = std::move(gate);
    if (core->options.tls) {
        TRY(context, server_tls(*core->options.tls));
        core->tls = std::move(context);
    }
    auto acceptor = std::make_shared<Acceptor>(loop);
    std::uint16_t port = 0;
    if (!core->options.unix_path.empty()) {
        TRY_OK(bind_unix(loop, *acceptor, core->options.unix_path));
    } else {
        TRY(bound, bind_tcp(*acceptor, core->options.address, core->options.port));
        port = bound;
    }
    spawn(loop, accept_loop(core, acceptor));
    return std::unique_ptr<Server>(std::make_unique<SystemServer>(std::move(core), std::move(acceptor), port));
}

}  // namespace sublet::net
